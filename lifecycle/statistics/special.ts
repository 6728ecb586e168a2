import betainc from "@stdlib/math-base-special-betainc";
import erfc from "@stdlib/math-base-special-erfc";
import erfcinv from "@stdlib/math-base-special-erfcinv";
import gammainc from "@stdlib/math-base-special-gammainc";
import gammaln from "@stdlib/math-base-special-gammaln";

/** Special functions as the other files need them: logarithms where values underflow. Compared with SciPy in the spec. */

/** Chance that a standard normal value lies below `z`; its upper tail is that of `-z`, without loss of digits. */
export function normalCdf(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

/** The value that a standard normal one lies below with chance `p`, 0 to 1. */
export function normalQuantile(p: number): number {
  return -Math.SQRT2 * erfcinv(2 * p);
}

/** Below it the complementary error function loses digits before it underflows. */
const farTail = -30;

/** Logarithm of `normalCdf`; far in the tail by its asymptotic series (DLMF 7.12.1), four terms: 1e-11 and better. */
export function logNormalCdf(z: number): number {
  if (z > 0) return Math.log1p(-normalCdf(-z));
  if (z > farTail) return Math.log(normalCdf(z));
  const inverse = 1 / (z * z);
  const series = 1 - inverse * (1 - 3 * inverse * (1 - 5 * inverse * (1 - 7 * inverse)));
  return -z * z * 0.5 - Math.log(-z) - 0.5 * Math.log(2 * Math.PI) + Math.log(series);
}

/** Chance that a t-distributed value lies below `t`. @param degrees of freedom, above 0. */
export function studentCdf(t: number, degrees: number): number {
  // One tail is a half of an incomplete beta function (DLMF 8.17.5), from the side where it loses no digits.
  const square = t * t;
  const tail = Number.isFinite(t) ? betainc(square / (degrees + square), 0.5, degrees / 2, true, true) / 2 : 0;
  return t > 0 ? 1 - tail : tail;
}

/** Logarithm of the gamma function, `x` above 0. */
export function logGamma(x: number): number {
  return gammaln(x);
}

/** Logarithm of the beta function. */
export function logBeta(a: number, b: number): number {
  return gammaln(a) + gammaln(b) - gammaln(a + b);
}

/** Logarithm of the incomplete beta function B(x; a, b), not regularised. */
export function logIncompleteBeta(a: number, b: number, x: number): number {
  return x === 1 ? logBeta(a, b) : Math.log(betainc(x, a, b)) + logBeta(a, b);
}

/** Chance that a gamma-distributed value of this shape (scale 1) lies below `x`: P(shape, x). */
export function gammaCdf(shape: number, x: number): number {
  return gammainc(x, shape);
}

/** Chance that it lies above: Q(shape, x), exact where `gammaCdf` rounds to 1. */
export function gammaTail(shape: number, x: number): number {
  return gammainc(x, shape, true, true);
}

/** Chance that a chi-squared value lies above `x`. */
export function chiSquaredTail(x: number, degrees: number): number {
  return gammaTail(degrees / 2, x / 2);
}

/** Logarithm of a sum of numbers that are given by their logarithms. */
export function logSum(logarithms: readonly number[]): number {
  const most = Math.max(...logarithms);
  if (!Number.isFinite(most)) return most;
  return most + Math.log(logarithms.reduce((total, one) => total + Math.exp(one - most), 0));
}
