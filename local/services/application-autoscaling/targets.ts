import { randomBytes } from "node:crypto";
import type { Call } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { platformChecks } from "../../checks/platform";
import { AwsError, validationException } from "../../errors";
import { ensureLinkedRole } from "../iam/roles";
import { page } from "../pages";
import { hostingOf } from "../sagemaker/hosting/offer";
import { bringWithinBounds } from "./capacity";
import {
  about,
  DIMENSION,
  keyOf,
  keyOfRow,
  matches,
  NAMESPACE,
  notFound,
  variantOf,
  type ScalableTarget,
  type ScalingRecords,
} from "./records";

/** Scalable targets: endpoint variants with bounds. */
export class ScalableTargets {
  constructor(
    private readonly cloud: Cloud,
    private readonly records: ScalingRecords,
  ) {}

  operations() {
    return {
      RegisterScalableTarget: (input: Members, call: Call) => this.register(input, call),
      DescribeScalableTargets: (input: Members) => this.describeTargets(input),
      DeregisterScalableTarget: (input: Members) => this.deregister(input),
      TagResource: (input: Members) =>
        this.records.tags.put(input.ResourceARN, { ...this.tagged(input.ResourceARN), ...input.Tags }),
      UntagResource: (input: Members) => {
        const left = Object.entries(this.tagged(input.ResourceARN)).filter(
          ([key]) => !(input.TagKeys as string[]).includes(key),
        );
        this.records.tags.put(input.ResourceARN, Object.fromEntries(left));
      },
      ListTagsForResource: (input: Members) => ({ Tags: this.tagged(input.ResourceARN) }),
    };
  }

  private register(input: Members, call: Call): Members {
    const key = keyOf(input);
    const old = this.records.targets.get(key);
    const { endpoint, variant } = variantOf(input.ResourceId);
    if (input.ServiceNamespace !== NAMESPACE || input.ScalableDimension !== DIMENSION) {
      throw validationException(
        `The local cloud scales endpoint variants only: use service namespace sagemaker and scalable dimension ${DIMENSION}.`,
      );
    }
    const live = hostingOf(this.cloud).records.endpoints.get(endpoint);
    const known = (live?.live ?? live?.pending?.deployed)?.variants.some(
      (candidate) => candidate.name === variant && !candidate.serverless,
    );
    if (!known) throw platformChecks.scalableVariant(about(input));
    const min = input.MinCapacity ?? old?.min;
    const max = input.MaxCapacity ?? old?.max;
    if (min === undefined || max === undefined) throw platformChecks.scalingBounds();
    if (max < min) throw platformChecks.scalingOrder();
    ensureLinkedRole(this.cloud, "sagemaker.application-autoscaling.amazonaws.com");
    const arn =
      old?.arn ??
      this.cloud.arn(
        "application-autoscaling",
        `scalable-target/${randomBytes(6).toString("hex")}${randomBytes(8).toString("hex")}`,
      );
    const target: ScalableTarget = {
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
      suspended: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: false,
        ...old?.suspended,
        ...input.SuspendedState,
      },
      createdMs: old?.createdMs ?? call.now.getTime(),
    };
    this.records.targets.put(key, target);
    bringWithinBounds(this.cloud, this.records, target);
    if (input.Tags) this.records.tags.put(arn, input.Tags);
    return { ScalableTargetARN: arn };
  }

  private describeTargets(input: Members): Members {
    const found = [...this.records.targets.values()]
      .filter(matches(input))
      .filter((target) => !input.ResourceIds?.length || input.ResourceIds.includes(target.resourceId));
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
    const target = this.records.targets.get(key);
    if (!target) throw notFound(`No scalable target found for ${about(input)}`);
    this.records.targets.delete(key);
    this.records.tags.delete(target.arn);
    // Deregistering a target deletes the policies and the scheduled actions on it (API reference).
    for (const table of [this.records.policies, this.records.actions] as const)
      for (const [id, row] of [...table.entries()]) if (keyOfRow(row) === key) table.delete(id);
    return {};
  }

  private tagged(arn: string): Record<string, string> {
    if (![...this.records.targets.values()].some((target) => target.arn === arn)) {
      throw new AwsError(
        "ResourceNotFoundException",
        `The scalable target could not be found. Resource ARN: ${arn}`,
        400,
        { ResourceName: arn },
      );
    }
    return this.records.tags.get(arn) ?? {};
  }
}
