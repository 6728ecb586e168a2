import type { Point } from "../../../lifecycle/forecasting/autocorrelation";
import { leastSquares, varianceOfSum } from "../../../lifecycle/statistics/linear";

/** What dashboards do: a level and a step by ordinary least squares, days as if independent, 5 per cent at 2.0. */
export function plainRegression(points: readonly Point[], change: number): boolean {
  const columns = [
    Float64Array.from(points, () => 1),
    Float64Array.from(points, ({ day }) => day - change),
    Float64Array.from(points, ({ day }) => Number(day >= change)),
  ];
  const fit = leastSquares(
    columns,
    Float64Array.from(points, ({ value }) => value),
  )!;
  const variance = fit.residualSquares / (points.length - columns.length);
  return Math.abs(fit.coefficients[2]!) > 2 * Math.sqrt(variance * varianceOfSum(fit, [0, 0, 1]));
}
