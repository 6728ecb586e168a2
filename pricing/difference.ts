import type { PricedResource, StackPrice } from "./stack";

/** What a change of a stack does to one resource's price. */
export interface PriceChange {
  readonly urn: string;
  readonly type: string;
  readonly change: "created" | "changed" | "deleted";
  readonly wasUsd: number;
  readonly willBeUsd: number;
}

/** What a change of a stack costs. */
export interface PriceDifference {
  readonly wasUsd: number;
  readonly willBeUsd: number;
  /** Resources that come, go, or cost something else than before; not those that cost nothing on both sides. */
  readonly changes: readonly PriceChange[];
}

/** Compares two prices of a stack, resource by resource. Pure. */
export function priceDifference(was: StackPrice, willBe: StackPrice): PriceDifference {
  const before = new Map(was.resources.map((resource) => [resource.urn, resource]));
  const after = new Map(willBe.resources.map((resource) => [resource.urn, resource]));
  const urns = [...new Set([...before.keys(), ...after.keys()])];
  const changes = urns
    .map((urn) => changeOf(before.get(urn), after.get(urn)))
    .filter((change) => change.wasUsd !== change.willBeUsd);
  return { wasUsd: was.monthlyUsd, willBeUsd: willBe.monthlyUsd, changes };
}

function changeOf(old: PricedResource | undefined, now: PricedResource | undefined): PriceChange {
  const { urn, type } = (now ?? old)!;
  return {
    urn,
    type,
    change: !old ? "created" : !now ? "deleted" : "changed",
    wasUsd: old?.monthlyUsd ?? 0,
    willBeUsd: now?.monthlyUsd ?? 0,
  };
}
