import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { tagContext } from "../sagemaker/tags";
import type { EventStore } from "./buses";

/** PutPermission and RemovePermission: the resource policy of a bus. */
export function permissionOperations(store: EventStore): Record<string, Handler> {
  return {
    PutPermission(input) {
      const bus = store.bus(input["EventBusName"]);
      const policy =
        input["Policy"] === undefined ? withStatement(bus.policy, input, bus.arn) : (input["Policy"] as string);
      store.buses.put(bus.name, { ...bus, policy });
    },
    RemovePermission(input) {
      const bus = store.bus(input["EventBusName"]);
      if (input["RemoveAllPermissions"]) return void store.buses.put(bus.name, { ...bus, policy: undefined });
      const document = JSON.parse(bus.policy ?? '{"Statement":[]}') as { Statement: { Sid?: string }[] };
      const left = document.Statement.filter((statement) => statement.Sid !== input["StatementId"]);
      if (left.length === document.Statement.length)
        throw new AwsError(
          "ResourceNotFoundException",
          `EventBus ${bus.name} does not have a statement with the id ${input["StatementId"]}.`,
        );
      store.buses.put(bus.name, {
        ...bus,
        policy: left.length === 0 ? undefined : JSON.stringify({ ...document, Statement: left }),
      });
    },
  };
}

function withStatement(policy: string | undefined, input: Members, resource: string): string {
  const document = JSON.parse(policy ?? '{"Version":"2012-10-17","Statement":[]}') as { Statement: Members[] };
  const principal = input["Principal"] === "*" ? "*" : { AWS: `arn:aws:iam::${input["Principal"]}:root` };
  const condition = input["Condition"] as { Type: string; Key: string; Value: string } | undefined;
  const statement = {
    Sid: input["StatementId"],
    Effect: "Allow",
    Principal: principal,
    Action: input["Action"],
    Resource: resource,
    ...(condition ? { Condition: { [condition.Type]: { [condition.Key]: condition.Value } } } : {}),
  };
  return JSON.stringify({
    ...document,
    Statement: [...document.Statement.filter((known) => known["Sid"] !== statement.Sid), statement],
  });
}

/** What EventBridge's operations require. */
export function eventPermissions(store: EventStore): Record<string, (input: Members, call: Call) => Requirement[]> {
  const bus = (nameOrArn: string | undefined): string =>
    store.cloud.arn("events", `event-bus/${(nameOrArn ?? "default").replace(/^arn:[^/]*event-bus\//, "")}`);
  const rule = (input: Members, name: string): string =>
    store.ruleArn(String(input["EventBusName"] ?? "default").replace(/^arn:[^/]*event-bus\//, ""), name);
  const onRule = (input: Members, call: Call): Requirement[] => [
    { action: `events:${call.operation}`, resource: rule(input, input["Name"] ?? input["Rule"]) },
  ];
  const onBus = (input: Members, call: Call): Requirement[] => [
    { action: `events:${call.operation}`, resource: bus(input["Name"] ?? input["EventBusName"]) },
  ];
  const onArn = (input: Members, call: Call): Requirement[] => [
    { action: `events:${call.operation}`, resource: input["ResourceARN"], context: tagContext(input["Tags"]) },
  ];
  const onArchive = (input: Members, call: Call): Requirement[] => [
    { action: `events:${call.operation}`, resource: store.cloud.arn("events", `archive/${input["ArchiveName"]}`) },
  ];
  const onReplay = (input: Members, call: Call): Requirement[] => [
    { action: `events:${call.operation}`, resource: store.cloud.arn("events", `replay/${input["ReplayName"]}`) },
  ];
  const passRole = (role: string | undefined): Requirement[] =>
    role === undefined
      ? []
      : [{ action: "iam:PassRole", resource: role, context: { "iam:PassedToService": "events.amazonaws.com" } }];
  return {
    PutRule: (input) => {
      const resource = rule(input, input["Name"]);
      const tags = input["Tags"] as { Key: string; Value: string }[] | undefined;
      return [
        { action: "events:PutRule", resource, context: tagContext(tags) },
        ...(tags?.length ? [{ action: "events:TagResource", resource, context: tagContext(tags) }] : []),
        ...passRole(input["RoleArn"]),
      ];
    },
    PutTargets: (input) => {
      const targets = input["Targets"] as { Arn: string; RoleArn?: string }[];
      return [
        {
          action: "events:PutTargets",
          resource: rule(input, input["Rule"]),
          context: { "events:TargetArn": targets.map((target) => target.Arn) },
        },
        ...targets.flatMap((target) => passRole(target.RoleArn)),
      ];
    },
    DescribeRule: onRule,
    DeleteRule: onRule,
    EnableRule: onRule,
    DisableRule: onRule,
    RemoveTargets: onRule,
    ListTargetsByRule: onRule,
    CreateEventBus: (input) => {
      const resource = bus(input["Name"]);
      const tags = input["Tags"] as { Key: string; Value: string }[] | undefined;
      return [
        { action: "events:CreateEventBus", resource, context: tagContext(tags) },
        ...(tags?.length ? [{ action: "events:TagResource", resource, context: tagContext(tags) }] : []),
      ];
    },
    UpdateEventBus: onBus,
    DescribeEventBus: onBus,
    DeleteEventBus: onBus,
    PutPermission: onBus,
    RemovePermission: onBus,
    PutEvents: (input) =>
      (input["Entries"] as Members[]).map((entry) => ({
        action: "events:PutEvents",
        resource: bus(entry["EventBusName"]),
        context: {
          "events:source": String(entry["Source"] ?? ""),
          "events:detail-type": String(entry["DetailType"] ?? ""),
        },
      })),
    CreateArchive: onArchive,
    UpdateArchive: onArchive,
    DescribeArchive: onArchive,
    DeleteArchive: onArchive,
    StartReplay: (input) => [
      { action: "events:StartReplay", resource: store.cloud.arn("events", `replay/${input["ReplayName"]}`) },
      { action: "events:StartReplay", resource: String(input["EventSourceArn"]) },
    ],
    DescribeReplay: onReplay,
    CancelReplay: onReplay,
    TagResource: onArn,
    UntagResource: onArn,
    ListTagsForResource: onArn,
  };
}
