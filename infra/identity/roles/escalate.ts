import { escalationQueue, escalationsKey, heartbeatMetric } from "../../../contract/escalation";
import { alertTopic } from "../../../contract/names";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { writeLogs } from "../documents/functions";
import { define } from "./role-definition";

/** The function that tells the next level: publishes, remembers, and has itself called again. */
export const escalate = define({
  name: "escalate",
  kind: "service",
  description: "Tells the next level of alerts that nobody acknowledges",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["watch"],
  outlivesBudget: true,
  expected: { spec: "test/infra/alerts/escalation-on-local-cloud.spec.ts" },
  exists: (scope) => scope.escalates,
  duties: (scope) => ({ take: take(scope), keep: keep(scope), tell: tell(scope), key: useKey(scope) }),
});

function take({ arns, environment }: Scope): Statement[] {
  return [
    allow(
      "TakeAlerts",
      [
        // What an event source mapping asks for, and what waits for its time.
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
      ],
      [arns.queue(escalationQueue(environment))],
    ),
  ];
}

function keep({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    allow(
      "KeepEscalations",
      [
        // One small object, read and replaced.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, escalationsKey)],
    ),
    // Listing tells an object that is not there yet from a forbidden one.
    allow("MissEscalations", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
  ];
}

function tell(scope: Scope): Statement[] {
  const { arns, environment } = scope;
  return [
    allow("Tell", ["sns:Publish"], [arns.topic(alertTopic(environment, "*"))]),
    allow("Live", ["cloudwatch:PutMetricData"], ["*"], {
      StringEquals: { "cloudwatch:namespace": heartbeatMetric(environment).namespace },
    }),
    writeLogs(scope, "escalate"),
  ];
}

/** What acknowledges an alert, and shows those that wait. */
export function acknowledgeAlerts(scope: Scope): Statement[] {
  const { arns, artifactsBucket, environment } = scope;
  if (!scope.escalates) return [];
  return [
    allow(
      "AcknowledgeAlerts",
      [
        // The queue's URL is found by its name.
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
      ],
      [arns.queue(escalationQueue(environment))],
    ),
    allow("SeeAlerts", ["s3:GetObject"], [arns.object(artifactsBucket, escalationsKey)]),
  ];
}
