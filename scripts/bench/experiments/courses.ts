import type { ExperimentDesign, ExperimentTraffic } from "../../../lifecycle/experiment/design";
import type { Look } from "../../../lifecycle/experiment/look";
import { type Served, nothingServed } from "../../../lifecycle/rollout/served";
import { type ClusterTally, noClusters, tallyOf } from "../../../lifecycle/statistics/clusters";
import type { Random } from "../random";

/** What is true of an experiment that is simulated, and nobody in it knows. */
export interface Truth {
  /** Challenger's mean score less the champion's. */
  readonly effect: number;
  /** Share of requests with errors. */
  readonly errors?: { readonly champion: number; readonly challenger: number };
  /** Share of units that name the champion themselves, and so pass the split. */
  readonly bypass?: number;
}

export const startedAt = "2026-01-05T00:00:00.000Z";

/** Looks of one experiment, evenly spread over these hours. */
export function looksOf(
  random: Random,
  { unit, challengerPercent, metric }: Pick<ExperimentDesign, "unit" | "challengerPercent" | "metric">,
  traffic: ExperimentTraffic,
  { effect, errors = { champion: 0, challenger: 0 }, bypass = 0 }: Truth,
  hours: number,
  count: number,
): Look[] {
  const step = hours / count;
  const size = unit === "flight" ? traffic.flightSize : 1;
  const units = (3600 * step * traffic.requestsPerSecond) / size;
  const sign = metric.better === "higher" ? 1 : -1;
  return Array.from({ length: count }, (_, index) => {
    const all = random.poisson(units);
    const passing = random.binomial(all, bypass);
    const challengers = random.binomial(all - passing, challengerPercent / 100);
    const arm = (assigned: number, mean: number, failing: number) => {
      const requests = Math.round(assigned * size);
      const served: Served = {
        ...nothingServed,
        requests,
        answers: requests,
        errors: random.binomial(requests, failing),
      };
      const labelled = random.binomial(assigned, traffic.labelledShare);
      return { units: assigned, served, scores: scoresOf(random, labelled, size, mean, traffic) };
    };
    return {
      at: new Date(Date.parse(startedAt) + Math.ceil((index + 1) * step * 3_600_000)).toISOString(),
      challengerPercent,
      arms: {
        champion: arm(all - challengers, 0.6, errors.champion),
        challenger: arm(challengers, 0.6 + sign * effect, errors.challenger),
      },
    };
  });
}

/** Scores of labelled units: flights of one size whose images are alike, or images alone. */
function scoresOf(
  random: Random,
  units: number,
  size: number,
  mean: number,
  { deviation, correlation }: ExperimentTraffic,
): ClusterTally {
  if (units === 0) return noClusters;
  if (units <= 20) {
    const spread = deviation * Math.sqrt(size === 1 ? 1 : correlation + (1 - correlation) / size);
    return scaled(tallyOf(Array.from({ length: units }, () => [mean + spread * random.normal()])), size);
  }
  // Sum and sum of squares of that many normal values, without drawing each (chi-squared by Wilson and Hilferty).
  const spread = deviation * Math.sqrt(size === 1 ? 1 : correlation + (1 - correlation) / size);
  const sum = units * mean + Math.sqrt(units) * spread * random.normal();
  const degrees = units - 1;
  const residual =
    spread ** 2 * degrees * (1 - 2 / (9 * degrees) + Math.sqrt(2 / (9 * degrees)) * random.normal()) ** 3;
  const squares = sum ** 2 / units + residual;
  return scaled(
    { clusters: units, values: units, sum, squares, sumSquares: squares, sumSizes: sum, sizeSquares: units },
    size,
  );
}

/** Units of one value, as units of `size` values with that mean. */
function scaled(tally: ClusterTally, size: number): ClusterTally {
  return {
    clusters: tally.clusters,
    values: tally.values * size,
    sum: tally.sum * size,
    squares: tally.squares * size,
    sumSquares: tally.sumSquares * size ** 2,
    sumSizes: tally.sumSizes * size ** 2,
    sizeSquares: tally.sizeSquares * size ** 2,
  };
}
