import type { Fleet, VariantFleet } from "../fleets/fleet";
import type { ServerlessFleet } from "../fleets/serverless";

/** How the requests of a fleet are shared among its variants. */
export interface Split {
  /** Of the production variants. */
  readonly weights: ReadonlyMap<string, number>;
  /** The shadow variant, and the share of the requests that is copied to it, 0..1. */
  readonly shadow?: { readonly variant: string; readonly share: number };
}

/** Where a request of an endpoint goes. */
export interface Route {
  readonly configName: string;
  readonly variant: string;
  readonly fleet: VariantFleet | ServerlessFleet;
  /** Where a copy of it goes. */
  readonly copy?: Route;
}

/**
 * Traffic of one endpoint: weighted among variants, and during an update shared between the old fleet (blue) and the
 * new one (green). `random` is drawn once per choice, so tests can pin it.
 */
export class Router {
  private blue: Fleet | undefined;
  private green: Fleet | undefined;
  private greenShare = 0;
  private split: Split = { weights: new Map() };
  private greenSplit: Split = { weights: new Map() };

  constructor(private readonly random: () => number = Math.random) {}

  get live(): Fleet | undefined {
    return this.blue;
  }

  get next(): Fleet | undefined {
    return this.green;
  }

  /** Puts a fleet in place of all others. */
  serve(fleet: Fleet, split: Split): void {
    fleet.activate();
    this.blue = fleet;
    this.split = split;
    this.green = undefined;
    this.greenShare = 0;
  }

  /**
   * Sends a share of the traffic to a new fleet.
   * @param capacity the instances that take it, by variant; all when left out.
   */
  shift(fleet: Fleet, split: Split, share: number, capacity?: ReadonlyMap<string, number>): void {
    fleet.activate(capacity);
    this.green = fleet;
    this.greenSplit = split;
    this.greenShare = share;
  }

  /** Takes the new fleet out of traffic again. */
  revert(): void {
    this.green = undefined;
    this.greenShare = 0;
  }

  divide(split: Split): void {
    this.split = split;
  }

  /**
   * @param target production variant that the caller asks for.
   * @returns undefined when there is no such variant (or nothing to serve).
   */
  route(target?: string): Route | undefined {
    const useGreen = this.green !== undefined && this.random() < this.greenShare;
    const fleet = useGreen ? this.green : this.blue;
    const { weights, shadow } = useGreen ? this.greenSplit : this.split;
    const variant = target === undefined ? this.draw(weights) : weights.has(target) ? target : undefined;
    const found = fleet && variant !== undefined && routeTo(fleet, variant);
    if (!found) return undefined;
    const copy = shadow && this.random() < shadow.share ? routeTo(fleet, shadow.variant) : undefined;
    return copy ? { ...found, copy } : found;
  }

  private draw(weights: ReadonlyMap<string, number>): string | undefined {
    const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    let left = this.random() * total;
    let last: string | undefined;
    for (const [variant, weight] of weights) {
      if (weight <= 0) continue;
      last = variant;
      left -= weight;
      if (left < 0) return variant;
    }
    // Rounding may leave a rest.
    return last;
  }
}

function routeTo(fleet: Fleet, variant: string): Route | undefined {
  const found = fleet.variants.get(variant);
  return found && { configName: fleet.configName, variant, fleet: found };
}
