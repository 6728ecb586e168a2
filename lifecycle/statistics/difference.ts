import type { MeanEstimate } from "./clusters";
import { normalQuantile, studentCdf } from "./special";

/** A difference of two means, as sequential tests take it. */
export interface Difference {
  readonly mean: number;
  readonly deviation: number;
  /** Standardised, as a normal value: Student's t at the same chance, since few units make a variance uncertain. */
  readonly z: number;
  /** 1 / variance. */
  readonly information: number;
}

/**
 * `one` less `other`. @param shift added before it is standardised: what is tested is whether the sum is above 0.
 * @returns undefined where nothing varies.
 */
export function differenceOf(one: MeanEstimate, other: MeanEstimate, shift = 0): Difference | undefined {
  const variance = one.variance + other.variance;
  return standardised(one.mean - other.mean, variance, variance === 0 ? 1 : degreesOf(one, other), shift);
}

/** A mean of differences, such as those of pairs, as it is. @param shift as above. @returns as above. */
export function meanDifference({ mean, variance, units }: MeanEstimate, shift = 0): Difference | undefined {
  return standardised(mean, variance, units - 1, shift);
}

function standardised(mean: number, variance: number, degrees: number, shift: number): Difference | undefined {
  if (variance === 0) return undefined;
  const deviation = Math.sqrt(variance);
  return { mean, deviation, z: asNormal((mean + shift) / deviation, degrees), information: 1 / variance };
}

/** Degrees of freedom of a difference of means (Satterthwaite, Biometrics Bulletin 2, 1946). */
export function degreesOf(one: Omit<MeanEstimate, "mean">, other: Omit<MeanEstimate, "mean">): number {
  const part = ({ variance, units }: Omit<MeanEstimate, "mean">): number => variance ** 2 / (units - 1);
  return (one.variance + other.variance) ** 2 / (part(one) + part(other));
}

/** Beyond it a tail underflows. */
const widestNormal = 37;

/** The normal value with the same tail. */
function asNormal(t: number, degrees: number): number {
  const tail = studentCdf(-Math.abs(t), degrees);
  return -Math.sign(t) * Math.max(normalQuantile(tail), -widestNormal);
}

/**
 * The other way round, about: Student's t with the tail of a normal value (Abramowitz and Stegun, 26.7.5, two terms). For
 * what is planned, with more than a few degrees.
 */
export function asStudent(z: number, degrees: number): number {
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}
