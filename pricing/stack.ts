import { isComponentToken } from "../contract/tokens";
import type { Assumptions } from "./assumptions";
import { whyFree } from "./free";
import { Inputs, isUnknownValue, UnknownInput } from "./inputs";
import type { PlannedResource, Pricer, World } from "./pricer";
import { pricers } from "./pricers";
import { configurationParts, configurationType } from "./pricers/serving";
import { MissingPrice, Prices, type PriceTable } from "./table";

/** A resource with its price. */
export interface PricedResource {
  readonly urn: string;
  readonly type: string;
  readonly monthlyUsd: number;
  readonly atMostUsd: number;
  /** How the price comes about; why there is none. */
  readonly assumption: string;
  /** Keys of the table's sources that were used. */
  readonly sources: readonly string[];
}

/** Why a resource has no price. */
export interface PricingProblem {
  readonly urn: string;
  readonly type: string;
  readonly reason: string;
  /** What to do about it. */
  readonly cure: string;
  /** True when only the update itself will tell. */
  readonly unknown: boolean;
}

export interface StackPrice {
  /** Of all resources that have a price: the whole, when there are no problems. Not rounded. */
  readonly monthlyUsd: number;
  readonly atMostUsd: number;
  readonly resources: readonly PricedResource[];
  readonly problems: readonly PricingProblem[];
  /** Keys of the table's sources that were used. */
  readonly sources: readonly string[];
}

export interface PricingOptions {
  readonly table: PriceTable;
  readonly region: string;
  readonly assume: Assumptions;
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * What a stack costs a month. Every resource is either priced or a problem: nothing is left out and nothing is 0 for
 * want of a price. Pure. Providers and components are not resources of a cloud and are passed over.
 */
export function priceStack(
  stack: readonly PlannedResource[],
  options: PricingOptions,
  how: Readonly<Record<string, Pricer>> = pricers,
): StackPrice {
  const resources = stack.filter(({ type }) => !type.startsWith("pulumi:") && !isComponentToken(type));
  const priced: PricedResource[] = [];
  const problems: PricingProblem[] = [];
  const order = placesAmongTheirType(resources);
  for (const resource of resources) {
    try {
      const prices = new Prices(options.table, regionOf(resource) ?? options.region);
      const world = {
        prices,
        assume: options.assume,
        resources,
        settings: options.settings ?? {},
        urn: resource.urn,
        index: order.get(resource.urn)!,
      };
      priced.push(priceResource(resource, world, how[resource.type]));
    } catch (error) {
      problems.push(problemOf(resource, error));
    }
  }
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  return {
    monthlyUsd: sum(priced.map(({ monthlyUsd }) => monthlyUsd)),
    atMostUsd: sum(priced.map(({ atMostUsd }) => atMostUsd)),
    resources: priced,
    problems,
    sources: [...new Set(priced.flatMap(({ sources }) => sources))].sort(),
  };
}

/**
 * What a resource costs, seen by itself: an endpoint configuration as if an endpoint ran it. What depends on other
 * resources is a problem here, and none in the stack.
 */
export function priceAlone(resource: PlannedResource, options: PricingOptions): StackPrice {
  return priceStack([resource], options, { ...pricers, [configurationType]: configurationParts });
}

class NobodyLooked extends Error {}

function priceResource(
  { urn, type, inputs }: PlannedResource,
  world: World,
  pricer: Pricer | undefined,
): PricedResource {
  const free = whyFree(type);
  if (!pricer && free === undefined) throw new NobodyLooked();
  const parts = pricer ? pricer(new Inputs(inputs), world) : [{ usd: 0, how: free! }];
  const monthlyUsd = parts.reduce((sum, { usd }) => sum + usd, 0);
  const atMostUsd = parts.reduce((sum, { usd, atMostUsd = 0 }) => sum + Math.max(usd, atMostUsd), 0);
  return {
    urn,
    type,
    monthlyUsd,
    atMostUsd,
    assumption: parts.map(({ how }) => how).join("; "),
    sources: [...world.prices.used].sort(),
  };
}

function problemOf({ urn, type }: PlannedResource, cause: unknown): PricingProblem {
  const problem = (reason: string, cure: string, unknown = false): PricingProblem => ({
    urn,
    type,
    reason,
    cure,
    unknown,
  });
  if (cause instanceof MissingPrice) return problem(cause.message, cause.cure);
  if (cause instanceof NobodyLooked)
    return problem(
      "the type is neither priced nor known to be free",
      "Add it to pricing/pricers/, or to pricing/free.ts with the reason.",
    );
  if (cause instanceof UnknownInput)
    return problem(
      `its price hangs on an input: ${cause.message}`,
      "Give the input a value that the program knows, or price the state after the update (peregrine cost plan --state).",
      true,
    );
  throw cause;
}

/** Resources may be in another region than their provider (`region` of @pulumi/aws 7). */
function regionOf({ inputs }: PlannedResource): string | undefined {
  const region = inputs["region"];
  return typeof region === "string" && !isUnknownValue(region) ? region : undefined;
}

function placesAmongTheirType(resources: readonly PlannedResource[]): Map<string, number> {
  const counts = new Map<string, number>();
  const places = new Map<string, number>();
  for (const { urn, type } of [...resources].sort((a, b) => (a.urn < b.urn ? -1 : 1))) {
    places.set(urn, counts.get(type) ?? 0);
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return places;
}
