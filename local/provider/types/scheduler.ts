import type { Members } from "../../members";
import type { Context, ResourceType } from "../resource-type";

const group = ({ inputs }: Context): string => String(inputs.groupName ?? "default");
const schedule = (context: Context): Members => ({ Name: context.inputs.name, GroupName: group(context) });
/** Dates come as text with a time zone and travel as timestamps. */
const instant = (text: unknown): Date | undefined => (typeof text === "string" && text ? new Date(text) : undefined);
const dates = ({ inputs }: Context): Members => ({
  StartDate: instant(inputs.startDate),
  EndDate: instant(inputs.endDate),
});

/** EventBridge Scheduler. Name limits: 64 (Scheduler API reference). */
export const scheduler: readonly ResourceType[] = [
  {
    token: "aws:scheduler/scheduleGroup:ScheduleGroup",
    service: "scheduler",
    title: "EventBridge Scheduler Schedule Group",
    name: { property: "name", limit: 64 },
    local: ["namePrefix"],
    replace: ["name", "namePrefix"],
    create: [{ operation: "CreateScheduleGroup" }],
    update: [],
    read: { operation: "GetScheduleGroup", only: ["name"] },
    delete: [{ operation: "DeleteScheduleGroup", only: ["name"] }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer) => ({
      arn: answer.Arn ?? answer.ScheduleGroupArn,
      state: answer.State,
      creationDate: answer.CreationDate,
      lastModificationDate: answer.LastModificationDate,
    }),
    wait: { member: "State", until: ["ACTIVE"], failed: [], timeoutMinutes: 5 },
    waitDeleted: { timeoutMinutes: 5 },
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ state }) => ({ ResourceArn: state.arn }) },
  },
  {
    token: "aws:scheduler/schedule:Schedule",
    service: "scheduler",
    title: "EventBridge Scheduler Schedule",
    name: { property: "name", limit: 64 },
    rename: {
      // No containers of ECS here: such targets are refused by the service.
      "target.ecsParameters": null,
      "target.eventbridgeParameters": "EventBridgeParameters",
      "target.sagemakerPipelineParameters": "SageMakerPipelineParameters",
      "target.sagemakerPipelineParameters.pipelineParameters": "PipelineParameterList",
    },
    local: ["namePrefix"],
    replace: ["name", "namePrefix", "groupName"],
    defaults: { groupName: "default", scheduleExpressionTimezone: "UTC", state: "ENABLED" },
    create: [{ operation: "CreateSchedule", request: dates }],
    update: [{ operation: "UpdateSchedule", request: dates }],
    read: { operation: "GetSchedule", only: [], request: schedule },
    delete: [{ operation: "DeleteSchedule", only: [], request: schedule }],
    id: (_answer, { inputs }) => `${String(inputs.groupName ?? "default")}/${String(inputs.name)}`,
    fromId: (id) => ({ groupName: id.slice(0, id.indexOf("/")), name: id.slice(id.indexOf("/") + 1) }),
    outputs: (answer) => ({ arn: answer.Arn ?? answer.ScheduleArn }),
  },
];
