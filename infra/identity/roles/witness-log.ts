import { witnessedBy, witnessing, witnessParameter, witnessQueue } from "../../../contract/witness";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { writeLogs } from "../documents/functions";
import { define } from "./role-definition";

/** The function that remembers other environments' checkpoints: of those environments it reads nothing. */
export const witnessLog = define({
  name: witnessing,
  kind: "service",
  description: "Remembers the newest checkpoints of other environments' logs",
  trusted: { service: "lambda.amazonaws.com" },
  boundary: "witness-boundary",
  outlivesBudget: true,
  expected: { spec: "test/infra/identity/roles/witness-log.spec.ts" },
  exists: ({ environment }) => witnessedBy(environment).length > 0,
  duties: (scope) => ({ take: takeCheckpoints(scope), remember: [remember(scope)] }),
});

function takeCheckpoints(scope: Scope): Statement[] {
  const { arns, environment } = scope;
  return [
    allow(
      "TakeCheckpoints",
      [
        // What Lambda's poller does as the function's role.
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
      ],
      witnessedBy(environment).map((name) => arns.queue(witnessQueue(name))),
    ),
    writeLogs(scope, witnessing),
  ];
}

function remember({ arns, environment }: Scope): Statement {
  return allow(
    "Remember",
    [
      // What was seen last, and what is seen now.
      "ssm:GetParameter",
      "ssm:PutParameter",
    ],
    witnessedBy(environment).map((name) => arns.parameter(witnessParameter(name))),
  );
}

/** Shows the logs of some environments to their witnesses, and asks what those have seen. */
export function showLog(scopes: readonly Scope[]): Statement[] {
  return [
    allow(
      "ShowLog",
      [
        // The queue's URL is found by its name.
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
      ],
      scopes.map(({ arns, environment }) => arns.queue(witnessQueue(environment))),
    ),
    askWitness(scopes),
  ];
}

/** Asks what the witnesses of some environments' logs have seen. */
export function askWitness(scopes: readonly Scope[]): Statement {
  return allow(
    "AskWitness",
    ["ssm:GetParameter"],
    scopes.map(({ arns, environment }) => arns.parameter(witnessParameter(environment))),
  );
}
