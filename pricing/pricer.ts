import type { Assumptions } from "./assumptions";
import type { Inputs } from "./inputs";
import type { Prices } from "./table";

/** A resource as a plan or a state has it. */
export interface PlannedResource {
  readonly urn: string;
  /** Such as `aws:s3/bucket:Bucket`. */
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** A part of what a resource costs. */
export interface Part {
  /** A month, not rounded. */
  readonly usd: number;
  /** The most that it can become by itself, by autoscaling or by a longer job. */
  readonly atMostUsd?: number;
  /** How it was worked out, with what was assumed. */
  readonly how: string;
}

/** What a pricer sees: prices, assumptions, and the resources around. */
export interface World {
  readonly prices: Prices;
  readonly assume: Assumptions;
  readonly resources: readonly PlannedResource[];
  /** The stack's settings, `peregrine:trainingMaxHours` to text: for what a preview does not know yet. */
  readonly settings: Readonly<Record<string, string>>;
  /** The resource that is priced. */
  readonly urn: string;
  /** The resource's place among those of its type, in the order of their names: some are free up to a number. */
  readonly index: number;
}

export type Pricer = (inputs: Inputs, world: World) => readonly Part[];
