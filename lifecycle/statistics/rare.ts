import { logSum } from "./special";
import type { Count } from "./two-rates";

/** Rates that are believed in where the one in question is not reached: shares of it. */
const shares: readonly number[] = [0.01, 0.1, 0.3];

/** For each of `shares`, logarithm of the likelihood ratio against the rate in question. */
export type RareEvidence = readonly number[];

export const noRareEvidence: RareEvidence = shares.map(() => 0);

/**
 * Evidence that events are rarer than a rate: the mixture of likelihood ratios of Bernoulli values against it, an
 * e-process for "the rate is reached, or more" (Robbins, Annals of Mathematical Statistics 41, 1970; monotone ratios, so
 * that higher rates are rejected with it).
 * @param rate above 0 and below 1. @param dispersion as in `two-rates.ts`.
 */
export function withRareCount(
  evidence: RareEvidence,
  { requests, events }: Count,
  rate: number,
  dispersion = 1,
): RareEvidence {
  return evidence.map((one, index) => {
    const believed = shares[index]! * rate;
    const happened = events * Math.log(shares[index]!);
    const others = (requests - events) * (Math.log1p(-believed) - Math.log1p(-rate));
    return one + (happened + others) / dispersion;
  });
}

/** Logarithm of the e-value. */
export function logRare(evidence: RareEvidence): number {
  return logSum(evidence) - Math.log(evidence.length);
}
