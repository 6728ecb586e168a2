import { goldenMetric } from "../../contract/golden-metric";
import type { Scope } from "../scope";

/** An alarm as data: what it watches and from where on. */
export interface AlarmDescription {
  readonly description: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly statistic?: string;
  readonly extendedStatistic?: string;
  readonly threshold: number;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** So many of them must breach; all when left out. */
  readonly datapointsToAlarm?: number;
  readonly severity: "critical" | "warning";
}

/** Health of the endpoint as its users feel it, and of its instances. */
export function endpointAlarms({ settings: { serving } }: Scope): Readonly<Record<string, AlarmDescription>> {
  return {
    errors: {
      description: `More than ${serving.errorPercent} % of requests are answered with 5xx`,
      namespace: "AWS/SageMaker",
      metricName: "Invocation5XXErrors",
      // 0 or 1 per request: the average is the share of failures.
      statistic: "Average",
      threshold: serving.errorPercent / 100,
      periodSeconds: 60,
      evaluationPeriods: 2,
      severity: "critical",
    },
    latency: {
      description: `The model takes longer than ${serving.latencyP90Ms} ms for one request in ten`,
      namespace: "AWS/SageMaker",
      // In microseconds.
      metricName: "ModelLatency",
      extendedStatistic: "p90",
      threshold: serving.latencyP90Ms * 1000,
      periodSeconds: 60,
      evaluationPeriods: 3,
      severity: "critical",
    },
    disk: {
      description: "Disks are three quarters full; data capture stops when they fill up",
      namespace: "/aws/sagemaker/Endpoints",
      metricName: "DiskUtilization",
      statistic: "Maximum",
      threshold: 75,
      periodSeconds: 300,
      evaluationPeriods: 1,
      severity: "warning",
    },
  };
}

/**
 * The alarms that take a rollout back: the users' view, of the new fleet alone, within a minute; and what the release's
 * own test images are answered, within seconds. That metric is sent with a resolution of one second, which allows a
 * period of ten; one wrong answer keeps the alarm up for a minute, so that SageMaker cannot look past it.
 */
export function rolloutAlarms(scope: Scope): Readonly<Record<string, AlarmDescription>> {
  const { errors, latency } = endpointAlarms(scope);
  const { namespace, name } = goldenMetric(scope.environment);
  const golden: AlarmDescription = {
    description: "The new fleet answers images of known content wrongly",
    namespace,
    metricName: name,
    statistic: "Maximum",
    threshold: 0,
    periodSeconds: 10,
    evaluationPeriods: 6,
    datapointsToAlarm: 1,
    severity: "critical",
  };
  return {
    "rollout-errors": { ...errors!, evaluationPeriods: 1 },
    "rollout-latency": { ...latency!, evaluationPeriods: 1 },
    "rollout-golden": golden,
  };
}
