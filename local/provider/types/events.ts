import type { Members } from "../../members";
import { toMember } from "../mapping";
import type { Context, ResourceType } from "../resource-type";
import type { Properties } from "../values";

const onBus = (inputs: Properties): Members =>
  inputs.eventBusName && inputs.eventBusName !== "default" ? { EventBusName: inputs.eventBusName } : {};
const ruleId = (inputs: Properties): string =>
  onBus(inputs).EventBusName ? `${String(inputs.eventBusName)}/${String(inputs.name)}` : String(inputs.name);

/** Names that Terraform's nested blocks do not share with EventBridge's target members. */
const targetRenames = {
  "target.targetId": "Id",
  "target.inputTransformer.inputPaths": "InputPathsMap",
  "target.sagemakerPipelineTarget": "SageMakerPipelineParameters",
  "target.sqsTarget": "SqsParameters",
  "target.ecsTarget": "EcsParameters",
  "target.batchTarget": "BatchParameters",
  "target.kinesisTarget": "KinesisParameters",
  "target.httpTarget": "HttpParameters",
  "target.runCommandTargets": "RunCommandParameters",
  "target.redshiftTarget": "RedshiftDataParameters",
  "target.appsyncTarget": "AppSyncParameters",
};

function target({ inputs, session }: Context): Members {
  const { rule, eventBusName: _bus, forceDestroy: _force, region: _region, ...rest } = inputs;
  const shape = session.model("events").shape("Target");
  return { Rule: rule, ...onBus(inputs), Targets: [toMember(shape, rest, ["target"], targetRenames)] };
}

const targetIdentity = ({ inputs }: Context): Members => ({ Rule: inputs.rule, ...onBus(inputs) });

/** Name limits: EventBridge API reference (64 for rules and target ids, 256 for buses). */
export const events: readonly ResourceType[] = [
  {
    token: "aws:cloudwatch/eventRule:EventRule",
    service: "events",
    title: "EventBridge Rule",
    name: { property: "name", limit: 64 },
    local: ["namePrefix", "forceDestroy", "isEnabled"],
    replace: ["name", "eventBusName"],
    defaults: { eventBusName: "default", forceDestroy: false },
    create: [{ operation: "PutRule", request: ruleState }],
    update: [{ operation: "PutRule", request: (context) => ({ ...ruleState(context), Tags: undefined }) }],
    read: { operation: "DescribeRule", only: ["name", "eventBusName"] },
    delete: [
      {
        operation: "DeleteRule",
        only: ["name", "eventBusName"],
        request: ({ inputs }) => (inputs.forceDestroy ? { Force: true } : {}),
      },
    ],
    id: (_answer, { inputs }) => ruleId(inputs),
    fromId: (id) =>
      id.includes("/")
        ? { eventBusName: id.slice(0, id.lastIndexOf("/")), name: id.slice(id.lastIndexOf("/") + 1) }
        : { name: id, eventBusName: "default" },
    outputs: (_answer, { inputs, session }) => ({ arn: session.arn("events", `rule/${ruleId(inputs)}`) }),
    tags: {
      add: "TagResource",
      remove: "UntagResource",
      identity: ({ inputs, session }) => ({ ResourceARN: session.arn("events", `rule/${ruleId(inputs)}`) }),
    },
  },
  {
    token: "aws:cloudwatch/eventTarget:EventTarget",
    service: "events",
    title: "EventBridge Target",
    name: { property: "targetId", limit: 64 },
    local: ["forceDestroy"],
    replace: ["rule", "eventBusName", "targetId"],
    defaults: { eventBusName: "default", forceDestroy: false },
    create: [{ operation: "PutTargets", only: [], request: target }],
    read: {
      operation: "ListTargetsByRule",
      only: [],
      request: targetIdentity,
      result: (answer, { inputs }) => ((answer.Targets ?? []) as Members[]).find(({ Id }) => Id === inputs.targetId),
    },
    delete: [
      {
        operation: "RemoveTargets",
        only: [],
        request: (context) => ({
          ...targetIdentity(context),
          Ids: [context.inputs.targetId],
          ...(context.inputs.forceDestroy ? { Force: true } : {}),
        }),
      },
    ],
    id: (_answer, { inputs }) =>
      `${onBus(inputs).EventBusName ? `${String(inputs.eventBusName)}-` : ""}${String(inputs.rule)}-${String(inputs.targetId)}`,
  },
  {
    token: "aws:cloudwatch/eventBus:EventBus",
    service: "events",
    title: "EventBridge Bus",
    name: { property: "name", limit: 256 },
    replace: ["name", "eventSourceName"],
    create: [{ operation: "CreateEventBus" }],
    update: [{ operation: "UpdateEventBus" }],
    read: { operation: "DescribeEventBus", only: ["name"] },
    delete: [{ operation: "DeleteEventBus", only: ["name"] }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (_answer, { inputs, session }) => ({ arn: session.arn("events", `event-bus/${String(inputs.name)}`) }),
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ state }) => ({ ResourceARN: state.arn }) },
  },
  {
    token: "aws:cloudwatch/eventArchive:EventArchive",
    service: "events",
    title: "EventBridge Archive",
    name: { property: "name", limit: 48 },
    rename: { name: "ArchiveName" },
    replace: ["name", "eventSourceArn"],
    create: [{ operation: "CreateArchive" }],
    update: [{ operation: "UpdateArchive" }],
    read: { operation: "DescribeArchive", only: ["name"] },
    delete: [{ operation: "DeleteArchive", only: ["name"] }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (_answer, { inputs, session }) => ({ arn: session.arn("events", `archive/${String(inputs.name)}`) }),
  },
];

/** `isEnabled` is the older switch that `state` replaces. */
function ruleState({ inputs }: Context): Members {
  if (inputs.state !== undefined || inputs.isEnabled === undefined) return {};
  return { State: inputs.isEnabled ? "ENABLED" : "DISABLED" };
}
