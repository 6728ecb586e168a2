import { goldenMetric } from "../../contract/golden-metric";
import { acceleratorsOf } from "../../contract/hosts/accelerators";
import type { RunningExperiment } from "../../contract/desired-release";
import { hasGpu } from "../../contract/hosts/inference";
import { processorsOf } from "../../contract/hosts/processors";
import type { Scope } from "../scope";
import type { AlarmDescription } from "./alarm-description";
import { monitoringAlarms } from "./monitoring-alarms";

export type { AlarmDescription } from "./alarm-description";

const instances = "/aws/sagemaker/Endpoints";
const requests = "AWS/SageMaker";

/** What people are told beside the sentence. */
function serving(scope: Scope, cause: string) {
  return {
    area: "serving" as const,
    cause,
    runbook: "docs/runbooks/endpoint-alarm.md",
    command: `npx peregrine doctor --stack ${scope.environment}`,
  };
}

/**
 * Everything that tells people how a live endpoint is: as its users feel it, how its instances are, and, where
 * monitoring runs, what it says and whether anybody looks.
 * @param instanceType that the endpoint runs on; the setting's unless a release holds it on another.
 */
export function endpointAlarms(
  scope: Scope,
  instanceType = scope.settings.serving.instanceType,
): Readonly<Record<string, AlarmDescription>> {
  return { ...requestAlarms(scope), ...instanceAlarms(scope, instanceType), ...monitoringAlarms(scope) };
}

/** As its users feel it. */
export function requestAlarms(scope: Scope): Readonly<Record<"errors" | "latency", AlarmDescription>> {
  const { latencyP90Ms, errorPercent } = scope.settings.serving;
  const common = {
    namespace: requests,
    severity: "critical",
    periodSeconds: 60,
    // No traffic is no failure.
    missing: "notBreaching",
  } as const;
  return {
    errors: {
      ...common,
      ...serving(scope, "errors"),
      what: `More than ${errorPercent} % of requests are answered with 5xx.`,
      metricName: "Invocation5XXErrors",
      // 0 or 1 per request: the average is the share of failures.
      statistic: "Average",
      threshold: errorPercent / 100,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    },
    latency: {
      ...common,
      ...serving(scope, "latency"),
      what: `The model takes longer than ${latencyP90Ms} ms for one request in ten.`,
      // In microseconds.
      metricName: "ModelLatency",
      extendedStatistic: "p90",
      threshold: latencyP90Ms * 1000,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    },
  };
}

/**
 * How the challenger of an experiment is. A live one is judged by the experiment's own guardrails, within minutes, so
 * that people are only warned; a shadow fails for nobody.
 */
export function challengerAlarms(
  scope: Scope,
  { id, mode }: RunningExperiment,
): Readonly<Record<string, AlarmDescription>> {
  const about = (description: AlarmDescription): AlarmDescription => ({
    ...description,
    severity: "warning",
    what: `${description.what} It is the ${mode === "shadow" ? "shadow" : "challenger"} of experiment ${id}.`,
    runbook: "docs/runbooks/experiment-void.md",
    command: `npx peregrine experiment status --stack ${scope.environment}`,
  });
  const { errors, latency } = requestAlarms(scope);
  return { "challenger-errors": about(errors), "challenger-latency": about(latency) };
}

/**
 * How its instances are. Processors and GPUs count one by one: four busy processors are 400 per cent ("Monitor Amazon
 * SageMaker with Amazon CloudWatch"). Instances report every minute as long as they live, so silence is no good news
 * and no bad one: the alarm has too little data and says neither.
 */
function instanceAlarms(scope: Scope, instanceType: string): Readonly<Record<string, AlarmDescription>> {
  const { loadPercent } = scope.settings.serving;
  const common = { namespace: instances, severity: "warning", missing: "missing" } as const;
  // Load comes and goes; memory that is short stays short. Ten of fifteen minutes are no peak.
  const load = { ...common, statistic: "Average", periodSeconds: 60, evaluationPeriods: 15, datapointsToAlarm: 10 };
  const space = { ...common, statistic: "Maximum", periodSeconds: 60, evaluationPeriods: 5, datapointsToAlarm: 5 };
  // Of a type that AWS added since, one is assumed: too low a threshold is noticed, too high a one is not.
  const gpus = acceleratorsOf(instanceType) || 1;
  return {
    cpu: {
      ...load,
      ...serving(scope, "load"),
      what: `The processors of the instances are busier than ${loadPercent} %.`,
      metricName: "CPUUtilization",
      threshold: loadPercent * processorsOf(instanceType),
    },
    memory: {
      ...space,
      ...serving(scope, "memory"),
      what: `More than ${loadPercent} % of an instance's memory is in use; a container that finds none is killed.`,
      metricName: "MemoryUtilization",
      threshold: loadPercent,
    },
    ...(hasGpu(instanceType)
      ? {
          gpu: {
            ...load,
            ...serving(scope, "load"),
            what: `The GPUs of the instances are busier than ${loadPercent} %.`,
            metricName: "GPUUtilization",
            threshold: loadPercent * gpus,
          },
          "gpu-memory": {
            ...space,
            ...serving(scope, "memory"),
            what: `More than ${loadPercent} % of a GPU's memory is in use; requests that find none fail.`,
            metricName: "GPUMemoryUtilization",
            threshold: loadPercent * gpus,
          },
        }
      : {}),
    disk: {
      ...common,
      ...serving(scope, "disk"),
      what: "A disk is three quarters full; data capture stops when it fills up.",
      metricName: "DiskUtilization",
      statistic: "Maximum",
      threshold: 75,
      periodSeconds: 300,
      evaluationPeriods: 3,
      datapointsToAlarm: 1,
    },
  };
}

/**
 * The alarms that take a rollout back: the users' view, of the new fleet alone, within a minute; and what the release
 * finds itself, by its test images and by comparing both fleets, within seconds. That metric is sent with a resolution of one second, which allows a
 * period of ten; one wrong answer keeps the alarm up for a minute, so that SageMaker cannot look past it.
 */
export function rolloutAlarms(scope: Scope): Readonly<Record<string, AlarmDescription>> {
  const { errors, latency } = requestAlarms(scope);
  const { namespace, name } = goldenMetric(scope.environment);
  const atOnce = {
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    ...serving(scope, "rollout"),
    runbook: "docs/runbooks/release-failed.md",
  };
  const golden: AlarmDescription = {
    ...errors,
    ...atOnce,
    what: "The new fleet answers images of known content wrongly, or serves worse than the old one; SageMaker takes the update back.",
    namespace,
    metricName: name,
    statistic: "Maximum",
    threshold: 0,
    periodSeconds: 10,
    evaluationPeriods: 6,
  };
  return {
    "rollout-errors": { ...errors, ...atOnce, what: `${errors.what} SageMaker takes the update back.` },
    "rollout-latency": { ...latency, ...atOnce, what: `${latency.what} SageMaker takes the update back.` },
    "rollout-golden": golden,
  };
}
