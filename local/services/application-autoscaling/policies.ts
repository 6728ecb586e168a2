import { randomUUID } from "node:crypto";
import type { Call } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { platformChecks } from "../../checks/platform";
import { validationException } from "../../errors";
import { page } from "../pages";
import { about, keyOf, matches, notFound, type ScalingRecords } from "./records";

/** The predefined metric of variants that are scaled by their number of instances. */
const VARIANT_METRIC = "SageMakerVariantInvocationsPerInstance";

/** Scaling policies of targets; the scaler follows those of target tracking. */
export class ScalingPolicies {
  constructor(
    private readonly cloud: Cloud,
    private readonly records: ScalingRecords,
  ) {}

  operations() {
    return {
      PutScalingPolicy: (input: Members, call: Call) => this.putPolicy(input, call),
      DescribeScalingPolicies: (input: Members) => this.describePolicies(input),
      DeleteScalingPolicy: (input: Members) => this.deletePolicy(input),
    };
  }

  private putPolicy(input: Members, call: Call): Members {
    const key = keyOf(input);
    if (!this.records.targets.has(key)) throw notFound(`No scalable target registered for ${about(input)}`);
    const id = `${key}|${input.PolicyName}`;
    const old = this.records.policies.get(id);
    const type = input.PolicyType ?? old?.type ?? "StepScaling";
    const tracking = (input.TargetTrackingScalingPolicyConfiguration ??
      old?.input.TargetTrackingScalingPolicyConfiguration) as Members | undefined;
    if (type === "TargetTrackingScaling" && !tracking) throw platformChecks.trackingGiven();
    if (tracking && !tracking.PredefinedMetricSpecification === !tracking.CustomizedMetricSpecification) {
      throw platformChecks.oneMetric();
    }
    const metric = tracking?.PredefinedMetricSpecification?.PredefinedMetricType as string | undefined;
    if (metric === "SageMakerVariantConcurrentRequestsPerModelHighResolution")
      throw validationException(`The local cloud tracks ${VARIANT_METRIC}: it does not measure ${metric}.`);
    if (metric !== undefined && metric !== VARIANT_METRIC)
      throw platformChecks.metricOfDimension(metric, input.ScalableDimension);
    const arn =
      old?.arn ??
      this.cloud.arn(
        "autoscaling",
        `scalingPolicy:${randomUUID()}:resource/sagemaker/${input.ResourceId}:policyName/${input.PolicyName}`,
      );
    this.records.policies.put(id, {
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
    const found = [...this.records.policies.values()]
      .filter(matches(input))
      .filter((policy) => !input.PolicyNames?.length || input.PolicyNames.includes(policy.name));
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
    if (!this.records.policies.delete(`${keyOf(input)}|${input.PolicyName}`))
      throw notFound(`No scaling policy found for ${about(input)}, policy name: ${input.PolicyName}`);
    return {};
  }
}
