import { type Point, whiten, whitening } from "../forecasting/autocorrelation";
import { leastSquares, varianceOfSum } from "../statistics/linear";
import type { StudentPart } from "../statistics/mixture-of-students";

/**
 * Regression of a series whose days remember each other (AR(1), days may be missing): generalised least squares for each
 * of many autocorrelations, weighed by their restricted likelihood (Harville, Biometrika 61, 1974). One estimated
 * autocorrelation would be taken for the true one, and is too small where days are few: intervals would be too narrow.
 */
export interface SeriesRegression {
  /** Beliefs about a sum of coefficients. @param weights one for each column. */
  about(weights: ArrayLike<number>): StudentPart[];
  /** Mean autocorrelation from a day to the next. */
  readonly phi: number;
  /** Standard deviation of the noise. */
  readonly noise: number;
}

/**
 * Autocorrelations that are thought of, each as likely before any data. Days that repel each other a little are among
 * them: without those, intervals of independent days would be too wide.
 */
const phis = Array.from({ length: 16 }, (_, index) => (index - 3) * 0.08);
/** What says so much less than the best (e to the power of -9) says nothing. */
const negligible = 9;

/**
 * @param columns each as long as `points`.
 * @returns undefined where columns depend on each other, or nothing is left to tell the noise by.
 */
export function regressSeries(
  points: readonly Point[],
  columns: readonly Float64Array[],
): SeriesRegression | undefined {
  const degrees = points.length - columns.length;
  if (degrees < 1) return undefined;
  const values = Float64Array.from(points, ({ value }) => value);
  const total = values.reduce((sum, value) => sum + value * value, 0);
  const fits = phis.flatMap((phi) => {
    const white = whitening(points, phi);
    const fit = leastSquares(
      columns.map((column) => whiten(column, white)),
      whiten(values, white),
    );
    if (!fit) return [];
    // A series without noise has next to nothing left, never less.
    const residual = Math.max(fit.residualSquares, 1e-18 * total, Number.MIN_VALUE);
    const logWeight = -0.5 * (white.logDeterminant + fit.logDeterminant + degrees * Math.log(residual));
    return [{ phi, fit, logWeight, variance: residual / degrees }];
  });
  if (fits.length === 0) return undefined;
  const most = Math.max(...fits.map(({ logWeight }) => logWeight));
  const likely = fits.filter(({ logWeight }) => logWeight > most - negligible);
  const all = likely.reduce((sum, { logWeight }) => sum + Math.exp(logWeight - most), 0);
  const weighed = likely.map((one) => ({ ...one, weight: Math.exp(one.logWeight - most) / all }));
  return {
    about: (weights) =>
      weighed.map(({ weight, fit, variance }) => ({
        weight,
        mean: fit.coefficients.reduce((sum, coefficient, index) => sum + coefficient * weights[index]!, 0),
        deviation: Math.sqrt(variance * varianceOfSum(fit, weights)),
        degrees,
      })),
    phi: weighed.reduce((sum, { weight, phi }) => sum + weight * phi, 0),
    noise: Math.sqrt(weighed.reduce((sum, { weight, variance }) => sum + weight * variance, 0)),
  };
}
