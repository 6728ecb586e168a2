import { chiSquaredTail, logGamma, logSum } from "./special";

/** What was served while the split stayed as it was. */
export interface WeightEpoch {
  /** Requests or flights of each arm, in the order of `weights`. */
  readonly served: readonly number[];
  /** The intended split, in any unit; 0 for an arm that must get nothing. */
  readonly weights: readonly number[];
}

/**
 * How strongly Dirichlet priors believe in the intended split, in observations: one that finds gross faults at once, and
 * one for those of a twentieth.
 */
const concentrations: readonly number[] = [100, 3000];

/**
 * Sequential test of the sample ratio: the logarithm of the Bayes factor of "some other split" (Dirichlet prior around
 * the intended one, of two strengths) against the intended split. Lindon and Malek, "Anytime-valid inference for multinomial count data",
 * NeurIPS 2022 (arXiv 2011.03567), equation 7. Under the intended split the factor is ever above 1/α with chance α at
 * most. Epochs of different weights are independent given the split, so that their factors multiply.
 * @returns Infinity where an arm of weight 0 was served.
 */
export function logRatioEvidence(epochs: readonly WeightEpoch[]): number {
  const each = concentrations.map((concentration) =>
    epochs.reduce((total, epoch) => total + epochEvidence(epoch, concentration), 0),
  );
  return logSum(each) - Math.log(each.length);
}

function epochEvidence({ served, weights }: WeightEpoch, concentration: number): number {
  const all = weights.reduce((total, weight) => total + weight, 0);
  if (weights.some((weight, arm) => weight === 0 && served[arm]! > 0)) return Infinity;
  const arms = weights.flatMap((weight, arm) => (weight > 0 ? [{ share: weight / all, count: served[arm]! }] : []));
  const count = arms.reduce((total, arm) => total + arm.count, 0);
  return arms.reduce(
    (total, arm) =>
      total +
      logGamma(concentration * arm.share + arm.count) -
      logGamma(concentration * arm.share) -
      arm.count * Math.log(arm.share),
    logGamma(concentration) - logGamma(concentration + count),
  );
}

/** Pearson's chi-squared test of the split, for one look only: the chance of a split as far off. */
export function ratioPValue({ served, weights }: WeightEpoch): number {
  const count = served.reduce((total, one) => total + one, 0);
  const all = weights.reduce((total, one) => total + one, 0);
  const statistic = served.reduce((total, one, arm) => {
    const expected = (count * weights[arm]!) / all;
    return total + (one - expected) ** 2 / expected;
  }, 0);
  return chiSquaredTail(statistic, weights.length - 1);
}
