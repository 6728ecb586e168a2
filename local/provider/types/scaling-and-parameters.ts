import type { Members } from "../../members";
import type { ResourceType } from "../resource-type";
import type { Properties } from "../values";

const targetParts = ["serviceNamespace", "resourceId", "scalableDimension"] as const;

/** Terraform writes step bounds as text; an empty one means "no bound". */
function stepBounds(_context: unknown, mapped: Members): Members {
  const configuration = mapped.StepScalingPolicyConfiguration as Members | undefined;
  if (!configuration) return {};
  const adjustments = ((configuration.StepAdjustments ?? []) as Members[]).map((step) =>
    Object.fromEntries(Object.entries(step).filter(([, value]) => value !== "")),
  );
  return { StepScalingPolicyConfiguration: { ...configuration, StepAdjustments: adjustments } };
}

/** Auto scaling and Parameter Store. */
export const operations: readonly ResourceType[] = [
  {
    token: "aws:appautoscaling/target:Target",
    service: "application-autoscaling",
    title: "Application AutoScaling Target",
    rename: { roleArn: "RoleARN" },
    replace: [...targetParts],
    create: [{ operation: "RegisterScalableTarget" }],
    update: [{ operation: "RegisterScalableTarget", request: () => ({ Tags: undefined }) }],
    read: {
      operation: "DescribeScalableTargets",
      only: ["serviceNamespace", "scalableDimension"],
      request: ({ inputs }) => ({ ResourceIds: [inputs.resourceId] }),
      result: (answer) => answer.ScalableTargets?.[0],
    },
    delete: [{ operation: "DeregisterScalableTarget", only: targetParts }],
    id: (_answer, { inputs }) => String(inputs.resourceId),
    fromId: (id) => {
      const [serviceNamespace = "", ...rest] = id.split("/");
      return { serviceNamespace, scalableDimension: rest.pop() ?? "", resourceId: rest.join("/") } satisfies Properties;
    },
    outputs: (answer) => ({ arn: answer.ScalableTargetARN }),
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ state }) => ({ ResourceARN: state.arn }) },
  },
  {
    token: "aws:appautoscaling/policy:Policy",
    service: "application-autoscaling",
    title: "Application AutoScaling Scaling Policy",
    name: { property: "name", limit: 255 },
    rename: { name: "PolicyName" },
    replace: ["name", ...targetParts],
    defaults: { policyType: "StepScaling" },
    create: [{ operation: "PutScalingPolicy", request: stepBounds }],
    read: {
      operation: "DescribeScalingPolicies",
      only: targetParts,
      request: ({ inputs }) => ({ PolicyNames: [inputs.name] }),
      result: (answer) => answer.ScalingPolicies?.[0],
    },
    delete: [{ operation: "DeleteScalingPolicy", only: ["name", ...targetParts] }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer) => ({
      arn: answer.PolicyARN,
      alarmArns: ((answer.Alarms ?? []) as Members[]).map(({ AlarmARN }) => String(AlarmARN)),
    }),
  },
  {
    token: "aws:appautoscaling/scheduledAction:ScheduledAction",
    service: "application-autoscaling",
    title: "Application AutoScaling Scheduled Action",
    name: { property: "name", limit: 256, required: true },
    rename: { name: "ScheduledActionName" },
    replace: ["name", ...targetParts],
    create: [{ operation: "PutScheduledAction" }],
    read: {
      operation: "DescribeScheduledActions",
      only: targetParts,
      request: ({ inputs }) => ({ ScheduledActionNames: [inputs.name] }),
      result: (answer) => answer.ScheduledActions?.[0],
    },
    delete: [{ operation: "DeleteScheduledAction", only: ["name", ...targetParts] }],
    id: (_answer, { inputs }) =>
      `${String(inputs.name)}-${String(inputs.serviceNamespace)}-${String(inputs.resourceId)}-${String(inputs.scalableDimension)}`,
    outputs: (answer, { state }) => ({ arn: answer.ScheduledActionARN ?? state.arn }),
  },
  {
    token: "aws:ssm/parameter:Parameter",
    service: "ssm",
    title: "SSM Parameter",
    name: { property: "name", limit: 2048 },
    local: ["overwrite", "insecureValue", "valueWo", "valueWoVersion"],
    replace: ["name", "dataType"],
    create: [
      {
        operation: "PutParameter",
        rename: { arn: null },
        request: ({ inputs }) => ({
          Value: inputs.value ?? inputs.insecureValue ?? inputs.valueWo,
          ...(inputs.overwrite ? { Overwrite: true, Tags: undefined } : {}),
        }),
      },
    ],
    update: [
      {
        operation: "PutParameter",
        when: [
          "type",
          "value",
          "insecureValue",
          "valueWo",
          "valueWoVersion",
          "description",
          "keyId",
          "tier",
          "allowedPattern",
        ],
        request: ({ inputs }) => ({
          Value: inputs.value ?? inputs.insecureValue ?? inputs.valueWo,
          Overwrite: true,
          Tags: undefined,
        }),
      },
    ],
    read: {
      operation: "GetParameter",
      only: ["name"],
      request: () => ({ WithDecryption: true }),
      result: ({ Parameter: parameter }) =>
        parameter && { Name: parameter.Name, Type: parameter.Type, Value: parameter.Value, Version: parameter.Version },
    },
    delete: [{ operation: "DeleteParameter", only: ["name"] }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer, { inputs, session }) => ({
      arn: session.arn("ssm", `parameter${String(inputs.name).startsWith("/") ? "" : "/"}${String(inputs.name)}`),
      version: answer.Version,
      hasValueWo: inputs.valueWo !== undefined,
    }),
    changing: ["version"],
    tags: {
      add: "AddTagsToResource",
      remove: "RemoveTagsFromResource",
      identity: ({ id }) => ({ ResourceType: "Parameter", ResourceId: id }),
    },
  },
];
