import { hostingChecks } from "../../../checks/hosting";
import { checkConcurrency } from "./config-checks";
import { allVariants, mapVariants, type Deployed, type Variant } from "./endpoint";
import type { ServerlessConfig } from "./fleets/serverless";

/** A wanted change of one variant's weight or capacity. */
export interface Capacity {
  readonly VariantName: string;
  readonly DesiredWeight?: number;
  readonly DesiredInstanceCount?: number;
  readonly ServerlessUpdateConfig?: Partial<Pick<ServerlessConfig, "MaxConcurrency" | "ProvisionedConcurrency">>;
}

/**
 * A deployment with the weights and counts that are wanted for it; what is not named stays. AWS's page: "weight of one
 * or more variants, or capacity of one variant". That a shadow variant may be named, too, is believed.
 * @param configArn for the words.
 * @throws AwsError for variants that are unknown or named twice, several capacities, one of the wrong kind, a count of
 * 0, and weights that leave no variant any traffic.
 */
export function withDesired(live: Deployed, wanted: readonly Capacity[], configArn: string): Deployed {
  const names = wanted.map(({ VariantName }) => VariantName);
  const unknown = names.filter((name) => !allVariants(live).some((variant) => variant.name === name));
  if (unknown.length > 0) throw hostingChecks.knownVariant(unknown.join(", "), configArn);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) throw hostingChecks.variantOnce(twice);
  const capacities = wanted.filter(
    ({ DesiredInstanceCount: count, ServerlessUpdateConfig: limits }) => count !== undefined || limits !== undefined,
  );
  if (capacities.length > 1) throw hostingChecks.oneCapacity();
  const desired = mapVariants(live, (variant) => {
    const change = wanted.find(({ VariantName }) => VariantName === variant.name);
    return {
      ...variant,
      desiredWeight: change?.DesiredWeight ?? variant.desiredWeight,
      ...desiredCapacity(variant, change),
    };
  });
  const none = allVariants(desired).find((variant) => !variant.serverless && variant.desiredInstances < 1);
  if (none) throw hostingChecks.oneInstance(none.name);
  checkTraffic(desired);
  return desired;
}

function desiredCapacity(
  { name, desiredInstances, desiredServerless }: Variant,
  { DesiredInstanceCount: count, ServerlessUpdateConfig: limits }: Partial<Capacity> = {},
): Pick<Variant, "desiredInstances" | "desiredServerless"> {
  if (desiredServerless ? count !== undefined : limits !== undefined) throw hostingChecks.kindOfCapacity(name);
  if (!desiredServerless) return { desiredInstances: count ?? desiredInstances };
  const desired = { ...desiredServerless, ...limits };
  checkConcurrency(name, desired);
  return { desiredInstances, desiredServerless: desired };
}

/** @throws AwsError for production variants none of which gets any traffic; that AWS refuses this is believed. */
export function checkTraffic({ variants }: Deployed): void {
  if (variants.every(({ desiredWeight }) => desiredWeight === 0)) throw hostingChecks.someWeight();
}
