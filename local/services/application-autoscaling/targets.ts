import { randomBytes, randomUUID } from "node:crypto";
import type { Call, Cloud, Members } from "../../cloud";
import { AwsError, validationException } from "../../errors";
import type { Table } from "../../journal";
import { ensureLinkedRole } from "../iam/roles";
import { page } from "../pages";
import { hostingOf } from "../sagemaker/hosting/of";
import { platformChecks } from "../../checks/platform";

export interface ScalableTarget {
  readonly arn: string;
  readonly namespace: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly min: number;
  readonly max: number;
  readonly roleArn: string;
  readonly suspended: Members;
  readonly createdMs: number;
}

export interface ScalingPolicy {
  readonly arn: string;
  readonly name: string;
  readonly namespace: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly type: string;
  readonly input: Members;
  readonly createdMs: number;
  readonly lastScaledMs?: number;
}

export interface ScheduledAction {
  readonly arn: string;
  readonly name: string;
  readonly namespace: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly input: Members;
  readonly createdMs: number;
}

export interface ScalingActivity {
  readonly id: string;
  readonly namespace: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly description: string;
  readonly cause: string;
  readonly status: "Successful" | "Failed";
  readonly message: string;
  readonly startMs: number;
}

const DIMENSION = "sagemaker:variant:DesiredInstanceCount";

/** Scalable targets and policies of endpoint variants. */
export class ScalingRecords {
  readonly targets: Table<ScalableTarget>;
  readonly policies: Table<ScalingPolicy>;
  readonly actions: Table<ScheduledAction>;
  readonly activities: Table<ScalingActivity>;
  readonly tags: Table<Record<string, string>>;

  constructor(private readonly cloud: Cloud) {
    this.targets = cloud.journal.table("application-autoscaling/targets");
    this.policies = cloud.journal.table("application-autoscaling/policies");
    this.actions = cloud.journal.table("application-autoscaling/actions");
    this.activities = cloud.journal.table("application-autoscaling/activities");
    this.tags = cloud.journal.table("application-autoscaling/tags");
  }

  operations() {
    return {
      RegisterScalableTarget: (input: Members, call: Call) => this.register(input, call),
      DescribeScalableTargets: (input: Members) => this.describeTargets(input),
      DeregisterScalableTarget: (input: Members) => this.deregister(input),
      PutScalingPolicy: (input: Members, call: Call) => this.putPolicy(input, call),
      DescribeScalingPolicies: (input: Members) => this.describePolicies(input),
      DeleteScalingPolicy: (input: Members) => this.deletePolicy(input),
      PutScheduledAction: (input: Members, call: Call) => this.putAction(input, call),
      DescribeScheduledActions: (input: Members) => this.describeActions(input),
      DeleteScheduledAction: (input: Members) => this.deleteAction(input),
      DescribeScalingActivities: (input: Members) => this.describeActivities(input),
      TagResource: (input: Members) => this.tags.put(input.ResourceARN, { ...this.tagged(input.ResourceARN), ...input.Tags }),
      UntagResource: (input: Members) => {
        const left = Object.entries(this.tagged(input.ResourceARN)).filter(([key]) => !(input.TagKeys as string[]).includes(key));
        this.tags.put(input.ResourceARN, Object.fromEntries(left));
      },
      ListTagsForResource: (input: Members) => ({ Tags: this.tagged(input.ResourceARN) }),
    };
  }

