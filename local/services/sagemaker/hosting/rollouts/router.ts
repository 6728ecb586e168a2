import type { Fleet, VariantFleet } from "../fleets/fleet";

/** Where a request of an endpoint goes. */
export interface Route {
  readonly configName: string;
  readonly variant: string;
  readonly fleet: VariantFleet;
}

/**
 * Traffic of one endpoint: weighted among variants, and during an update shared between the old fleet (blue) and the
 * new one (green). `random` is drawn once per choice, so tests can pin it.
 */
export class Router {
  private blue: Fleet | undefined;
  private green: Fleet | undefined;
  private greenShare = 0;
  private weights = new Map<string, number>();
  private greenWeights = new Map<string, number>();

  constructor(private readonly random: () => number = Math.random) {}

  get live(): Fleet | undefined {
    return this.blue;
  }

  get next(): Fleet | undefined {
    return this.green;
  }

  /** Puts a fleet in place of all others. */
  serve(fleet: Fleet, weights: ReadonlyMap<string, number>): void {
    fleet.activate();
    this.blue = fleet;
    this.weights = new Map(weights);
    this.green = undefined;
    this.greenShare = 0;
  }

  /**
   * Sends a share of the traffic to a new fleet.
   * @param capacity the instances that take it, by variant; all when left out.
   */
  shift(
    fleet: Fleet,
    weights: ReadonlyMap<string, number>,
    share: number,
    capacity?: ReadonlyMap<string, number>,
  ): void {
    fleet.activate(capacity);
    this.green = fleet;
    this.greenWeights = new Map(weights);
    this.greenShare = share;
  }

  /** Takes the new fleet out of traffic again. */
  revert(): void {
    this.green = undefined;
    this.greenShare = 0;
  }

  weigh(weights: ReadonlyMap<string, number>): void {
    this.weights = new Map(weights);
  }

  /**
   * @param target variant that the caller asks for.
   * @returns undefined when there is no such variant (or nothing to serve).
   */
  route(target?: string): Route | undefined {
    const useGreen = this.green !== undefined && this.random() < this.greenShare;
    const fleet = useGreen ? this.green : this.blue;
    const weights = useGreen ? this.greenWeights : this.weights;
    if (!fleet) return undefined;
    const variant = target ?? this.draw(weights);
    const found = variant === undefined ? undefined : fleet.variants.get(variant);
    return found && { configName: fleet.configName, variant: variant!, fleet: found };
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
    // All weights zero: the first variant, as an endpoint with one variant of weight 0 still answers.
    return last ?? weights.keys().next().value;
  }
}
