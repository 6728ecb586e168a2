import type {
  CreateMonitoringScheduleCommandInput,
  CreateMonitoringScheduleCommandOutput,
  DeleteMonitoringScheduleCommandInput,
  DeleteMonitoringScheduleCommandOutput,
  DescribeMonitoringScheduleCommandInput,
  DescribeMonitoringScheduleCommandOutput,
  ListMonitoringSchedulesCommandInput,
  ListMonitoringSchedulesCommandOutput,
  MonitoringScheduleConfig,
  StartMonitoringScheduleCommandInput,
  StartMonitoringScheduleCommandOutput,
  StopMonitoringScheduleCommandInput,
  StopMonitoringScheduleCommandOutput,
  UpdateMonitoringScheduleCommandInput,
  UpdateMonitoringScheduleCommandOutput,
} from "@aws-sdk/client-sagemaker";
import type { Call, Requirement } from "../../../call";
import { monitoringChecks } from "../../../checks/monitoring";
import { AwsError } from "../../../errors";
import { type Fidelity, operation, type Validated } from "../../../operation";
import { listed } from "../listing";
import type { Tag } from "../tags";
import { monitoringJobOf } from "./job-definition";
import type { Parts } from "./parts";
import { describeSchedule, summary } from "./descriptions";
import { bringingJob, jobContext, onAny, onOne } from "./requirements";
import type { ScheduleRecord } from "./schedule-store";
import { longestSeconds, timetableOf } from "./timetable";
import { offsetsOf } from "./window";

const executed: Fidelity = {
  level: "executed",
  note: "monitoring schedules run their jobs at their times, up to 20 minutes late; a change is pending for 15 cloud seconds (believed; AWS gives no number)",
};

/** Schedules on a page, where the caller does not say how many (ListMonitoringSchedules, API reference). */
const pageSize = 10;

/** Monitoring schedules: made, changed, stopped, started, shown and deleted. */
export const scheduleOperations = (parts: Parts) => ({
  CreateMonitoringSchedule: operation<CreateMonitoringScheduleCommandInput, CreateMonitoringScheduleCommandOutput>({
    requires: (input, call) =>
      bringing(parts, input.MonitoringScheduleName, input.MonitoringScheduleConfig, call, input.Tags),
    fidelity: executed,
    handle: ({ MonitoringScheduleName: name, MonitoringScheduleConfig: config, Tags: tags }) => {
      const { store } = parts;
      parts.admit();
      const arn = store.arn(name);
      if (store.schedules.has(name))
        throw new AwsError("ResourceInUse", `Monitoring Schedule with name ${name} already exists (${arn})`);
      const checked = check(parts, name, config);
      const nowMs = store.cloud.clock.nowMs();
      parts.tags.put(arn, tags);
      store.schedules.put(name, {
        ...checked,
        name,
        arn,
        config,
        status: "Pending",
        becomes: "Scheduled",
        createdMs: nowMs,
        modifiedMs: nowMs,
        alert: { status: "OK", datapoints: 1, periods: 1, modifiedMs: nowMs },
      });
      parts.executions.settle(name);
      return { MonitoringScheduleArn: arn };
    },
  }),

  UpdateMonitoringSchedule: operation<UpdateMonitoringScheduleCommandInput, UpdateMonitoringScheduleCommandOutput>({
    requires: (input, call) => bringing(parts, input.MonitoringScheduleName, input.MonitoringScheduleConfig, call),
    fidelity: executed,
    handle: ({ MonitoringScheduleName: name, MonitoringScheduleConfig: config }) => {
      const { arn } = settled(parts, name);
      parts.store.change(name, { ...check(parts, name, config), config, status: "Pending" });
      parts.executions.settle(name);
      return { MonitoringScheduleArn: arn };
    },
  }),

  StartMonitoringSchedule: operation<StartMonitoringScheduleCommandInput, StartMonitoringScheduleCommandOutput>({
    requires: (input, call) => onOne(parts.store.arn(input.MonitoringScheduleName), call),
    fidelity: executed,
    handle: ({ MonitoringScheduleName: name }) => becoming(parts, name, "Scheduled"),
  }),

  StopMonitoringSchedule: operation<StopMonitoringScheduleCommandInput, StopMonitoringScheduleCommandOutput>({
    requires: (input, call) => onOne(parts.store.arn(input.MonitoringScheduleName), call),
    fidelity: executed,
    handle: ({ MonitoringScheduleName: name }) => becoming(parts, name, "Stopped"),
  }),

  DescribeMonitoringSchedule: operation<
    DescribeMonitoringScheduleCommandInput,
    DescribeMonitoringScheduleCommandOutput
  >({
    requires: (input, call) => onOne(parts.store.arn(input.MonitoringScheduleName), call),
    fidelity: executed,
    handle: ({ MonitoringScheduleName: name }) => describeSchedule(parts.store, parts.store.get(name)),
  }),

  DeleteMonitoringSchedule: operation<DeleteMonitoringScheduleCommandInput, DeleteMonitoringScheduleCommandOutput>({
    requires: (input, call) => onOne(parts.store.arn(input.MonitoringScheduleName), call),
    fidelity: executed,
    handle: ({ MonitoringScheduleName: name }) => {
      const { arn } = settled(parts, name);
      parts.store.schedules.delete(name);
      parts.executions.forget(name);
      parts.tags.drop(arn);
      return {};
    },
  }),

  ListMonitoringSchedules: operation<ListMonitoringSchedulesCommandInput, ListMonitoringSchedulesCommandOutput>({
    requires: onAny,
    fidelity: executed,
    handle: (input) => {
      const rows = [...parts.store.schedules.values()].filter(
        ({ endpointName, config, type }) =>
          (input.EndpointName ?? endpointName) === endpointName &&
          (input.MonitoringTypeEquals ?? type) === type &&
          (input.MonitoringJobDefinitionName ?? config.MonitoringJobDefinitionName) ===
            config.MonitoringJobDefinitionName,
      );
      const { items, next } = listed(rows, { MaxResults: pageSize, ...input });
      return { MonitoringScheduleSummaries: items.map(summary), NextToken: next };
    },
  }),
});

