import {
  doorFunction,
  failoverLedgerKey,
  failoverStateKey,
  heldQueue,
  rungEndpoint,
} from "../../../contract/front-door";
import { prefixes } from "../../../contract/places";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { writeLogs } from "../documents/functions";
import { define } from "./role-definition";

/** The functions of the front door: whoever sends them an image has it answered, and nothing else. */
export const frontDoor = define({
  name: "front-door",
  kind: "service",
  description: "Has images answered by the best model that can, holds the others, and notes who answers",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["held", "watch"],
  expected: { spec: "test/infra/identity/roles/front-door.spec.ts" },
  exists: ({ settings }) => settings.frontDoor !== undefined,
  duties: (scope) => ({
    answer: askModels(scope),
    agree: agreeOnServers(scope),
    hold: holdImages(scope),
    tell: tell(scope),
    key: useKey(scope),
  }),
});

function askModels({ arns, environment, settings }: Scope): Statement[] {
  const endpoint = (rung: Parameters<typeof rungEndpoint>[1]) =>
    arns.sagemaker(`endpoint/${rungEndpoint(environment, rung)}`);
  return [
    allow("AskModels", ["sagemaker:InvokeEndpoint"], (settings.frontDoor?.rungs ?? []).map(endpoint)),
    // Which variants there are, and how the traffic is shared.
    allow("SeeVariants", ["sagemaker:DescribeEndpoint"], [endpoint("champion")]),
  ];
}

/** What all copies of the door agree on, and the ledger of switches. */
function agreeOnServers({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    // Listing tells what is not there yet from what is forbidden.
    allow("MissObjects", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow(
      "AgreeOnServers",
      [
        // Read, and replaced where nobody else wrote since.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [failoverStateKey, failoverLedgerKey].map((key) => arns.object(artifactsBucket, key)),
    ),
  ];
}

function holdImages({ arns, artifactsBucket, environment }: Scope): Statement[] {
  return [
    allow(
      "HoldImages",
      [
        // Images are kept and read again; answers as well.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, `${prefixes.held}*`)],
    ),
    allow(
      "QueueImages",
      [
        // Put there by the one function; taken by the other (Lambda developer guide, "Using Lambda with Amazon SQS").
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
      ],
      [arns.queue(heldQueue(environment))],
    ),
  ];
}

function tell(scope: Scope): Statement[] {
  const { arns, names } = scope;
  return [
    allow("TellSwitches", ["events:PutEvents"], [arns.events(`event-bus/${names.of("eventBus", "events")}`)]),
    writeLogs(scope, "front-door", "answer-held"),
  ];
}

/**
 * Sends images to the door. A URL needs both rights (Lambda developer guide, "Control access to Lambda function URLs");
 * the second holds for the URL alone: whoever calls the function itself writes the event.
 */
export function useFrontDoor({ arns, environment, settings }: Scope): Statement[] {
  if (!settings.frontDoor) return [];
  const functionArn = arns.lambda(doorFunction(environment));
  return [
    allow(
      "UseFrontDoor",
      [
        // Found by its function's name.
        "lambda:GetFunctionUrlConfig",
        "lambda:InvokeFunctionUrl",
      ],
      [functionArn],
    ),
    allow("UseFrontDoorByUrl", ["lambda:InvokeFunction"], [functionArn], {
      Bool: { "lambda:InvokedViaFunctionUrl": "true" },
    }),
  ];
}
