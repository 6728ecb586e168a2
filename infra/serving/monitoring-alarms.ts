import { monitoringMetric, monitoringNamespace } from "../../contract/monitoring";
import type { Scope } from "../scope";
import type { AlarmDescription } from "./alarm-description";

/**
 * What monitoring says of the model, and whether it says anything; none where monitoring does not run. Monitoring sends
 * one value a run, so the period is that between runs, and CloudWatch looks at most seven days back (PutMetricAlarm):
 * three daily runs at the most.
 */
export function monitoringAlarms(scope: Scope): Readonly<Record<string, AlarmDescription>> {
  const { mode, enabled } = scope.settings.monitoring;
  if (mode === "off" || !enabled) return {};
  return { ...qualityAlarms(scope), ...watchAlarms(scope) };
}

function common({ environment, settings }: Scope, cause: string, metricName: string) {
  return {
    cause,
    severity: "warning",
    area: "model",
    namespace: monitoringNamespace(environment),
    metricName,
    periodSeconds: settings.monitoring.everyHours * 3600,
  } as const;
}

/**
 * How good the answers are, as far as it is known. Most runs have no new labels, and an estimate outside of what it
 * learned is no estimate: without a value the alarm stays as it was.
 */
function qualityAlarms(scope: Scope): Readonly<Record<string, AlarmDescription>> {
  const { environment } = scope;
  const { map50, f1, labelLagHours } = scope.settings.monitoring.objectives;
  const quality = {
    below: true,
    statistic: "Average",
    // One bad sample of labels is often a small one.
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    missing: "ignore",
    runbook: "docs/runbooks/quality-falls.md",
    command: `npx peregrine doctor --stack ${environment}`,
  } as const;
  return {
    "quality-map50": {
      ...common(scope, "quality", monitoringMetric.map50),
      ...quality,
      what: `Measured on labelled answers, mAP50 is below ${map50}.`,
      threshold: map50,
    },
    "quality-f1": {
      ...common(scope, "quality", monitoringMetric.f1),
      ...quality,
      what: `Measured on labelled answers, F1 is below ${f1}.`,
      threshold: f1,
    },
    "quality-estimated": {
      ...common(scope, "estimated-quality", monitoringMetric.estimatedMap50),
      ...quality,
      what: `Estimated without labels, mAP50 is below ${map50}.`,
      threshold: map50,
    },
    "label-lag": {
      ...common(scope, "label-lag", monitoringMetric.labelLagHours),
      ...quality,
      below: undefined,
      what: `Labels come later than ${labelLagHours} hours after the answers: measured quality is out of date.`,
      threshold: labelLagHours,
      datapointsToAlarm: 3,
    },
  };
}

/**
 * Whether anybody looks: answers that are not captured, and captured ones that no run judges. Both count only while
 * requests come, so that a quiet night raises nothing.
 */
function watchAlarms(scope: Scope): Readonly<Record<string, AlarmDescription>> {
  const { environment } = scope;
  const { captureGapMinutes } = scope.settings.monitoring.objectives;
  const namespace = monitoringNamespace(environment);
  const invocations = { namespace: "AWS/SageMaker", metricName: "Invocations", statistic: "Sum" };
  const watch = {
    runbook: "docs/runbooks/endpoint-alarm.md",
    command: `npx peregrine doctor --stack ${environment}`,
  } as const;
  return {
    "capture-gap": {
      ...common(scope, "capture-gap", monitoringMetric.captureGapMinutes),
      ...watch,
      area: "serving",
      what: `Requests come, and none was captured for more than ${captureGapMinutes} minutes.`,
      expression: {
        text: "IF(FILL(requests, 0) > 0, gap, 0)",
        metrics: {
          requests: invocations,
          gap: { namespace, metricName: monitoringMetric.captureGapMinutes, statistic: "Maximum" },
        },
      },
      threshold: captureGapMinutes,
      // Twice in a row: the first requests after a pause are captured some minutes late.
      evaluationPeriods: 2,
      // The next alarm says that no run came.
      missing: "ignore",
    },
    unwatched: {
      ...common(scope, "unwatched", monitoringMetric.records),
      ...watch,
      what: "Requests come, and no monitoring run looked at them three times in a row.",
      expression: {
        text: "(FILL(requests, 0) > 0) * (FILL(records, -1) < 0)",
        metrics: {
          requests: invocations,
          records: { namespace, metricName: monitoringMetric.records, statistic: "Maximum" },
        },
      },
      threshold: 0,
      evaluationPeriods: 3,
      // Missing runs are filled in by the expression. No value of it at all is an endpoint that nobody calls.
      missing: "notBreaching",
    },
  };
}
