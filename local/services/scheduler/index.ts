import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import type { Service } from "../../service";
import { AwsError, validationException } from "../../errors";
import { page, timestampMs } from "../pages";
import { tagContext } from "../sagemaker/tags";
import { checkTarget } from "./couriers";
import { parseExpression } from "./expressions";
import { type GroupRecord, type ScheduleRecord, ScheduleStore, scheduleKey } from "./store";
import { ScheduleTimer } from "./timer";
import { platformChecks } from "../../checks/platform";

/** EventBridge Scheduler. */
export interface Scheduler extends Service {
  /** Resolves when everything that fired has arrived or was given up. */
  settled(): Promise<void>;
}

export function createScheduler(cloud: Cloud): Scheduler {
  const store = new ScheduleStore(cloud);
  const timer = new ScheduleTimer(store);
  return {
    id: "scheduler",
    operations: { ...scheduleOperations(store, timer), ...groupOperations(store, timer), ...tagOperations(store) },
    permissions: permissions(store),
    tagsOf: (arn) =>
      [...store.groups.values()].some((group) => group.arn === arn) ? (store.tags.get(arn) ?? {}) : undefined,
    inventory: () => [
      ...[...store.groups.values()]
        .filter(({ name }) => name !== "default")
        .map(({ arn }) => ({ arn, type: "AWS::Scheduler::ScheduleGroup" })),
      ...[...store.schedules.values()].map(({ arn }) => ({ arn, type: "AWS::Scheduler::Schedule" })),
    ],
    start: () => timer.start(),
    stop: () => timer.stop(),
    settled: () => timer.engine.settled(),
  };
}

/**
 * The role has to be there and to trust Scheduler when the schedule is made, not only when it fires.
 * @throws ValidationException.
 */
function checkTrust(store: ScheduleStore, group: string, roleArn: string): void {
  try {
    store.cloud.internals.assume(roleArn, "scheduler.amazonaws.com", "check", store.groupArn(group));
  } catch {
    throw platformChecks.schedulerTrusted();
  }
}

const groupOf = (input: Members): string => input["GroupName"] ?? "default";

function scheduleOperations(store: ScheduleStore, timer: ScheduleTimer): Record<string, Handler> {
  const { cloud } = store;
  const summary = (schedule: ScheduleRecord): Members => ({
    Arn: schedule.arn,
    Name: schedule.name,
    GroupName: schedule.group,
    State: schedule.state,
    CreationDate: new Date(schedule.createdMs),
    LastModificationDate: new Date(schedule.modifiedMs),
  });
  /** UpdateSchedule replaces everything: what it leaves out goes back to its default (Scheduler API). */
  const record = (input: Members, before: ScheduleRecord | undefined): ScheduleRecord => {
    const [name, group, now] = [input["Name"] as string, groupOf(input), cloud.clock.nowMs()];
    const timezone = input["ScheduleExpressionTimezone"] ?? "UTC";
    const expression = input["ScheduleExpression"] as string;
    parseExpression(expression, timezone, now);
    checkTarget(input["Target"]);
    checkTrust(store, group, input["Target"].RoleArn);
    const window = input["FlexibleTimeWindow"] as ScheduleRecord["flexibleTimeWindow"];
    if ((window.Mode === "FLEXIBLE") !== (window.MaximumWindowInMinutes !== undefined))
      throw validationException("MaximumWindowInMinutes goes with the mode FLEXIBLE and with no other.");
    return {
      arn: store.arn(group, name),
      name,
      group,
      expression,
      timezone,
      state: input["State"] ?? "ENABLED",
      description: input["Description"],
      startMs: timestampMs(input["StartDate"]),
      endMs: timestampMs(input["EndDate"]),
      kmsKeyArn: input["KmsKeyArn"],
      afterCompletion: input["ActionAfterCompletion"] ?? "NONE",
      flexibleTimeWindow: window,
      target: input["Target"],
      anchorMs: before?.expression === expression ? before.anchorMs : now,
      createdMs: before?.createdMs ?? now,
      modifiedMs: now,
    };
  };
  const put = (schedule: ScheduleRecord): Members => {
    store.schedules.put(scheduleKey(schedule.group, schedule.name), schedule);
    timer.reset(schedule);
    return { ScheduleArn: schedule.arn };
  };
  return {
    CreateSchedule(input) {
      store.group(groupOf(input));
      if (store.schedules.has(scheduleKey(groupOf(input), input["Name"])))
        throw new AwsError("ConflictException", `Schedule ${input["Name"]} already exists.`, 409);
      return put(record(input, undefined));
    },
    UpdateSchedule: (input) => put(record(input, store.schedule(groupOf(input), input["Name"]))),
    GetSchedule(input) {
      const schedule = store.schedule(groupOf(input), input["Name"]);
      const date = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
      return {
        ...summary(schedule),
        ScheduleExpression: schedule.expression,
        ScheduleExpressionTimezone: schedule.timezone,
        Description: schedule.description,
        StartDate: date(schedule.startMs),
        EndDate: date(schedule.endMs),
        KmsKeyArn: schedule.kmsKeyArn,
        Target: schedule.target,
        FlexibleTimeWindow: schedule.flexibleTimeWindow,
        ActionAfterCompletion: schedule.afterCompletion,
      };
    },
    DeleteSchedule(input) {
      const schedule = store.schedule(groupOf(input), input["Name"]);
      store.schedules.delete(scheduleKey(schedule.group, schedule.name));
      timer.reset(schedule);
      return {};
    },
    ListSchedules(input) {
      const rows = [...store.schedules.values()].filter(
        (schedule) =>
          (!input["GroupName"] || schedule.group === input["GroupName"]) &&
          schedule.name.startsWith(input["NamePrefix"] ?? "") &&
          (!input["State"] || schedule.state === input["State"]),
      );
      const { items, next } = page(rows, input["NextToken"], input["MaxResults"] ?? 100);
      return {
        Schedules: items.map((schedule) => ({ ...summary(schedule), Target: { Arn: schedule.target.Arn } })),
        NextToken: next,
      };
    },
  };
}

