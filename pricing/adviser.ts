import { amount } from "./amounts";
import { hoursPerMonth } from "./assumptions";
import type { Prices } from "./table";

/** How fast an instance of a type answers. */
export interface Performance {
  /** Of the model, for nine requests in ten. */
  readonly p90Ms: number;
  /** What one instance answers at that latency. */
  readonly imagesPerSecond: number;
  /** Where both are from: measured on an endpoint, or stated by whoever asks. */
  readonly source: string;
}

/** What an endpoint has to do. */
export interface ServingNeed {
  readonly objectiveP90Ms: number;
  readonly peakImagesPerSecond: number;
  readonly minInstances: number;
  readonly maxInstances: number;
}

/** An instance type, and whether it does. */
export interface InstanceOption {
  readonly type: string;
  readonly verdict: "meets" | "too slow" | "too many" | "unknown";
  readonly reasons: readonly string[];
  /** That the peak needs, and the environment's least number; undefined where that is not known. */
  readonly instances: number | undefined;
  /** Of these instances, all month; undefined where the type has no price, or nobody knows how fast it is. */
  readonly monthlyUsd: number | undefined;
}

export interface InstanceAdvice {
  /** The cheapest one that meets the objective; undefined where none is known to. */
  readonly best: InstanceOption | undefined;
  /** All allowed types: those that meet it first, the cheapest before. */
  readonly options: readonly InstanceOption[];
}

const order = ["meets", "too many", "too slow", "unknown"] as const;

/**
 * The cheapest allowed instance type that meets the latency objective. A type whose speed nobody measured or stated is
 * unknown: it is neither recommended nor ruled out.
 */
export function adviseInstance(
  allowed: readonly string[],
  speeds: ReadonlyMap<string, Performance>,
  prices: Prices,
  need: ServingNeed,
): InstanceAdvice {
  const options = allowed
    .map((type) => optionOf(type, speeds.get(type), prices, need))
    .sort(
      (one, other) =>
        order.indexOf(one.verdict) - order.indexOf(other.verdict) ||
        (one.monthlyUsd ?? Infinity) - (other.monthlyUsd ?? Infinity),
    );
  const best = options.find(({ verdict, monthlyUsd }) => verdict === "meets" && monthlyUsd !== undefined);
  return { best, options };
}

function optionOf(type: string, speed: Performance | undefined, prices: Prices, need: ServingNeed): InstanceOption {
  const { objectiveP90Ms, peakImagesPerSecond, minInstances, maxInstances } = need;
  if (!speed) {
    const reasons = ["nobody measured or stated how fast it answers"];
    return { ...{ type, reasons }, verdict: "unknown", instances: undefined, monthlyUsd: undefined };
  }
  const { p90Ms, imagesPerSecond, source } = speed;
  const instances = Math.max(minInstances, Math.ceil(peakImagesPerSecond / imagesPerSecond));
  const hourly = prices.known(`sagemaker.hosting.${type}`);
  const common = {
    ...{ type, instances },
    monthlyUsd: hourly === undefined ? undefined : hourly * instances * hoursPerMonth,
  };
  const facts = [
    `${amount(p90Ms)} ms for nine in ten, ${amount(imagesPerSecond)} images a second (${source})`,
    `${instances} for a peak of ${amount(peakImagesPerSecond)} images a second, at least ${minInstances}`,
    ...(hourly === undefined ? ["the price table has no price for it"] : []),
  ];
  if (p90Ms > objectiveP90Ms)
    return { ...common, verdict: "too slow", reasons: [`above the objective of ${objectiveP90Ms} ms`, ...facts] };
  if (instances > maxInstances)
    return { ...common, verdict: "too many", reasons: [`more than the ${maxInstances} that are allowed`, ...facts] };
  return { ...common, verdict: "meets", reasons: facts };
}
