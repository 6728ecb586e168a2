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
  /** Until then so many times a training's price must be lost: what is learned so early is soon learned anew. */
  readonly haste: number;
}

/**
 * Parameters that did best on simulated years of four kinds, and held on others (`scripts/bench/retraining/`); the price
 * is the user's.
 */
export const worthOf = (pointDays: number): Worth => ({
  pointDays,
  slackPoints: 2,
  horizonDays: 30,
  settleDays: 9,
  haste: 1.75,
});

export interface Need {
  /** `unknown`: something moved, and nobody knows how much it costs. */
  readonly state: "worth-it" | "too-small" | "unknown" | "none";
  /** Lost since the last training, point-days. */
  readonly lost: number;
  /** Expected to be lost if nothing is done, point-days. */
  readonly expected: number;
  /** Both together have to be so many point-days. */
  readonly wanted: number;
}

const dayMs = 86_400_000;
/** Longest time that one observation speaks for, days. */
const longest = 1;
/** Weight of the newest observation in the present shortfall. */
const newest = 0.2;
/**
 * Two CUSUMs over what was measured, in units of the slack: one sees a large loss within days, the other a small one
 * within weeks. A shortfall is never below 0, so that the mean of mere noise is 0.4 of its deviation: both slacks are
 * above it. The mean time until noise alone is evidence is exp(r h) at least (Lundberg's bound; r solves
 * E exp(r (noise - slack)) = 1, h is the evidence): 360 and 440 years of daily samples that err by the slack.
 */
const detectors = [
  { slack: 1, evidence: 6 },
  { slack: 0.7, evidence: 10 },
] as const;

/** What the detectors see. */
interface Measured {
  /** Point-days beyond the slack, of the detector that sees most. */
  readonly lost: number;
  /** Whether it is more than noise. */
  readonly evident: boolean;
  /** Smoothed shortfall, points. */
  readonly present: number;
  /** Days since the large loss began. */
  readonly days: number;
}

/**
 * What waiting has cost and will cost since the last training. A training is worth it once as much has been lost as it
 * costs: with a steady decay that is where the best period ends (ski rental). A shortfall that has settled is answered
 * earlier, by what it will cost; one that is young only where waiting costs more than a training that comes too early.
 * Shortfalls that nobody knows add nothing: of them comes `unknown`.
 * @param observations since the last training, in any order. Forecasts are about days to come and count for those.
 */
export function retrainingNeed(observations: readonly Observation[], worth: Worth): Need {
  const { lost, evident, present, days } = measured(observations, worth);
  const relevant = (points: number) => Math.max(0, points - worth.slackPoints) * worth.horizonDays;
  const settled = days >= worth.settleDays;
  const forecast = relevant(forecastPoints(observations));
  const expected = Math.max(settled ? relevant(present) : 0, forecast);
  const wanted = worth.pointDays * (settled ? 1 : worth.haste);
  const worthIt =
    (evident && lost + (settled ? relevant(present) : 0) >= wanted) || (forecast > 0 && forecast >= worth.pointDays);
  return { state: worthIt ? "worth-it" : lesser(observations, lost + expected), lost, expected, wanted };
}

function measured(observations: readonly Observation[], { slackPoints }: Worth): Measured {
  const known = observations
    .flatMap(({ at, shortfall, trigger }) =>
      shortfall === null || trigger === "forecast" ? [] : [{ ms: Date.parse(at), points: shortfall * 100 }],
    )
    .sort((one, other) => one.ms - other.ms);
  const sums = detectors.map(() => 0);
  let present = 0;
  let began: number | undefined;
  let last: number | undefined;
  for (const { ms, points } of known) {
    const days = last === undefined ? longest : Math.min(longest, (ms - last) / dayMs);
    present = last === undefined ? points : present + newest * (points - present);
    detectors.forEach(({ slack }, index) => {
      sums[index] = Math.max(0, sums[index]! + (points - slack * slackPoints) * days);
    });
    began = sums[0] === 0 ? undefined : (began ?? ms - days * dayMs);
    last = ms;
  }
  return {
    lost: Math.max(...sums),
    evident: detectors.some(({ evidence }, index) => sums[index]! >= evidence * slackPoints),
    present,
    days: began === undefined ? 0 : (last! - began) / dayMs,
  };
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
