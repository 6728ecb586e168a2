import type { RetrainingPolicy } from "../../../lifecycle/retraining/decision";
import { decideRetraining } from "../../../lifecycle/retraining/decision";
import { type Observation, worthOf } from "../../../lifecycle/retraining/need";

/** Decides on a day whether to train, from what was observed since the last training. */
export interface Policy {
  readonly name: string;
  /** @param observed shortfall of each day since the last training, points, with the sample's error. */
  decide(observed: readonly number[]): boolean;
}

export const never: Policy = { name: "never", decide: () => false };

export const periodic = (every: number): Policy => ({
  name: `every ${every} days`,
  decide: (observed) => observed.length >= every,
});

/** Whatever a drift detector says: a CUSUM with the usual half sigma of slack and five sigma of threshold. */
export const driftOnly = (noisePoints: number): Policy => ({
  name: "drift alone",
  decide(observed) {
    // The mean of a shortfall that is never negative is 0.4 sigma without any drift.
    const slack = 0.9 * noisePoints;
    let sum = 0;
    for (const points of observed) sum = Math.max(0, sum + points - slack);
    return sum >= 5 * noisePoints;
  },
});

/** CARA (arXiv 2310.04216), threshold variant: what a day costs is above a threshold that was tuned before. */
export const caraThreshold = (threshold: number): Policy => ({
  name: "CARA, threshold",
  decide: (observed) => (observed.at(-1) ?? 0) >= threshold,
});

/** CARA, cumulative variant: what was lost is above a threshold that was tuned before. */
export const caraCumulative = (threshold: number): Policy => ({
  name: "CARA, cumulative",
  decide: (observed) => observed.reduce((sum, points) => sum + points, 0) >= threshold,
});

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const at = (day: number) => new Date(start + day * dayMs).toISOString();

/** The product's own decision, with labels, money and people out of its way. @param price of a training, point-days. */
export function ours(price: number): Policy {
  const policy: RetrainingPolicy = {
    cooldownHours: 72,
    minLabels: 0,
    minGrowth: Infinity,
    monthlyUsd: 1,
    maxFailures: 1,
    worth: worthOf(price),
  };
  return {
    name: "ours",
    decide(observed) {
      if (observed.length === 0) return false;
      const seen = observed.map((points, day): Observation => ({
        at: at(day),
        shortfall: Math.min(1, points / 100),
        trigger: "quality",
      }));
      const newest = seen.at(-1)!;
      return (
        decideRetraining(
          {
            at: newest.at,
            proposal: {
              trigger: "quality",
              key: "k",
              reason: "a day's sample",
              classes: [],
              slices: [],
              shortfall: newest.shortfall,
            },
            earlier: seen.slice(0, -1),
            labels: { fresh: { object: 1 }, total: 1 },
            lastStart: at(-1),
            running: [],
            experiments: [],
            money: { spentUsd: 0, expectedUsd: 0, atMostUsd: 0 },
            failures: 0,
          },
          policy,
        ).verdict === "retrain"
      );
    },
  };
}
