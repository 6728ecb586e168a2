import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError, validationException } from "../../errors";
import type { Target } from "./delivery/engine";
import { page } from "../pages";
import { archiveOperations } from "./archives";
import type { Bus, EventStore, Rule } from "./buses";
import { busName } from "./buses";
import { DELIVERED_SERVICES } from "./couriers";
import { compilePattern } from "./patterns";
import { permissionOperations } from "./permissions";
import type { Router } from "./routing";
import { parseSchedule } from "./schedules";

/** 5 targets per rule (EventBridge quotas). */
const MAX_TARGETS = 5;
/** 256 KB per entry of PutEvents (EventBridge quotas). */
const MAX_ENTRY_BYTES = 262_144;

/** The operations of EventBridge. */
export function eventOperations(store: EventStore, router: Router): Record<string, Handler> {
  return {
    ...busOperations(store),
    ...ruleOperations(store, router),
    ...targetOperations(store),
    ...eventEntries(store, router),
    ...tagOperations(store),
    ...permissionOperations(store),
    ...archiveOperations(store, router),
  };
}

function busOperations(store: EventStore): Record<string, Handler> {
  const { cloud } = store;
  const shown = (bus: Bus): Members => ({
    Name: bus.name,
    Arn: bus.arn,
    Description: bus.description,
    KmsKeyIdentifier: bus.kmsKeyIdentifier,
    DeadLetterConfig: bus.deadLetterConfig,
    Policy: bus.policy,
    CreationTime: new Date(bus.createdMs),
    LastModifiedTime: new Date(bus.modifiedMs),
  });
  return {
    CreateEventBus(input) {
      const name = input["Name"] as string;
      if (store.buses.has(name))
        throw new AwsError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
      if (name.includes("/"))
        throw validationException("Event bus name cannot contain '/' unless it is a partner event bus.");
      const now = cloud.clock.nowMs();
      const bus: Bus = {
        name,
        arn: cloud.arn("events", `event-bus/${name}`),
        description: input["Description"],
        kmsKeyIdentifier: input["KmsKeyIdentifier"],
        deadLetterConfig: input["DeadLetterConfig"],
        createdMs: now,
        modifiedMs: now,
      };
      store.buses.put(name, bus);
      store.tags.put(bus.arn, tagRecord(input["Tags"]));
      return {
        EventBusArn: bus.arn,
        Description: bus.description,
        KmsKeyIdentifier: bus.kmsKeyIdentifier,
        DeadLetterConfig: bus.deadLetterConfig,
      };
    },
    UpdateEventBus(input) {
      const bus = store.bus(input["Name"]);
      const next = {
        ...bus,
        description: input["Description"],
        kmsKeyIdentifier: input["KmsKeyIdentifier"],
        deadLetterConfig: input["DeadLetterConfig"],
        modifiedMs: cloud.clock.nowMs(),
      };
      store.buses.put(bus.name, next);
      return { ...shown(next) };
    },
    DescribeEventBus: (input) => shown(store.bus(input["Name"])),
    ListEventBuses(input) {
      const rows = [...store.buses.values()].filter((bus) => bus.name.startsWith(input["NamePrefix"] ?? ""));
      const { items, next } = page(rows, input["NextToken"], input["Limit"] ?? 100);
      return { EventBuses: items.map(shown), NextToken: next };
    },
    DeleteEventBus(input) {
      const name = busName(input["Name"]);
      if (name === "default") throw validationException("Cannot delete event bus default.");
      const bus = store.buses.get(name);
      if (!bus) return {};
      // Managed by an archive: its own rule on the bus keeps AWS from deleting that as well.
      if ([...store.archives.values()].some((archive) => archive.busName === name))
        throw validationException("Event bus can't be deleted since it has rules.");
      if (store.rulesOf(name).length > 0) throw validationException("Event bus can't be deleted since it has rules.");
      store.buses.delete(name);
      store.tags.delete(bus.arn);
      return {};
    },
  };
}

