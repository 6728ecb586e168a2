import { servingLogGroup } from "../../../contract/answer-tally";
import { experimentsPrefix, scoresKey } from "../../../contract/experiment";
import { ledgerKey } from "../../../contract/places";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { callBySchedule, writeLogs } from "../documents/functions";
import { define } from "./role-definition";

const exists = ({ settings }: Scope): boolean => settings.experiments.everyMinutes > 0;

const look = define({
  name: "look-at-experiment",
  kind: "service",
  description: "Looks at the endpoint's experiment: moves traffic between its variants, and asks for what follows",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["watch"],
  // What does harm is stopped, however much was spent.
  outlivesBudget: true,
  expected: { spec: "test/infra/identity/roles/look-at-experiment.spec.ts" },
  exists,
  duties: (scope) => ({
    see: see(scope),
    keep: keep(scope),
    act: act(scope),
    logs: [writeLogs(scope, "look-at-experiment")],
    key: useKey(scope),
  }),
});

const start = define({
  name: "look-at-experiment-start",
  kind: "service",
  description: "Starts the looks at the experiment on schedule",
  trusted: { service: "scheduler.amazonaws.com" },
  handedByDeployers: true,
  expected: { spec: "test/infra/identity/roles/look-at-experiment.spec.ts" },
  exists,
  duties: (scope) => ({ start: callBySchedule("StartLook", scope, "look-at-experiment") }),
});

/** Roles of what looks at experiments. The function's is not handed over by deployers: it moves traffic. */
export const experimentLookDefinitions = [look, start] as const;

/** The design in the ledger, the endpoint, its metrics, and what labelled answers scored. */
function see({ arns, artifactsBucket, endpointName }: Scope): Statement[] {
  return [
    allow("SeeMetrics", ["cloudwatch:GetMetricData"], ["*"]),
    // Containers count their answers in their logs.
    allow("ReadAnswers", ["logs:FilterLogEvents"], [arns.logGroup(`${servingLogGroup(endpointName)}*`)]),
    allow("SeeEndpoint", ["sagemaker:DescribeEndpoint"], [arns.sagemaker(`endpoint/${endpointName}`)]),
    // Listing tells a missing object from a forbidden one.
    allow("MissEvidence", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow(
      "ReadEvidence",
      ["s3:GetObject"],
      [ledgerKey, scoresKey(endpointName)].map((key) => arns.object(artifactsBucket, key)),
    ),
  ];
}

function keep({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    allow(
      "KeepLooks",
      [
        // Looks are read, and written where nobody else wrote since.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, `${experimentsPrefix}*`)],
    ),
  ];
}

/**
 * Moves traffic between the variants that are there; which they are, releases alone say. A challenger that won it can
 * only ask for, and the gate is asked then.
 */
function act({ arns, endpointName, names, requestQueue }: Scope): Statement[] {
  return [
    allow(
      "MoveTraffic",
      ["sagemaker:UpdateEndpointWeightsAndCapacities"],
      [arns.sagemaker(`endpoint/${endpointName}`)],
    ),
    allow(
      "AskForReleases",
      [
        // The queue by its name, then the request.
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
      ],
      [arns.queue(requestQueue)],
    ),
    allow("Tell", ["events:PutEvents"], [arns.events(`event-bus/${names.of("eventBus", "events")}`)]),
  ];
}
