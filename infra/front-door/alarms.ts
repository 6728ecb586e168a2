import type * as aws from "@pulumi/aws";
import type { AlarmFacts } from "../../contract/alarm-description";
import { doorFunction, heldQueue } from "../../contract/front-door";
import type { Scope } from "../scope";

/** An alarm of the front door: what it says, and what it watches. */
export interface DoorAlarm extends AlarmFacts {
  readonly metric: Readonly<
    Pick<
      aws.cloudwatch.MetricAlarmArgs,
      "namespace" | "metricName" | "dimensions" | "statistic" | "threshold" | "period" | "evaluationPeriods"
    >
  >;
}

/**
 * What people hear of the door beside each switch (`lifecycle/failover/notice.ts`): that it fails itself, and that what
 * it holds is not answered.
 */
export function doorAlarms({ environment }: Scope): Readonly<Record<string, DoorAlarm>> {
  const common = {
    area: "serving",
    runbook: "docs/runbooks/failover.md",
    command: `npx peregrine failover --stack ${environment}`,
  } as const;
  return {
    errors: {
      ...common,
      what: "The front door itself fails: clients are answered with 5xx.",
      severity: "critical",
      cause: "front-door",
      metric: {
        // Lambda developer guide, "Monitoring Lambda function URLs".
        namespace: "AWS/Lambda",
        metricName: "Url5xxCount",
        dimensions: { FunctionName: doorFunction(environment) },
        statistic: "Sum",
        threshold: 0,
        period: 60,
        evaluationPeriods: 1,
      },
    },
    held: {
      ...common,
      what: "Images have been waiting for an answer for longer than an hour.",
      severity: "warning",
      cause: "held-images",
      metric: {
        namespace: "AWS/SQS",
        metricName: "ApproximateAgeOfOldestMessage",
        dimensions: { QueueName: heldQueue(environment) },
        statistic: "Maximum",
        threshold: 3600,
        period: 300,
        evaluationPeriods: 1,
      },
    },
  };
}