function ruleOperations(store: EventStore, router: Router): Record<string, Handler> {
  const { cloud } = store;
  const shown = (rule: Rule): Members => ({
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern,
    ScheduleExpression: rule.schedule,
    State: rule.state,
    Description: rule.description,
    RoleArn: rule.roleArn,
    EventBusName: rule.busName,
  });
  const setState =
    (state: string): Handler =>
    (input) => {
      const rule = { ...store.rule(input["Name"], input["EventBusName"]), state, anchorMs: cloud.clock.nowMs() };
      store.putRule(rule);
      router.reschedule(rule);
      return {};
    };
  return {
    PutRule(input, call) {
      const bus = store.bus(input["EventBusName"]);
      const {
        Name: name,
        EventPattern: pattern,
        ScheduleExpression: schedule,
      } = input as { Name: string; EventPattern?: string; ScheduleExpression?: string };
      if (pattern === undefined && schedule === undefined)
        throw validationException("Parameter(s) EventPattern or ScheduleExpression must be specified.");
      if (schedule !== undefined && bus.name !== "default")
        throw validationException("ScheduleExpression is supported only on the default event bus.");
      if (pattern !== undefined) compilePattern(pattern);
      const now = call.now.getTime();
      if (schedule !== undefined) parseSchedule(schedule, now);
      const existing = store.rules.get(`${bus.name}#${name}`);
      const rule: Rule = {
        arn: store.ruleArn(bus.name, name),
        name,
        busName: bus.name,
        pattern,
        schedule,
        state: input["State"] ?? "ENABLED",
        description: input["Description"],
        roleArn: input["RoleArn"],
        createdBy: cloud.accountId,
        anchorMs: existing && existing.schedule === schedule ? existing.anchorMs : now,
        targets: existing?.targets ?? [],
      };
      store.putRule(rule);
      // PutRule on an existing rule leaves its tags alone (EventBridge API).
      if (!existing) store.tags.put(rule.arn, tagRecord(input["Tags"]));
      router.reschedule(rule);
      return { RuleArn: rule.arn };
    },
    DescribeRule(input) {
      const rule = store.rule(input["Name"], input["EventBusName"]);
      return { ...shown(rule), CreatedBy: rule.createdBy };
    },
    ListRules(input) {
      const rows = store
        .rulesOf(store.bus(input["EventBusName"]).name)
        .filter((rule) => rule.name.startsWith(input["NamePrefix"] ?? ""));
      const { items, next } = page(
        rows.sort((a, b) => a.name.localeCompare(b.name)),
        input["NextToken"],
        input["Limit"] ?? 100,
      );
      return { Rules: items.map(shown), NextToken: next };
    },
    DeleteRule(input) {
      const bus = store.bus(input["EventBusName"]);
      const rule = store.rules.get(`${bus.name}#${input["Name"]}`);
      if (!rule) return {};
      if (rule.targets.length > 0) throw validationException("Rule can't be deleted since it has targets.");
      store.dropRule(rule);
      router.reschedule(rule);
      return {};
    },
    EnableRule: setState("ENABLED"),
    DisableRule: setState("DISABLED"),
  };
}

