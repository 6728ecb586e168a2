import { eventBusName, monitoringNamespace } from "../../contract/monitoring";
import type { Scope } from "../scope";

/**
 * What the container is told in both modes beside Model Monitor's own variables (`ml/peregrine_ml/monitoring/job.py`
 * reads them). Baselines are found by the model that answered, so none is named: of several models that answer in one
 * window, each has its own.
 */
export function monitoringVariables(scope: Scope): Record<string, string> {
  const { everyHours, falseAlarmDays, minimumEffect, relevantDrop, objectives } = scope.settings.monitoring;
  return {
    environment: scope.environment,
    artifacts_uri: `s3://${scope.artifactsBucket}`,
    event_bus_name: eventBusName(scope.environment),
    metric_namespace: monitoringNamespace(scope.environment),
    every_hours: String(everyHours),
    false_alarm_days: String(falseAlarmDays),
    minimum_effect: String(minimumEffect),
    relevant_drop: String(relevantDrop),
    objective_map50: String(objectives.map50),
    objective_f1: String(objectives.f1),
  };
}
