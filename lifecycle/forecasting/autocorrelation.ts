/**
 * Noise whose days remember each other: AR(1), with days missing. Dividing it out (Prais-Winsten's transformation, here
 * for gaps of any length) leaves values that ordinary least squares may treat as independent.
 */

/** A value of a day; days are counted from anywhere and increase. */
export interface Point {
  readonly day: number;
  readonly value: number;
}

/** For each point, how it depends on the one before. */
export interface Whitening {
  /** Correlation with the point before: `phi` to the power of the days between; 0 for the first. */
  readonly carry: readonly number[];
  /** What is left is divided by it: the standard deviation of what is new, of noise with standard deviation 1. */
  readonly scale: readonly number[];
  /** Logarithm of the determinant of the noise's correlation matrix. */
  readonly logDeterminant: number;
}

/** @param phi correlation from one day to the next, above -1 and below 1. */
export function whitening(points: readonly Point[], phi: number): Whitening {
  const carry = points.map(({ day }, index) => (index === 0 ? 0 : power(phi, day - points[index - 1]!.day)));
  const scale = carry.map((rho) => Math.sqrt(1 - rho * rho));
  return { carry, scale, logDeterminant: 2 * scale.reduce((total, one) => total + Math.log(one), 0) };
}

/** `phi` to the power of whole days; 1 for none, also of 0. */
export function power(phi: number, days: number): number {
  return days === 0 ? 1 : phi ** days;
}

/** A column of values without what each inherits from the one before. */
export function whiten(column: ArrayLike<number>, { carry, scale }: Whitening): Float64Array {
  const white = new Float64Array(column.length);
  for (let index = 0; index < column.length; index++) {
    const inherited = index === 0 ? 0 : carry[index]! * column[index - 1]!;
    white[index] = (column[index]! - inherited) / scale[index]!;
  }
  return white;
}