function targetOperations(store: EventStore): Record<string, Handler> {
  return {
    PutTargets(input) {
      const rule = store.rule(input["Rule"], input["EventBusName"]);
      const given = input["Targets"] as Target[];
      const failed: Members[] = [];
      const targets = new Map(rule.targets.map((target) => [target.Id, target]));
      for (const target of given) {
        const problem = targetProblem(target);
        if (problem) failed.push({ TargetId: target.Id, ErrorCode: "ValidationException", ErrorMessage: problem });
        else targets.set(target.Id, target);
      }
      if (targets.size > MAX_TARGETS)
        throw new AwsError(
          "LimitExceededException",
          `The requested resource exceeds the maximum number allowed: ${MAX_TARGETS} targets per rule.`,
        );
      store.putRule({ ...rule, targets: [...targets.values()] });
      return { FailedEntryCount: failed.length, FailedEntries: failed };
    },
    RemoveTargets(input) {
      const rule = store.rule(input["Rule"], input["EventBusName"]);
      const ids = input["Ids"] as string[];
      store.putRule({ ...rule, targets: rule.targets.filter((target) => !ids.includes(target.Id)) });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule(input) {
      const rule = store.rule(input["Rule"], input["EventBusName"]);
      const { items, next } = page(rule.targets, input["NextToken"], input["Limit"] ?? 100);
      return { Targets: items, NextToken: next };
    },
    ListRuleNamesByTarget(input) {
      const rows = store
        .rulesOf(store.bus(input["EventBusName"]).name)
        .filter((rule) => rule.targets.some((target) => target.Arn === input["TargetArn"]));
      const { items, next } = page(rows.map((rule) => rule.name).sort(), input["NextToken"], input["Limit"] ?? 100);
      return { RuleNames: items, NextToken: next };
    },
  };
}

/** What is wrong with a target, in EventBridge's words where they are known. */
function targetProblem(target: Target): string | undefined {
  const service = /^arn:aws[a-z-]*:([a-z-]+):/.exec(target.Arn)?.[1];
  if (!service) return `Parameter ${target.Arn} is not valid. Reason: Provided Arn is not in correct format.`;
  if (!(DELIVERED_SERVICES as readonly string[]).includes(service))
    return `The local cloud does not deliver events to ${service}; it delivers to ${DELIVERED_SERVICES.join(", ")}.`;
  const inputs = [target.Input, target.InputPath, target.InputTransformer].filter((value) => value !== undefined);
  if (inputs.length > 1)
    return `Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`;
  if ((service === "sagemaker" || service === "codebuild") && target.RoleArn === undefined)
    return `RoleArn is required for target ${target.Arn}.`;
  if (target.Input !== undefined && !isJson(target.Input))
    return `Parameter Input is not valid JSON for target ${target.Id}.`;
  if (service === "sqs" && target.Arn.endsWith(".fifo") && !target.SqsParameters?.MessageGroupId)
    return `Parameter(s) SqsParameters must be specified for target: ${target.Id}.`;
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function eventEntries(store: EventStore, router: Router): Record<string, Handler> {
  return {
    PutEvents(input) {
      const entries = (input["Entries"] as Members[]).map((entry): Members => {
        const missing = ["Source", "DetailType", "Detail"].find((name) => !entry[name]);
        if (missing)
          return {
            ErrorCode: "InvalidArgument",
            ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
          };
        if (/^aws\./.test(entry["Source"]))
          return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
        const detail = isJson(entry["Detail"]) ? (JSON.parse(entry["Detail"]) as unknown) : undefined;
        if (detail === undefined || detail === null || typeof detail !== "object")
          return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
        if (Buffer.byteLength(JSON.stringify(entry)) > MAX_ENTRY_BYTES)
          return { ErrorCode: "InvalidArgument", ErrorMessage: "Total size of the entry is too large." };
        const name = busName(entry["EventBusName"]);
        // An unknown bus swallows events, as AWS's does.
        const time = entry["Time"] === undefined ? undefined : new Date(entry["Time"]).getTime();
        const event = router.envelope(entry["Source"], entry["DetailType"], detail, entry["Resources"] ?? [], time);
        if (store.buses.has(name)) router.arrive(name, event);
        return { EventId: event.id };
      });
      return { FailedEntryCount: entries.filter((entry) => entry["ErrorCode"]).length, Entries: entries };
    },
    TestEventPattern(input) {
      const matches = compilePattern(input["EventPattern"]);
      let event: unknown;
      try {
        event = JSON.parse(input["Event"]);
      } catch {
        throw validationException("Parameter Event is not valid.");
      }
      const missing = ["id", "account", "source", "time", "region", "resources", "detail-type"].filter(
        (member) => (event as Members)?.[member] === undefined,
      );
      if (missing.length > 0)
        throw validationException(
          `Parameter Event is not valid. Reason: mandatory field(s) ${missing.join(", ")} missing.`,
        );
      return { Result: matches(event) };
    },
  };
}

function tagOperations(store: EventStore): Record<string, Handler> {
  const known = (arn: string): Record<string, string> => {
    if (!store.exists(arn)) throw new AwsError("ResourceNotFoundException", `Resource ${arn} does not exist.`);
    return store.tags.get(arn) ?? {};
  };
  return {
    TagResource(input) {
      store.tags.put(input["ResourceARN"], { ...known(input["ResourceARN"]), ...tagRecord(input["Tags"]) });
    },
    UntagResource(input) {
      const keys = input["TagKeys"] as string[];
      store.tags.put(
        input["ResourceARN"],
        Object.fromEntries(Object.entries(known(input["ResourceARN"])).filter(([key]) => !keys.includes(key))),
      );
    },
    ListTagsForResource: (input) => ({
      Tags: Object.entries(known(input["ResourceARN"])).map(([Key, Value]) => ({ Key, Value })),
    }),
  };
}

function tagRecord(tags: readonly { Key: string; Value: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));
}
