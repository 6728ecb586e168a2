import type { Interval } from "./confidence-sequence";
import { betaBinomialMixture, type Mixture } from "./mixtures";
import { lowest } from "./solve";

/**
 * Howard and Ramdas, "Sequential estimation of quantiles with applications to A/B testing", Bernoulli 28(3), 2022 (arXiv
 * 1906.09712); compared with confseq.
 */

/** Values in increasing order. */
export type Sorted = readonly number[];

/**
 * Confidence sequence of the quantile `p`, such as 0.95 for p95 latency (Theorem 1 with the beta-binomial bound, equation
 * 10): two order statistics. @param bestCount values at which it is to be tightest.
 * @returns infinite ends where the values are too few.
 */
export function quantileSequence(sorted: Sorted, p: number, alpha: number, bestCount: number): Interval {
  const count = sorted.length;
  if (count === 0) return { low: -Infinity, high: Infinity };
  const time = p * (1 - p) * count;
  const tuning = { v: p * (1 - p) * bestCount, alpha: alpha / 2 };
  // More, or fewer, values than expected lie below the quantile: two one-sided bounds, of p and of 1 - p.
  const most = p + betaBinomialMixture(tuning, p, 1 - p, 1).bound(time, alpha / 2) / count;
  const least = p - betaBinomialMixture(tuning, 1 - p, p, 1).bound(time, alpha / 2) / count;
  return {
    low: least <= 0 ? -Infinity : sorted[Math.floor(count * least)]!,
    high: most >= 1 ? Infinity : sorted[Math.ceil(count * most) - 1]!,
  };
}

/**
 * Always-valid p-value of "two arms have the same quantile `p`" (Theorem 5 of the same paper; confseq's
 * `QuantileABTest`): the product of both arms' mixtures, at the common quantile that it says least against.
 * @param bestCount values of an arm at which it is to be most powerful.
 */
export function quantileDifferencePValue(one: Sorted, other: Sorted, p: number, bestCount: number): number {
  if (one.length === 0 || other.length === 0) return 1;
  const mixture = betaBinomialMixture({ v: p * (1 - p) * bestCount }, p, 1 - p, 2);
  const arms = [evidenceOf(one, p, mixture), evidenceOf(other, p, mixture)] as const;
  const [first, second] = arms[0].highest <= arms[1].highest ? arms : [arms[1], arms[0]];
  const joint = (x: number): number => first.at(x) + second.at(x);
  let least = Math.min(joint(first.highest), joint(second.lowest));
  // Between the arms' least points the sum falls only where the second arm has a value.
  const from = Math.max(1, countUpTo(second.sorted, first.highest));
  const to = countUpTo(second.sorted, second.lowest);
  for (let index = from; index <= to; index++) least = Math.min(least, joint(second.sorted[index - 1]!));
  return Math.min(1, Math.exp(-least));
}

/** What an arm says against "the quantile is x", and between which values it says least. */
interface ArmEvidence {
  readonly sorted: Sorted;
  readonly lowest: number;
  readonly highest: number;
  at(x: number): number;
}

function evidenceOf(sorted: Sorted, p: number, mixture: Mixture): ArmEvidence {
  const count = sorted.length;
  const of = (below: number): number => mixture.logValue((below - p) * count, p * (1 - p) * count);
  const best = lowest(of, 0, 1);
  const low = sorted[Math.max(0, Math.ceil(best * count) - 1)]!;
  const high = sorted[Math.min(count - 1, Math.floor(best * count))]!;
  return {
    sorted,
    lowest: low,
    highest: high,
    at: (x) => of(x < low ? countUpTo(sorted, x) / count : x > high ? countBelow(sorted, x) / count : best),
  };
}

function countUpTo(sorted: Sorted, x: number): number {
  return position(sorted, (value) => value <= x);
}

function countBelow(sorted: Sorted, x: number): number {
  return position(sorted, (value) => value < x);
}

/** How many values, from the first on, fulfil what a beginning of them does. */
function position(sorted: Sorted, holds: (value: number) => boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(sorted[middle]!)) from = middle + 1;
    else to = middle;
  }
  return from;
}
