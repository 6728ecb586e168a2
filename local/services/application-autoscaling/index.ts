import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Service } from "../../service";
import { passRole } from "../../iam/permissions/requirements";
import { ActionTimer } from "./action-timer";
import { activityOperations } from "./activities";
import { ScalingPolicies } from "./policies";
import { keyOf, ScalingRecords } from "./records";
import { Scaler } from "./scaler";
import { ScheduledActions } from "./scheduled-actions";
import { ScalableTargets } from "./targets";

/**
 * Application Auto Scaling of endpoint variants: target tracking and scheduled actions that really change the number of
 * instances.
 */
export function createApplicationAutoscaling(cloud: Cloud): Service {
  const records = new ScalingRecords(cloud);
  const scaler = new Scaler(cloud, records);
  const timer = new ActionTimer(cloud, records);
  const onTarget = (input: Members, call: Call): Requirement[] => {
    const arn = records.targets.get(keyOf(input))?.arn;
    const context = {
      "application-autoscaling:service-namespace": String(input.ServiceNamespace),
      ...(input.ScalableDimension
        ? { "application-autoscaling:scalable-dimension": String(input.ScalableDimension) }
        : {}),
      ...(input.Tags
        ? {
            "aws:TagKeys": Object.keys(input.Tags),
            ...Object.fromEntries(
              Object.entries(input.Tags as Record<string, string>).map(([key, value]) => [
                `aws:RequestTag/${key}`,
                value,
              ]),
            ),
          }
        : {}),
    };
    const resource = arn ?? cloud.arn("application-autoscaling", "scalable-target/*");
    const tagging: Requirement[] = input.Tags
      ? [{ action: "application-autoscaling:TagResource", resource, context }]
      : [];
    return [{ action: `application-autoscaling:${call.operation}`, resource, context }, ...tagging];
  };
  const onArn = (input: Members, call: Call): Requirement[] => [
    { action: `application-autoscaling:${call.operation}`, resource: input.ResourceARN },
  ];
  return {
    id: "application-autoscaling",
    operations: {
      ...new ScalableTargets(cloud, records).operations(),
      ...new ScalingPolicies(cloud, records).operations(),
      ...new ScheduledActions(cloud, records, timer).operations(),
      ...activityOperations(records),
    },
    permissions: {
      // Endpoints are scaled by the service-linked role; a role of one's own is handed over all the same (believed: its
      // service's name).
      RegisterScalableTarget: (input, call) => [
        ...onTarget(input, call),
        ...passRole(input.RoleARN, "application-autoscaling.amazonaws.com"),
      ],
      DeregisterScalableTarget: onTarget,
      PutScalingPolicy: onTarget,
      DeleteScalingPolicy: onTarget,
      PutScheduledAction: onTarget,
      DeleteScheduledAction: onTarget,
      TagResource: onArn,
      UntagResource: onArn,
      ListTagsForResource: onArn,
    },
    tagsOf: (arn) =>
      [...records.targets.values()].some((target) => target.arn === arn) ? (records.tags.get(arn) ?? {}) : undefined,
    inventory: () => [
      ...[...records.targets.values()].map(({ arn }) => ({ arn, type: "AWS::ApplicationAutoScaling::ScalableTarget" })),
      ...[...records.policies.values()].map(({ arn }) => ({ arn, type: "AWS::ApplicationAutoScaling::ScalingPolicy" })),
      ...[...records.actions.values()].map(({ arn }) => ({
        arn,
        type: "AWS::ApplicationAutoScaling::ScheduledAction",
      })),
    ],
    start: () => {
      scaler.start();
      timer.start();
    },
    stop: () => {
      scaler.stop();
      timer.stop();
    },
  };
}