  private register(input: Members, call: Call): Members {
    const key = keyOf(input);
    const old = this.targets.get(key);
    const { endpoint, variant } = variantOf(input.ResourceId);
    if (input.ServiceNamespace !== "sagemaker" || input.ScalableDimension !== DIMENSION) {
      throw validationException(`The local cloud scales endpoint variants only: use service namespace sagemaker and scalable dimension ${DIMENSION}.`);
    }
    const live = hostingOf(this.cloud).records.endpoints.get(endpoint);
    const known = (live?.live ?? live?.pending?.deployed)?.variants.some((candidate) => candidate.name === variant);
    if (!known) throw platformChecks.scalableVariant(about(input));
    const min = input.MinCapacity ?? old?.min;
    const max = input.MaxCapacity ?? old?.max;
    if (min === undefined || max === undefined) throw platformChecks.scalingBounds();
    if (max < min) throw platformChecks.scalingOrder();
    ensureLinkedRole(this.cloud, "sagemaker.application-autoscaling.amazonaws.com");
    const arn = old?.arn ?? this.cloud.arn("application-autoscaling", `scalable-target/${randomBytes(6).toString("hex")}${randomBytes(8).toString("hex")}`);
    this.targets.put(key, {
      arn,
      namespace: input.ServiceNamespace,
      resourceId: input.ResourceId,
      dimension: input.ScalableDimension,
      min,
      max,
      roleArn:
        input.RoleARN ??
        old?.roleArn ??
        `arn:aws:iam::${this.cloud.accountId}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
      suspended: { DynamicScalingInSuspended: false, DynamicScalingOutSuspended: false, ScheduledScalingSuspended: false, ...old?.suspended, ...input.SuspendedState },
      createdMs: old?.createdMs ?? call.now.getTime(),
    });
    if (input.Tags) this.tags.put(arn, input.Tags);
    return { ScalableTargetARN: arn };
  }

  private describeTargets(input: Members): Members {
    const found = [...this.targets.values()].filter(matches(input)).filter((target) => !input.ResourceIds?.length || input.ResourceIds.includes(target.resourceId));
    const { items, next } = page(found, input.NextToken, input.MaxResults ?? 50);
    return {
      ScalableTargets: items.map((target) => ({
        ServiceNamespace: target.namespace,
        ResourceId: target.resourceId,
        ScalableDimension: target.dimension,
        MinCapacity: target.min,
        MaxCapacity: target.max,
        RoleARN: target.roleArn,
        CreationTime: new Date(target.createdMs),
        SuspendedState: target.suspended,
        ScalableTargetARN: target.arn,
      })),
      NextToken: next,
    };
  }

  private deregister(input: Members): Members {
    const key = keyOf(input);
    const target = this.targets.get(key);
    if (!target) throw notFound(`No scalable target found for ${about(input)}`);
    this.targets.delete(key);
    this.tags.delete(target.arn);
    // Deregistering a target deletes the policies and the scheduled actions on it (API reference).
    for (const table of [this.policies, this.actions] as const) for (const [id, row] of [...table.entries()]) if (keyOfRow(row) === key) table.delete(id);
    return {};
  }

  private putPolicy(input: Members, call: Call): Members {
    const key = keyOf(input);
    if (!this.targets.has(key)) throw notFound(`No scalable target registered for ${about(input)}`);
    const id = `${key}|${input.PolicyName}`;
    const old = this.policies.get(id);
    const type = input.PolicyType ?? old?.type ?? "StepScaling";
    const tracking = (input.TargetTrackingScalingPolicyConfiguration ?? old?.input.TargetTrackingScalingPolicyConfiguration) as Members | undefined;
    if (type === "TargetTrackingScaling" && !tracking) throw platformChecks.trackingGiven();
    if (tracking && !tracking.PredefinedMetricSpecification === !tracking.CustomizedMetricSpecification) {
      throw platformChecks.oneMetric();
    }
    const arn = old?.arn ?? this.cloud.arn("autoscaling", `scalingPolicy:${randomUUID()}:resource/sagemaker/${input.ResourceId}:policyName/${input.PolicyName}`);
    this.policies.put(id, {
      arn,
      name: input.PolicyName,
      namespace: input.ServiceNamespace,
      resourceId: input.ResourceId,
      dimension: input.ScalableDimension,
      type,
      input: { ...old?.input, ...input },
      createdMs: old?.createdMs ?? call.now.getTime(),
    });
    return { PolicyARN: arn, Alarms: [] };
  }

  private describePolicies(input: Members): Members {
    const found = [...this.policies.values()].filter(matches(input)).filter((policy) => !input.PolicyNames?.length || input.PolicyNames.includes(policy.name));
    const { items, next } = page(found, input.NextToken, input.MaxResults ?? 50);
    return {
      ScalingPolicies: items.map((policy) => ({
        PolicyARN: policy.arn,
        PolicyName: policy.name,
        ServiceNamespace: policy.namespace,
        ResourceId: policy.resourceId,
        ScalableDimension: policy.dimension,
        PolicyType: policy.type,
        StepScalingPolicyConfiguration: policy.input.StepScalingPolicyConfiguration,
        TargetTrackingScalingPolicyConfiguration: policy.input.TargetTrackingScalingPolicyConfiguration,
        Alarms: [],
        CreationTime: new Date(policy.createdMs),
      })),
      NextToken: next,
    };
  }

  private deletePolicy(input: Members): Members {
    if (!this.policies.delete(`${keyOf(input)}|${input.PolicyName}`)) throw notFound(`No scaling policy found for ${about(input)}, policy name: ${input.PolicyName}`);
    return {};
  }

  /** Kept, and never due: nothing here changes a target's bounds by the clock. */
  private putAction(input: Members, call: Call): Members {
    const key = keyOf(input);
    if (!this.targets.has(key)) throw notFound(`No scalable target registered for ${about(input)}`);
    const id = `${key}|${input.ScheduledActionName}`;
    const old = this.actions.get(id);
    if (!(input.Schedule ?? old?.input.Schedule)) throw platformChecks.scheduleGiven();
    this.actions.put(id, {
      arn: old?.arn ?? this.cloud.arn("autoscaling", `scheduledAction:${randomUUID()}:resource/sagemaker/${input.ResourceId}:scheduledActionName/${input.ScheduledActionName}`),
      name: input.ScheduledActionName,
      namespace: input.ServiceNamespace,
      resourceId: input.ResourceId,
      dimension: input.ScalableDimension,
      input: { ...old?.input, ...input },
      createdMs: old?.createdMs ?? call.now.getTime(),
    });
    return {};
  }

  private describeActions(input: Members): Members {
    const found = [...this.actions.values()].filter(matches(input)).filter((action) => !input.ScheduledActionNames?.length || input.ScheduledActionNames.includes(action.name));
    const { items, next } = page(found, input.NextToken, input.MaxResults ?? 50);
    return {
      ScheduledActions: items.map(({ arn, name, input: { Schedule, Timezone, StartTime, EndTime, ScalableTargetAction }, ...row }) => ({
        ScheduledActionName: name,
        ScheduledActionARN: arn,
        ServiceNamespace: row.namespace,
        ResourceId: row.resourceId,
        ScalableDimension: row.dimension,
        Schedule,
        Timezone,
        StartTime,
        EndTime,
        ScalableTargetAction,
        CreationTime: new Date(row.createdMs),
      })),
      NextToken: next,
    };
  }

  private deleteAction(input: Members): Members {
    if (!this.actions.delete(`${keyOf(input)}|${input.ScheduledActionName}`)) throw notFound(`No scheduled action found for ${about(input)}, scheduled action name: ${input.ScheduledActionName}`);
    return {};
  }

  private describeActivities(input: Members): Members {
    const found = [...this.activities.values()].filter(matches(input)).sort((a, b) => b.startMs - a.startMs);
    const { items, next } = page(found, input.NextToken, input.MaxResults ?? 50);
    return {
      ScalingActivities: items.map((activity) => ({
        ActivityId: activity.id,
        ServiceNamespace: activity.namespace,
        ResourceId: activity.resourceId,
        ScalableDimension: activity.dimension,
        Description: activity.description,
        Cause: activity.cause,
        StartTime: new Date(activity.startMs),
        EndTime: new Date(activity.startMs),
        StatusCode: activity.status,
        StatusMessage: activity.message,
      })),
      NextToken: next,
    };
  }

  private tagged(arn: string): Record<string, string> {
    if (![...this.targets.values()].some((target) => target.arn === arn)) {
      throw new AwsError("ResourceNotFoundException", `The scalable target could not be found. Resource ARN: ${arn}`, 400, { ResourceName: arn });
    }
    return this.tags.get(arn) ?? {};
  }
}

/** Endpoint and variant of `endpoint/<name>/variant/<name>`. */
export function variantOf(resourceId: string): { endpoint: string; variant: string } {
  const [, endpoint = "", variant = ""] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(resourceId) ?? [];
  return { endpoint, variant };
}

export function keyOfRow(row: { namespace: string; resourceId: string; dimension: string }): string {
  return [row.namespace, row.resourceId, row.dimension].join("|");
}

function keyOf(input: Members): string {
  return [input.ServiceNamespace, input.ResourceId, input.ScalableDimension].join("|");
}

function matches(input: Members) {
  return (row: { namespace: string; resourceId: string; dimension: string }): boolean =>
    row.namespace === input.ServiceNamespace && (!input.ResourceId || row.resourceId === input.ResourceId) && (!input.ScalableDimension || row.dimension === input.ScalableDimension);
}

function about(input: Members): string {
  return `service namespace: ${input.ServiceNamespace}, resource ID: ${input.ResourceId}, scalable dimension: ${input.ScalableDimension}`;
}

function notFound(message: string): AwsError {
  return new AwsError("ObjectNotFoundException", message);
}
