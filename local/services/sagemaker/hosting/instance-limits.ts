import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import { hostingChecks } from "../../../checks/hosting";
import { quotaOf } from "../../service-quotas/quotas";
import { allVariants, type Deployed, type Variant } from "./endpoint";
import type { EndpointRecords } from "./records";
import { instancesOf } from "./rollouts/plan";

type Counts = ReadonlyMap<string, number>;

/** Instances that a new fleet needs, by type; a rolling update has one batch at a time beside the old fleet. */
export function fleetOf(deployed: Deployed, deployment: Members | undefined): Counts {
  const batch = deployment?.RollingUpdatePolicy?.MaximumBatchSize as Members | undefined;
  return counted(allVariants(deployed), ({ desiredInstances: all }) => (batch ? instancesOf(batch, all) : all));
}

/** Instances that one deployment has more than another, by type. */
export function moreThan(before: Deployed, after: Deployed): Counts {
  const old = counted(allVariants(before), held);
  const entries = [...counted(allVariants(after), held)];
  return new Map(entries.map(([type, count]) => [type, Math.max(0, count - (old.get(type) ?? 0))]));
}

/**
 * Holds an account to its quotas of instances for endpoints. Those of types that the local cloud's quotas do not list
 * are not known.
 * @throws AwsError ResourceLimitExceeded.
 */
export function checkInstances(cloud: Cloud, records: EndpointRecords, added: Counts): void {
  const running = [...records.endpoints.values()]
    .filter(({ status }) => status !== "Failed")
    .flatMap(({ live, pending }) => [live, pending?.deployed].filter((one) => one !== undefined))
    .flatMap(allVariants);
  const used = counted(running, held);
  const limits = [...added].map(([type, more]) => [`${type} for endpoint usage`, used.get(type) ?? 0, more] as const);
  const all = ["Number of instances across active endpoints", sum(used), sum(added)] as const;
  for (const [name, current, more] of [...limits, all]) {
    const limit = quotaOf(cloud, "sagemaker", name);
    if (limit !== undefined && more > 0 && current + more > limit)
      throw hostingChecks.instanceLimit(name, String(limit), String(current), String(more));
  }
}

function held({ instances, desiredInstances }: Variant): number {
  return Math.max(instances, desiredInstances);
}

function counted(variants: readonly Variant[], count: (variant: Variant) => number): Counts {
  const counts = new Map<string, number>();
  for (const variant of variants)
    if (variant.instanceType !== undefined)
      counts.set(variant.instanceType, (counts.get(variant.instanceType) ?? 0) + count(variant));
  return counts;
}

function sum(counts: Counts): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
