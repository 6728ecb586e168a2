import type {
  ListMonitoringExecutionsCommandInput,
  ListMonitoringExecutionsCommandOutput,
} from "@aws-sdk/client-sagemaker";
import { operation } from "../../../operation";
import { listed } from "../listing";
import { timestampMs } from "../../pages";
import { describeExecution } from "./descriptions";
import { onAny } from "./requirements";
import type { ScheduleStore } from "./schedule-store";

/** Executions on a page, where the caller does not say how many (ListMonitoringExecutions, API reference). */
const pageSize = 10;

/** What monitoring schedules ran. */
export const executionOperations = (store: ScheduleStore) => ({
  ListMonitoringExecutions: operation<ListMonitoringExecutionsCommandInput, ListMonitoringExecutionsCommandOutput>({
    requires: onAny,
    fidelity: {
      level: "executed",
      note: "an execution is a processing job, which SageMaker makes by itself (believed: no right of the role's or of the caller's to make jobs is asked for); `CompletedWithViolations` comes from its exit message",
    },
    handle: (input) => {
      const { ScheduledTimeAfter: after, ScheduledTimeBefore: before, SortBy: by, ...others } = input;
      const rows = [...store.executions.values()]
        .filter(
          (execution) =>
            (input.MonitoringScheduleName ?? execution.schedule) === execution.schedule &&
            (input.EndpointName ?? execution.endpointName) === execution.endpointName &&
            (input.MonitoringTypeEquals ?? execution.type) === execution.type &&
            (input.MonitoringJobDefinitionName ?? execution.definitionName) === execution.definitionName &&
            execution.scheduledMs > (timestampMs(after) ?? -Infinity) &&
            execution.scheduledMs < (timestampMs(before) ?? Infinity),
        )
        .map((execution) => ({
          name: execution.schedule,
          status: execution.status,
          createdMs: by === "ScheduledTime" ? execution.scheduledMs : execution.createdMs,
          modifiedMs: execution.modifiedMs,
          execution,
        }));
      const sorted = by === "Status" ? { SortBy: by } : {};
      const { items, next } = listed(rows, { MaxResults: pageSize, ...others, ...sorted });
      return {
        MonitoringExecutionSummaries: items.map(({ execution }) => describeExecution(execution)),
        NextToken: next,
      };
    },
  }),
});
