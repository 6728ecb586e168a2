import type { MeanEstimate } from "./clusters";
import {
  betaBinomialMixture,
  gammaExponentialMixture,
  normalMixture,
  oneSidedNormalMixture,
  type Tuning,
} from "./mixtures";
import { signChange } from "./solve";

/** Where a value lies; of a confidence sequence, at all looks at once with the chance that was asked for. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Confidence sequence of a mean by the normal mixture: asymptotic, as estimates with an estimated variance are (Waudby-
 * Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory", Annals of Statistics 2024, arXiv
 * 2103.06476, Theorem 2.2). Also of a difference of means, whose variances add up.
 * @param bestInformation 1 / variance at which it is to be tightest: that of the planned end.
 */
export function meanSequence(estimate: MeanEstimate, alpha: number, bestInformation: number): Interval {
  const { mean, variance } = estimate;
  const width = variance * normalMixture({ v: bestInformation, alpha }).bound(1 / variance, alpha);
  return { low: mean - width, high: mean + width };
}

/** Lower end alone, tighter: for what asks only whether something is no worse. Same source. */
export function meanLowerSequence(estimate: MeanEstimate, alpha: number, bestInformation: number): number {
  const { mean, variance } = estimate;
  return mean - variance * oneSidedNormalMixture({ v: bestInformation, alpha }).bound(1 / variance, alpha);
}

/**
 * z that the two-sided normal mixture asks for at each look: what tells its power at planned looks
 * (`group-sequential.ts`).
 */
export function mixtureBounds(information: readonly number[], alpha: number, bestInformation: number): number[] {
  const mixture = normalMixture({ v: bestInformation, alpha });
  return information.map((at) => mixture.bound(at, alpha) / Math.sqrt(at));
}

/** The same of the one-sided mixture. */
export function lowerMixtureBounds(information: readonly number[], alpha: number, bestInformation: number): number[] {
  const mixture = oneSidedNormalMixture({ v: bestInformation, alpha });
  return information.map((at) => mixture.bound(at, alpha) / Math.sqrt(at));
}

/** What is kept of values in a known range, one after the other. */
export interface BoundedTally {
  readonly count: number;
  readonly sum: number;
  /** Sum of squared errors of each value's prediction: the mean of the values before it. */
  readonly errors: number;
}

/** Half an observation in the middle of the range predicts the first. */
const middle = 0.5;

export const nothingBounded: BoundedTally = { count: 0, sum: 0, errors: 0 };

/** @param value within 0 to 1. */
export function withBounded({ count, sum, errors }: BoundedTally, value: number): BoundedTally {
  const prediction = (middle + sum) / (count + 1);
  return { count: count + 1, sum: sum + value, errors: errors + (value - prediction) ** 2 };
}

/**
 * Confidence sequence of the mean of values in [0, 1], not asymptotic and for any distribution, also a changing one:
 * empirical Bernstein by the gamma-exponential mixture (Howard et al. 2021, Theorem 4; see `mixtures.ts`).
 * @param bestCount values at which it is to be tightest, if their variance is 1/4.
 */
export function boundedMeanSequence(tally: BoundedTally, alpha: number, bestCount: number): Interval {
  if (tally.count === 0) return { low: 0, high: 1 };
  const tuning: Tuning = { v: bestCount / 4, alpha: alpha / 2 };
  const width = gammaExponentialMixture(tuning, 1).bound(tally.errors, alpha / 2) / tally.count;
  const mean = tally.sum / tally.count;
  return { low: Math.max(0, mean - width), high: Math.min(1, mean + width) };
}

/**
 * Confidence sequence of a rate: the rates that the two-sided beta-binomial mixture does not reject (Howard and Ramdas,
 * Bernoulli 28(3), 2022, arXiv 1906.09712, section 2; confseq's `bernoulli_confidence_interval`).
 * @param bestCount trials at which it is to be tightest.
 */
export function rateSequence(successes: number, trials: number, alpha: number, bestCount: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const seen = successes / trials;
  const rejected = (rate: number): number => {
    const variance = rate * (1 - rate);
    const mixture = betaBinomialMixture({ v: variance * bestCount }, rate, 1 - rate, 2);
    return mixture.logValue((seen - rate) * trials, variance * trials) - Math.log(1 / alpha);
  };
  const edge = 1e-12;
  const low = seen <= edge || rejected(edge) <= 0 ? 0 : signChange(rejected, edge, seen);
  const high = seen >= 1 - edge || rejected(1 - edge) <= 0 ? 1 : signChange(rejected, seen, 1 - edge);
  return { low, high };
}
