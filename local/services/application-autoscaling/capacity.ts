import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import { hostingOf } from "../sagemaker/hosting/offer";
import { noteActivity } from "./activities";
import { variantOf, type ScalableTarget, type ScalingRecords } from "./records";

/** Instances of a target's variant; undefined while its endpoint is not in service, when nothing scales it. */
export function instancesOf(cloud: Cloud, resourceId: string): number | undefined {
  const { endpoint, variant } = variantOf(resourceId);
  const state = hostingOf(cloud).records.endpoints.get(endpoint);
  return state?.status === "InService"
    ? state.live?.variants.find((candidate) => candidate.name === variant)?.instances
    : undefined;
}

/** Sets a variant's number of instances, and says so in an activity. @returns whether SageMaker took it. */
export function setCapacity(
  cloud: Cloud,
  records: ScalingRecords,
  target: Pick<ScalableTarget, "namespace" | "resourceId" | "dimension">,
  desired: number,
  cause: string,
): boolean {
  const { endpoint, variant } = variantOf(target.resourceId);
  let failure: string | undefined;
  try {
    hostingOf(cloud).endpoints.updateCapacities(endpoint, [{ VariantName: variant, DesiredInstanceCount: desired }]);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    failure = error.message;
  }
  const success = `Successfully set desired instance count to ${desired}. Change successfully fulfilled by sagemaker.`;
  noteActivity(records, target, cloud.clock.nowMs(), {
    description: `Setting desired instance count to ${desired}.`,
    cause,
    success,
    ...(failure === undefined ? {} : { failure }),
  });
  return failure === undefined;
}

/**
 * Moves a variant's instances to the nearest bound of its target, at once (RegisterScalableTarget, PutScheduledAction),
 * where its endpoint is in service.
 */
export function bringWithinBounds(cloud: Cloud, records: ScalingRecords, target: ScalableTarget): void {
  const now = instancesOf(cloud, target.resourceId);
  if (now === undefined) return;
  if (now < target.min) setCapacity(cloud, records, target, target.min, `minimum capacity was set to ${target.min}`);
  else if (now > target.max)
    setCapacity(cloud, records, target, target.max, `maximum capacity was set to ${target.max}`);
}
