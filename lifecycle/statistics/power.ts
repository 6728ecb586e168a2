import { normalCdf, normalQuantile } from "./special";

/** A test with one look, at a number of units that is fixed before. Normal approximation. */
export interface FixedTest {
  /** Of the estimated difference: both arms' variances of means, added. */
  readonly variance: number;
  readonly alpha: number;
  readonly sides: 1 | 2;
}

/** Chance to find a difference (Cohen, Statistical Power Analysis, 2nd edition, section 12.2; both tails). */
export function fixedPower({ variance, alpha, sides }: FixedTest, difference: number): number {
  const bound = -normalQuantile(alpha / sides);
  const drift = difference / Math.sqrt(variance);
  return normalCdf(drift - bound) + (sides === 2 ? normalCdf(-drift - bound) : 0);
}

/** Information, 1 / variance of the difference, at which one look finds it with chance `power`. */
export function informationFor(difference: number, alpha: number, sides: 1 | 2, power: number): number {
  return ((normalQuantile(power) - normalQuantile(alpha / sides)) / difference) ** 2;
}
