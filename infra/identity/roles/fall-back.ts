import { fallBackPrefix } from "../../../contract/monitoring";
import { ledgerKey, lockKey } from "../../../contract/places";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { writeLogs } from "../documents/functions";
import { define } from "./role-definition";

/** The function that asks for the release before: a request like a person's, and nothing else. */
export const fallBack = define({
  name: "fall-back",
  kind: "service",
  description: "Asks for the release before when the endpoint fails its users",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["watch"],
  expected: { spec: "test/infra/front-door/fall-back-on-local-cloud.spec.ts" },
  exists: ({ settings }) => settings.rollBackByAlarm,
  duties: (scope) => ({ ask: askForRelease(scope), know: knowReleases(scope), tell: tell(scope), key: useKey(scope) }),
});

function askForRelease({ arns, requestQueue }: Scope): Statement[] {
  return [
    allow(
      "AskForRelease",
      [
        // The queue's URL is found by its name.
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
      ],
      [arns.queue(requestQueue)],
    ),
  ];
}

/** What is live, what was before, and whether somebody releases; and what was asked for already. */
function knowReleases({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    allow("MissObjects", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow(
      "ReadReleases",
      ["s3:GetObject"],
      [ledgerKey, lockKey].map((key) => arns.object(artifactsBucket, key)),
    ),
    allow(
      "AskOnce",
      [
        // Written where there is none; taken back when the request could not be sent.
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, `${fallBackPrefix}*`)],
    ),
  ];
}

function tell(scope: Scope): Statement[] {
  const { arns, names, deadLetterQueue } = scope;
  return [
    allow("TellBus", ["events:PutEvents"], [arns.events(`event-bus/${names.of("eventBus", "events")}`)]),
    allow("KeepDeadLetters", ["sqs:SendMessage"], [arns.queue(deadLetterQueue)]),
    writeLogs(scope, "start-release-before"),
  ];
}
