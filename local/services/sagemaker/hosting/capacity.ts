import { hostingChecks } from "../../../checks/hosting";
import { allVariants, mapVariants, type Deployed } from "./endpoint";

/** A wanted change of one variant's weight or instance count. */
export interface Capacity {
  readonly VariantName: string;
  readonly DesiredWeight?: number;
  readonly DesiredInstanceCount?: number;
}

/**
 * A deployment with the weights and counts that are wanted for it; what is not named stays. AWS's page: "weight of one
 * or more variants, or capacity of one variant". That a shadow variant may be named, too, is believed.
 * @param configArn for the words.
 * @throws AwsError for variants that are unknown or named twice, several counts, a count of 0, and weights that leave
 * no variant any traffic.
 */
export function withDesired(live: Deployed, wanted: readonly Capacity[], configArn: string): Deployed {
  const names = wanted.map(({ VariantName }) => VariantName);
  const unknown = names.filter((name) => !allVariants(live).some((variant) => variant.name === name));
  if (unknown.length > 0) throw hostingChecks.knownVariant(unknown.join(", "), configArn);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) throw hostingChecks.variantOnce(twice);
  if (wanted.filter(({ DesiredInstanceCount }) => DesiredInstanceCount !== undefined).length > 1)
    throw hostingChecks.oneCapacity();
  const desired = mapVariants(live, (variant) => {
    const change = wanted.find(({ VariantName }) => VariantName === variant.name);
    return {
      ...variant,
      desiredWeight: change?.DesiredWeight ?? variant.desiredWeight,
      desiredInstances: change?.DesiredInstanceCount ?? variant.desiredInstances,
    };
  });
  const none = allVariants(desired).find((variant) => variant.desiredInstances < 1);
  if (none) throw hostingChecks.oneInstance(none.name);
  checkTraffic(desired);
  return desired;
}

/** @throws AwsError for production variants none of which gets any traffic; that AWS refuses this is believed. */
export function checkTraffic({ variants }: Deployed): void {
  if (variants.every(({ desiredWeight }) => desiredWeight === 0)) throw hostingChecks.someWeight();
}
