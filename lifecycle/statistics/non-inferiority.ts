import type { MeanEstimate } from "./clusters";
import { meanLowerSequence } from "./confidence-sequence";

/** What is known, at any look, of whether a difference lies above minus a margin. */
export interface NonInferiority {
  readonly verdict: "no worse" | "worse" | "open";
  /** Ends of one-sided confidence sequences, each of them right at all looks with chance 1 - alpha. */
  readonly low: number;
  readonly high: number;
}

/**
 * Non-inferiority by one-sided confidence sequences: proven where the lower one lies above -margin, refuted where the
 * upper one lies below it. "No significant harm" is no proof; see docs/statistics.md.
 * @param difference new less old, where more is better. @param margin above 0, in its unit.
 * @param bestInformation 1 / variance at which the sequences are to be tightest.
 */
export function nonInferiority(
  difference: MeanEstimate,
  margin: number,
  alpha: number,
  bestInformation: number,
): NonInferiority {
  const low = meanLowerSequence(difference, alpha, bestInformation);
  const high = -meanLowerSequence({ ...difference, mean: -difference.mean }, alpha, bestInformation);
  return { verdict: low > -margin ? "no worse" : high < -margin ? "worse" : "open", low, high };
}