function groupOperations(store: ScheduleStore, timer: ScheduleTimer): Record<string, Handler> {
  const shown = ({ arn, name, createdMs }: GroupRecord): Members => ({
    Arn: arn,
    Name: name,
    State: "ACTIVE",
    CreationDate: new Date(createdMs),
    LastModificationDate: new Date(createdMs),
  });
  return {
    CreateScheduleGroup(input) {
      const name = input["Name"] as string;
      if (store.groups.has(name))
        throw new AwsError("ConflictException", `Schedule group ${name} already exists.`, 409);
      const group = { name, arn: store.groupArn(name), createdMs: store.cloud.clock.nowMs() };
      store.groups.put(name, group);
      store.tags.put(group.arn, tagRecord(input["Tags"]));
      return { ScheduleGroupArn: group.arn };
    },
    GetScheduleGroup: (input) => shown(store.group(input["Name"])),
    /** The group's schedules go with it (Scheduler API). */
    DeleteScheduleGroup(input) {
      const { name, arn } = store.group(input["Name"]);
      if (name === "default") throw validationException("The default schedule group cannot be deleted.");
      for (const schedule of store.of(name)) {
        store.schedules.delete(scheduleKey(name, schedule.name));
        timer.reset(schedule);
      }
      store.groups.delete(name);
      store.tags.delete(arn);
      return {};
    },
    ListScheduleGroups(input) {
      const rows = [...store.groups.values()].filter(({ name }) => name.startsWith(input["NamePrefix"] ?? ""));
      const { items, next } = page(rows, input["NextToken"], input["MaxResults"] ?? 100);
      return { ScheduleGroups: items.map(shown), NextToken: next };
    },
  };
}

/** Groups alone carry tags. */
function tagOperations(store: ScheduleStore): Record<string, Handler> {
  const known = (arn: string): Record<string, string> => {
    if (![...store.groups.values()].some((group) => group.arn === arn))
      throw new AwsError("ResourceNotFoundException", `Resource ${arn} does not exist.`, 404);
    return store.tags.get(arn) ?? {};
  };
  return {
    TagResource(input) {
      store.tags.put(input["ResourceArn"], { ...known(input["ResourceArn"]), ...tagRecord(input["Tags"]) });
    },
    UntagResource(input) {
      const keys = input["TagKeys"] as string[];
      store.tags.put(
        input["ResourceArn"],
        Object.fromEntries(Object.entries(known(input["ResourceArn"])).filter(([key]) => !keys.includes(key))),
      );
    },
    ListTagsForResource: (input) => ({
      Tags: Object.entries(known(input["ResourceArn"])).map(([Key, Value]) => ({ Key, Value })),
    }),
  };
}

function tagRecord(tags: readonly { Key: string; Value: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));
}

function permissions(store: ScheduleStore): Record<string, (input: Members, call: Call) => Requirement[]> {
  const onSchedule = (input: Members, call: Call): Requirement[] => [
    { action: `scheduler:${call.operation}`, resource: store.arn(groupOf(input), input["Name"]) },
  ];
  const onGroup = (input: Members, call: Call): Requirement[] => [
    {
      action: `scheduler:${call.operation}`,
      resource: store.groupArn(input["Name"]),
      context: tagContext(input["Tags"]),
    },
  ];
  const onArn = (input: Members, call: Call): Requirement[] => [
    { action: `scheduler:${call.operation}`, resource: input["ResourceArn"], context: tagContext(input["Tags"]) },
  ];
  const put = (input: Members, call: Call): Requirement[] => [
    ...onSchedule(input, call),
    {
      action: "iam:PassRole",
      resource: String(input["Target"]?.RoleArn),
      context: { "iam:PassedToService": "scheduler.amazonaws.com" },
    },
  ];
  return {
    CreateSchedule: put,
    UpdateSchedule: put,
    GetSchedule: onSchedule,
    DeleteSchedule: onSchedule,
    CreateScheduleGroup: onGroup,
    GetScheduleGroup: onGroup,
    DeleteScheduleGroup: onGroup,
    TagResource: onArn,
    UntagResource: onArn,
    ListTagsForResource: onArn,
  };
}
