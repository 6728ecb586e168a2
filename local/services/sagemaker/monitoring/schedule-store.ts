import type {
  ExecutionStatus,
  MonitoringAlertStatus,
  MonitoringScheduleConfig,
  MonitoringType,
  ScheduleStatus,
} from "@aws-sdk/client-sagemaker";
import type { Cloud } from "../../../cloud";
import { AwsError } from "../../../errors";
import type { Table } from "../../../journal";
import type { Validated } from "../../../operation";

export interface ScheduleRecord {
  readonly name: string;
  readonly arn: string;
  readonly config: Validated<MonitoringScheduleConfig>;
  readonly type: MonitoringType;
  readonly endpointName: string;
  readonly status: ScheduleStatus;
  /** What a pending schedule becomes. */
  readonly becomes: "Scheduled" | "Stopped";
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly alert: AlertRecord;
}

/** The alert that every schedule has. */
interface AlertRecord {
  readonly status: MonitoringAlertStatus;
  readonly datapoints: number;
  readonly periods: number;
  readonly modifiedMs: number;
}

export interface ExecutionRecord {
  readonly schedule: string;
  readonly type: MonitoringType;
  readonly endpointName: string;
  readonly definitionName?: string;
  readonly scheduledMs: number;
  readonly dueMs: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly status: ExecutionStatus;
  readonly jobName?: string;
  readonly jobArn?: string;
  readonly failureReason?: string;
}

/** A change of an alert. */
export interface AlertChange {
  readonly schedule: string;
  readonly status: MonitoringAlertStatus;
  readonly atMs: number;
}

/** The name of a schedule's alert. Believed: no answer of AWS's with one is public. */
export const alertName = "MonitoringAlert";

/** The account's monitoring schedules, for other parts of SageMaker as well. */
export function scheduleTable(cloud: Cloud): Table<ScheduleRecord> {
  return cloud.journal.table("sagemaker/monitoring-schedules");
}

/** Schedules, their executions and the changes of their alerts, in the journal. */
export class ScheduleStore {
  readonly schedules: Table<ScheduleRecord>;
  /** They stay when their schedule goes (DeleteMonitoringSchedule, API reference). */
  readonly executions: Table<ExecutionRecord>;
  readonly alertChanges: Table<AlertChange>;

  constructor(readonly cloud: Cloud) {
    this.schedules = scheduleTable(cloud);
    this.executions = cloud.journal.table("sagemaker/monitoring-executions");
    this.alertChanges = cloud.journal.table("sagemaker/monitoring-alert-changes");
  }

  arn(name: string): string {
    return this.cloud.arn("sagemaker", `monitoring-schedule/${name}`);
  }

  /** @throws AwsError ResourceNotFound. */
  get(name: string): ScheduleRecord {
    const schedule = this.schedules.get(name);
    if (!schedule)
      throw new AwsError(
        "ResourceNotFound",
        `Monitoring Schedule with name ${name} could not be found (${this.arn(name)})`,
      );
    return schedule;
  }

  /** Changes a schedule, which is modified by that. */
  change(name: string, changes: Partial<ScheduleRecord>): ScheduleRecord {
    const changed = { ...this.get(name), ...changes, modifiedMs: this.cloud.clock.nowMs() };
    this.schedules.put(name, changed);
    return changed;
  }

  putExecution(execution: ExecutionRecord): ExecutionRecord {
    this.executions.put(keyOf(execution), execution);
    return execution;
  }

  changeExecution(execution: ExecutionRecord, changes: Partial<ExecutionRecord>): ExecutionRecord {
    return this.putExecution({ ...execution, ...changes, modifiedMs: this.cloud.clock.nowMs() });
  }

  /** Those of one schedule that is there now, the latest first. */
  executionsOf({ name, createdMs }: Pick<ScheduleRecord, "name" | "createdMs">): ExecutionRecord[] {
    return [...this.executions.values()]
      .filter((execution) => execution.schedule === name && execution.createdMs >= createdMs)
      .sort((a, b) => b.scheduledMs - a.scheduledMs);
  }
}

function keyOf({ schedule, scheduledMs }: ExecutionRecord): string {
  return `${schedule}/${scheduledMs}`;
}
