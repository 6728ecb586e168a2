import type { KpiRow } from "../../../contract/kpi";
import { isoDay } from "../../../lifecycle/forecasting/calendar";
import type { Point } from "../../../lifecycle/forecasting/autocorrelation";
import { Random } from "../random";

/** First day of all histories: 2026-01-05, a Monday. */
export const firstDay = 20_458;

/** A KPI of mean 10 and a standard deviation of 1 a day. */
export interface HistoryOptions {
  readonly seed: number;
  readonly days: number;
  /** Correlation of a day with the day before. */
  readonly phi: number;
  /** Comes on the day of the change and stays. */
  readonly effect?: number;
  /** A day. */
  readonly trend?: number;
  /** Weekends are lower by so much. */
  readonly weekend?: number;
  readonly missing?: number;
}

/** The change comes after two thirds of the days. */
export function changeDay(days: number): number {
  return firstDay + Math.floor((2 * days) / 3);
}

export function historyOf(options: HistoryOptions): Point[] {
  const { seed, days, phi, effect = 0, trend = 0, weekend = 0, missing = 0 } = options;
  const random = new Random(seed);
  const change = changeDay(days);
  let noise = random.normal();
  const points: Point[] = [];
  for (let day = firstDay; day < firstDay + days; day++) {
    const season = (day - firstDay) % 7 >= 5 ? weekend : 0;
    const value = 10 + trend * (day - firstDay) - season + (day >= change ? effect : 0) + noise;
    if (!random.chance(missing)) points.push({ day, value });
    noise = phi * noise + Math.sqrt(1 - phi * phi) * random.normal();
  }
  return points;
}

/** Flights of an experiment: images of one are alike. */
export interface TrialOptions {
  readonly seed: number;
  /** Of each arm. */
  readonly flights: number;
  readonly images: number;
  /** Of the images of a flight. */
  readonly correlation: number;
  /** In standard deviations of an image's value. */
  readonly effect?: number;
  /** Correlation of a flight's value with what the same site was before; without it nothing is known of before. */
  readonly past?: number;
}

export function trialOf({ seed, flights, images, correlation, effect = 0, past }: TrialOptions): {
  readonly rows: KpiRow[];
  readonly history: Map<string, number>;
} {
  const random = new Random(seed);
  const rows: KpiRow[] = [];
  const history = new Map<string, number>();
  for (const arm of ["champion", "challenger"])
    for (let flight = 0; flight < flights; flight++) {
      const unit = `${arm}-${flight}`;
      const before = random.normal();
      const share = past ?? 0;
      const own = Math.sqrt(correlation) * (share * before + Math.sqrt(1 - share * share) * random.normal());
      if (past !== undefined) history.set(unit, 10 + Math.sqrt(correlation) * before);
      const size = 1 + random.poisson(images - 1);
      for (let image = 0; image < size; image++)
        rows.push({
          day: isoDay(firstDay),
          value: 10 + own + Math.sqrt(1 - correlation) * random.normal() + (arm === "challenger" ? effect : 0),
          unit,
          arm,
        });
    }
  return { rows, history };
}

/** Sites that get a release on one day or keep the old one; each has a level of its own and days that remember. */
export function stagedRows(options: {
  readonly seed: number;
  readonly changed: number;
  readonly others: number;
  readonly days: number;
  readonly phi: number;
  readonly effect?: number;
}): KpiRow[] {
  const { seed, changed, others, days, phi, effect = 0 } = options;
  const random = new Random(seed);
  const change = Math.floor(days / 2);
  // What all sites have in common, such as weather.
  const common = Array.from({ length: days }, () => 2 * random.normal());
  return Array.from({ length: changed + others }, (_, site) => {
    const level = 10 + 3 * random.normal();
    let noise = random.normal();
    return Array.from({ length: days }, (__, day): KpiRow => {
      const has = site < changed && day >= change;
      const value = level + common[day]! + noise + (has ? effect : 0);
      noise = phi * noise + Math.sqrt(1 - phi * phi) * random.normal();
      return { day: isoDay(firstDay + day), value, unit: `site-${site}`, arm: has ? "new" : "old" };
    });
  }).flat();
}
