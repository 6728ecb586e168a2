import type { RetrainingTrigger } from "../../contract/monitoring";

/** How bad the model was, or will be, at one time. */
export interface Observation {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Below what it should be, 0 to 1 of mAP50 or F1; null where nobody knows. */
  readonly shortfall: number | null;
  readonly trigger: RetrainingTrigger;
}

/** What a retraining has to be worth before it is made. */
export interface Worth {
  /**
   * Point-days that a retraining costs: a model that is 1 point (0.01) below what it should be for 1 day costs one. The
   * ratio of the two costs, which every policy needs (CARA, arXiv 2310.04216; Regol et al., ICML 2025).
   */
  readonly pointDays: number;
  /** Points that do not count: a day's labelled sample errs by about as much. */
  readonly slackPoints: number;
  /** Days for which a settled shortfall is expected to go on when nobody does anything. */
  readonly horizonDays: number;
  /** Days after which a shortfall has settled: it was no passing weather, and there is data to learn from. */
  readonly settleDays: number;
}

/** Parameters that did best on simulated years of four kinds (`scripts/bench/retraining/`); the price is the user's. */
export const worthOf = (pointDays: number): Worth => ({
  pointDays,
  slackPoints: 2,
  horizonDays: 14,
  settleDays: 7,
});

export interface Need {
  /** `unknown`: something moved, and nobody knows how much it costs. */
  readonly state: "worth-it" | "too-small" | "unknown" | "none";
  /** Lost since the last training, point-days. */
  readonly lost: number;
  /** Expected to be lost if nothing is done, point-days. */
  readonly expected: number;
}

const dayMs = 86_400_000;
/** Longest time that one observation speaks for, days. */
const longest = 1;
/** Weight of the newest observation in the present shortfall. */
const newest = 0.3;
/** So many times the slack must be lost before measurements are evidence: less is noise. */
const evidence = 5;

/** A CUSUM over what was measured. */
interface Measured {
  /** Point-days beyond the slack. */
  readonly lost: number;
  /** Smoothed shortfall, points. */
  readonly present: number;
  /** Days since the loss began. */
  readonly days: number;
}

/**
 * What waiting has cost and will cost since the last training. A training is worth it once as much has been lost as it
 * costs: with a steady decay that is where the best period ends, and never costs more than twice the best (ski rental).
 * A shortfall that has settled is answered earlier, by what it will cost. Shortfalls that nobody knows add nothing: of
 * them comes `unknown`.
 * @param observations since the last training, in any order. Forecasts are about days to come and count for those.
 */
export function retrainingNeed(observations: readonly Observation[], worth: Worth): Need {
  const { lost, present, days } = measured(observations, worth);
  const relevant = (points: number) => Math.max(0, points - worth.slackPoints) * worth.horizonDays;
  const settled = days >= worth.settleDays;
  const forecast = relevant(forecastPoints(observations));
  const expected = Math.max(settled ? relevant(present) : 0, forecast);
  const evident = lost >= evidence * worth.slackPoints;
  const worthIt =
    (evident && lost + (settled ? relevant(present) : 0) >= worth.pointDays) ||
    (forecast > 0 && forecast >= worth.pointDays);
  return { state: worthIt ? "worth-it" : lesser(observations, lost + expected), lost, expected };
}

function measured(observations: readonly Observation[], { slackPoints }: Worth): Measured {
  const known = observations
    .flatMap(({ at, shortfall, trigger }) =>
      shortfall === null || trigger === "forecast" ? [] : [{ ms: Date.parse(at), points: shortfall * 100 }],
    )
    .sort((one, other) => one.ms - other.ms);
  let lost = 0;
  let present = 0;
  let began: number | undefined;
  let last: number | undefined;
  for (const { ms, points } of known) {
    const days = last === undefined ? longest : Math.min(longest, (ms - last) / dayMs);
    present = last === undefined ? points : present + newest * (points - present);
    lost = Math.max(0, lost + (points - slackPoints) * days);
    began = lost === 0 ? undefined : (began ?? ms - days * dayMs);
    last = ms;
  }
  return { lost, present, days: began === undefined ? 0 : (last! - began) / dayMs };
}

/** Of the newest forecast, points; 0 where there is none. */
function forecastPoints(observations: readonly Observation[]): number {
  const newestForecast = observations
    .filter(({ trigger, shortfall }) => trigger === "forecast" && shortfall !== null)
    .sort((one, other) => Date.parse(other.at) - Date.parse(one.at))[0];
  return (newestForecast?.shortfall ?? 0) * 100;
}

function lesser(observations: readonly Observation[], total: number): Need["state"] {
  if (observations.some(({ shortfall, trigger }) => shortfall === null && shows.includes(trigger))) return "unknown";
  return total > 0 ? "too-small" : "none";
}

/** What says something about the model, even without a number. */
const shows: readonly RetrainingTrigger[] = ["quality", "drift", "forecast"];
