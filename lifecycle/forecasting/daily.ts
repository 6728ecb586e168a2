import { parseDay } from "./calendar";
import type { Point } from "./autocorrelation";
import { median, spreadOf } from "./robust";
import { type Season, seasonOf, withoutSeason } from "./season";

/** One value of a day; days are ISO 8601 dates in UTC, such as 2026-11-29. */
export interface DailyValue {
  readonly day: string;
  readonly value: number;
}

/** A series that can be forecast, and what was done to it. */
export interface CleanSeries {
  /** Increasing days, each once, without season. */
  readonly points: readonly Point[];
  readonly season: Season | undefined;
  /** Everything that was left out or repaired, counted, for people. */
  readonly notes: readonly string[];
}

/** A value so many typical deviations away from its neighbours is an incident, not a level. */
const outlierSpreads = 5;
/** Days on either side that a value is compared with. */
const neighbours = 3;

/**
 * Daily values as forecasts take them: in order, each day once (the last value counts), without what is no number,
 * without days after `today`, without short incidents, without a weekly season. Nothing is thrown: what is
 * wrong is left out and told.
 * @param today last day that may count.
 */
export function cleanSeries(values: readonly DailyValue[], today: number): CleanSeries {
  const byDay = new Map<number, number>();
  const wrong = { numbers: 0, days: 0, future: 0, repeated: 0 };
  for (const { day, value } of values) {
    const number = parseDay(day);
    if (number === undefined) wrong.days++;
    else if (!Number.isFinite(value)) wrong.numbers++;
    else if (number > today) wrong.future++;
    else {
      if (byDay.has(number)) wrong.repeated++;
      byDay.set(number, value);
    }
  }
  const points = [...byDay].map(([day, value]) => ({ day, value })).sort((one, other) => one.day - other.day);
  const season = seasonOf(points);
  const level = season ? withoutSeason(points, season) : points;
  const kept = withoutOutliers(level);
  const span = points.length > 0 ? points.at(-1)!.day - points[0]!.day + 1 : 0;
  return {
    points: kept,
    season,
    notes: [
      ...counted(wrong.days, "values have no readable day"),
      ...counted(wrong.numbers, "values are no numbers"),
      ...counted(wrong.future, "values are later than today"),
      ...counted(wrong.repeated, "days came more than once; the last value counts"),
      ...counted(span - points.length, "days between the first and the last have no value"),
      ...counted(level.length - kept.length, "days stand out from those around them and are left aside"),
    ],
  };
}

function counted(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}

/**
 * Without short incidents: a day that stands far out from the days before and, in the same direction, from those after
 * (after Hampel's filter; Pearson, "Outliers in process modeling and identification", IEEE Transactions on Control
 * Systems Technology 10, 2002). What stays is a change, and counts; so does the last day, after which nobody knows.
 */
function withoutOutliers(points: readonly Point[]): readonly Point[] {
  const apart = points.map(({ value }, index): readonly [before: number, after: number] => {
    const from = (side: readonly Point[]): number =>
      side.length === 0 ? 0 : value - median(side.map((one) => one.value));
    return [
      from(points.slice(Math.max(0, index - neighbours), index)),
      from(points.slice(index + 1, index + 1 + neighbours)),
    ];
  });
  const limit = outlierSpreads * spreadOf(apart.map(([before]) => before));
  if (!(limit > 0)) return points;
  return points.filter((_, index) => {
    const [before, after] = apart[index]!;
    return !(Math.min(before, after) > limit || Math.max(before, after) < -limit);
  });
}
