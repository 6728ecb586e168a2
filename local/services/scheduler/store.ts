import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import type { Table } from "../../journal";

/** A target of EventBridge Scheduler, as CreateSchedule takes it. */
export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly EventBridgeParameters?: { readonly DetailType: string; readonly Source: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly SageMakerPipelineParameters?: {
    readonly PipelineParameterList?: readonly { readonly Name: string; readonly Value: string }[];
  };
}

export interface ScheduleRecord {
  readonly arn: string;
  readonly name: string;
  readonly group: string;
  readonly expression: string;
  readonly timezone: string;
  readonly state: string;
  readonly description?: string;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly kmsKeyArn?: string;
  readonly afterCompletion: string;
  readonly flexibleTimeWindow: { readonly Mode: string; readonly MaximumWindowInMinutes?: number };
  readonly target: ScheduleTarget;
  /** The time from which a rate counts. */
  readonly anchorMs: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export interface GroupRecord {
  readonly arn: string;
  readonly name: string;
  readonly createdMs: number;
}

/** Schedules by group and name. The group `default` is always there. */
export class ScheduleStore {
  readonly schedules: Table<ScheduleRecord>;
  readonly groups: Table<GroupRecord>;
  readonly tags: Table<Record<string, string>>;

  constructor(readonly cloud: Cloud) {
    this.schedules = cloud.journal.table("scheduler/schedules");
    this.groups = cloud.journal.table("scheduler/groups");
    this.tags = cloud.journal.table("scheduler/tags");
    if (!this.groups.has("default"))
      this.groups.put("default", { name: "default", arn: this.groupArn("default"), createdMs: cloud.clock.nowMs() });
  }

  groupArn(name: string): string {
    return this.cloud.arn("scheduler", `schedule-group/${name}`);
  }

  arn(group: string, name: string): string {
    return this.cloud.arn("scheduler", `schedule/${group}/${name}`);
  }

  /** @throws ResourceNotFoundException. */
  group(name: string): GroupRecord {
    const found = this.groups.get(name);
    if (!found) throw new AwsError("ResourceNotFoundException", `Schedule group ${name} does not exist.`, 404);
    return found;
  }

  /** @throws ResourceNotFoundException. */
  schedule(group: string, name: string): ScheduleRecord {
    const found = this.schedules.get(scheduleKey(group, name));
    if (!found) throw new AwsError("ResourceNotFoundException", `Schedule ${name} does not exist.`, 404);
    return found;
  }

  of(group: string): ScheduleRecord[] {
    return [...this.schedules.values()].filter((schedule) => schedule.group === group);
  }
}

export function scheduleKey(group: string, name: string): string {
  return `${group}/${name}`;
}
