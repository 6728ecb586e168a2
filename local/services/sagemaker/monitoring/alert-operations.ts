import type {
  ListMonitoringAlertHistoryCommandInput,
  ListMonitoringAlertHistoryCommandOutput,
  ListMonitoringAlertsCommandInput,
  ListMonitoringAlertsCommandOutput,
  UpdateMonitoringAlertCommandInput,
  UpdateMonitoringAlertCommandOutput,
} from "@aws-sdk/client-sagemaker";
import { monitoringChecks } from "../../../checks/monitoring";
import { AwsError } from "../../../errors";
import { type Fidelity, operation } from "../../../operation";
import { listed } from "../listing";
import { onAny, onOne } from "./requirements";
import { alertName, type ScheduleStore } from "./schedule-store";

const executed: Fidelity = {
  level: "executed",
  note: "each schedule has one alert, 1 of 1, which counts executions that failed or found violations; its only action is a mark in a console that is not here (believed: its name, and what it counts)",
};

/** Alerts of monitoring schedules: N of the last M executions. */
export const alertOperations = (store: ScheduleStore) => ({
  ListMonitoringAlerts: operation<ListMonitoringAlertsCommandInput, ListMonitoringAlertsCommandOutput>({
    requires: onAny,
    fidelity: executed,
    handle: ({ MonitoringScheduleName: name }) => {
      const { alert, createdMs } = store.get(name);
      return {
        MonitoringAlertSummaries: [
          {
            MonitoringAlertName: alertName,
            CreationTime: new Date(createdMs),
            LastModifiedTime: new Date(alert.modifiedMs),
            AlertStatus: alert.status,
            DatapointsToAlert: alert.datapoints,
            EvaluationPeriod: alert.periods,
            Actions: { ModelDashboardIndicator: { Enabled: true } },
          },
        ],
      };
    },
  }),

  UpdateMonitoringAlert: operation<UpdateMonitoringAlertCommandInput, UpdateMonitoringAlertCommandOutput>({
    requires: ({ MonitoringScheduleName: name, MonitoringAlertName: alert }, call) => [
      ...onOne(store.arn(name), call),
      ...onOne(`${store.arn(name)}/alert/${alert}`, call),
    ],
    fidelity: executed,
    handle: (input) => {
      const { MonitoringScheduleName: name, DatapointsToAlert: datapoints, EvaluationPeriod: periods } = input;
      const { arn, alert } = store.get(name);
      if (input.MonitoringAlertName !== alertName)
        throw new AwsError(
          "ResourceNotFound",
          `Could not find monitoring alert with name: ${input.MonitoringAlertName}`,
        );
      if (datapoints > periods) throw monitoringChecks.alertBounds();
      // Counted again with the next execution.
      store.schedules.put(name, {
        ...store.get(name),
        alert: { ...alert, datapoints, periods, modifiedMs: store.cloud.clock.nowMs() },
      });
      return { MonitoringScheduleArn: arn, MonitoringAlertName: alertName };
    },
  }),

  ListMonitoringAlertHistory: operation<
    ListMonitoringAlertHistoryCommandInput,
    ListMonitoringAlertHistoryCommandOutput
  >({
    requires: onAny,
    fidelity: executed,
    handle: (input) => {
      if (input.MonitoringScheduleName !== undefined) store.get(input.MonitoringScheduleName);
      const rows = [...store.alertChanges.values()]
        .filter(({ schedule }) => (input.MonitoringScheduleName ?? schedule) === schedule)
        .filter(() => (input.MonitoringAlertName ?? alertName) === alertName)
        .map(({ schedule, status, atMs }) => ({ name: schedule, status, createdMs: atMs }));
      const { items, next } = listed(rows, input);
      return {
        MonitoringAlertHistory: items.map(({ name, status, createdMs }) => ({
          MonitoringScheduleName: name,
          MonitoringAlertName: alertName,
          CreationTime: new Date(createdMs),
          AlertStatus: status,
        })),
        NextToken: next,
      };
    },
  }),
});
