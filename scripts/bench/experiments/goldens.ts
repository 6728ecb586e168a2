import { rateSequence } from "../../../lifecycle/statistics/confidence-sequence";
import {
  bestRho,
  betaBinomialMixture,
  gammaExponentialMixture,
  gammaPoissonMixture,
  normalMixture,
  oneSidedNormalMixture,
  stitchedBound,
} from "../../../lifecycle/statistics/mixtures";
import { quantileDifferencePValue } from "../../../lifecycle/statistics/quantiles";

/** Their own tolerance. */
export const goldenTolerance = 1e-5;

const tuning = { v: 100 };
const normal = normalMixture(tuning);
const oneSided = oneSidedNormalMixture(tuning);
const exponential = gammaExponentialMixture(tuning, 2);
const poisson = gammaPoissonMixture(tuning, 2);
const twoSidedBeta = betaBinomialMixture(tuning, 0.2, 0.8, 2);
const oneSidedBeta = betaBinomialMixture(tuning, 0.2, 0.8, 1);
const upFrom = (offset: number): number[] => Array.from({ length: 1000 }, (_, index) => index + 1 + offset);
const pValue = (p: number, offset: number): number => quantileDifferencePValue(upFrom(0), upFrom(offset), p, 100);

/**
 * Golden values of confseq (gostevehoward/confseq at 70b1ef3, `test/uniform_boundaries_unittest.cpp`), which come from a
 * reference implementation in R: what, ours, theirs.
 */
export const goldens: readonly (readonly [what: string, ours: number, theirs: number])[] = [
  ["rho", bestRho(tuning), 12.60056],
  ["two-sided normal mixture", normal.logValue(10, 100), -0.6510052],
  ["two-sided normal bound", normal.bound(100, 0.05), 30.35209],
  ["one-sided normal mixture", oneSided.logValue(10, 100), -0.06502391],
  ["one-sided normal bound", oneSided.bound(100, 0.05), 27.66071],
  ["gamma-exponential mixture", exponential.logValue(10, 100), -0.2490165],
  ["gamma-exponential bound", exponential.bound(100, 0.05), 33.02017],
  ["gamma-Poisson mixture", poisson.logValue(10, 100), -0.06991219],
  ["gamma-Poisson bound", poisson.bound(100, 0.05), 30.1949],
  ["two-sided beta-binomial mixture", twoSidedBeta.logValue(10, 100), -0.6941012],
  ["two-sided beta-binomial bound", twoSidedBeta.bound(100, 0.05), 31.4308],
  ["one-sided beta-binomial mixture", oneSidedBeta.logValue(10, 100), -0.07134019],
  ["one-sided beta-binomial bound", oneSidedBeta.bound(100, 0.05), 28.41238],
  ["one-sided beta-binomial bound where all succeed", oneSidedBeta.bound(0.32, 0.05), 1.6],
  ["stitched bound", stitchedBound(100, 0.05, 10, 3), 64.48755],
  ["stitched bound, negative scale", stitchedBound(100, 0.05, 10, -1), 28.99389],
  ["p-value of quantiles 70 apart", pValue(0.5, 70), 0.814704],
  ["p-value of quantiles 85 apart", pValue(0.5, 85), 0.0838055],
  ["p-value of quantiles 100 apart", pValue(0.5, 100), 0.0054947],
  ["p-value of 90 % quantiles 55 apart", pValue(0.9, 55), 0.0340463],
  ...(
    [
      [700, 1000, 100, 0.651629, 0.745949],
      [15, 50, 50, 0.129556, 0.511896],
      [5, 50, 50, 0.013021, 0.269264],
      [1, 50, 50, 0, 0.13489],
      [1, 2, 50, 0, 1],
      [100, 200, 1, 0.328923, 0.671076],
      [0, 1, 50, 0, 1],
      [1, 1, 50, 0, 1],
    ] as const
  ).flatMap(([successes, trials, best, low, high]) => {
    const interval = rateSequence(successes, trials, 0.05, best);
    return [
      [`low end of ${successes}/${trials}`, interval.low, low],
      [`high end of ${successes}/${trials}`, interval.high, high],
    ] as const;
  }),
];