function bringing(
  { store }: Parts,
  name: string,
  { MonitoringJobDefinition: inline }: Validated<MonitoringScheduleConfig>,
  call: Call,
  tags?: readonly Tag[],
): Requirement[] {
  return bringingJob(store.arn(name), call, {
    context: jobContext(
      inline?.MonitoringResources,
      inline?.MonitoringOutputConfig,
      inline?.NetworkConfig,
      inline?.StoppingCondition?.MaxRuntimeInSeconds,
    ),
    roleArn: inline?.RoleArn,
    tags,
  });
}

/** @throws AwsError for a schedule whose last change still goes on. */
function settled({ store }: Parts, name: string): ScheduleRecord {
  const schedule = store.get(name);
  if (schedule.status === "Pending") throw monitoringChecks.settled(schedule.status);
  return schedule;
}

function becoming(parts: Parts, name: string, becomes: ScheduleRecord["becomes"]): Record<never, never> {
  const { status } = settled(parts, name);
  // That a schedule which is there already is left alone is believed.
  if (status === becomes) return {};
  parts.store.change(name, { status: "Pending", becomes });
  parts.executions.settle(name);
  return {};
}

/** @throws AwsError ValidationException for what cannot run. */
function check({ definitions, endpoints }: Parts, name: string, config: Validated<MonitoringScheduleConfig>) {
  const job = monitoringJobOf(config, definitions);
  const timetable = timetableOf(config.ScheduleConfig, name);
  offsetsOf(timetable, config.ScheduleConfig, job.endpoint);
  const longest = longestSeconds(timetable, job.type);
  if ((job.maxRuntimeSeconds ?? 0) > longest) throw monitoringChecks.runtime(String(longest));
  const { EndpointName: endpointName } = job.endpoint;
  const endpoint = endpoints.endpoints.get(endpointName);
  if (!endpoint) throw monitoringChecks.endpointExists(endpoints.arn(endpointName));
  const { capture } = endpoint.live ?? endpoint.pending?.deployed ?? {};
  if (!capture || capture.EnableCapture === false) throw monitoringChecks.endpointCaptures(endpointName);
  return { type: job.type, endpointName };
}
