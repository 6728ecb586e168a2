import type { Point } from "./autocorrelation";
import { weekdayOf } from "./calendar";

/** How far each weekday lies from the week's mean, Monday first; the sum is 0. */
export type Season = readonly number[];

/** A season must have been seen so often. */
const leastDays = 28;
/**
 * Variance between weekdays over variance within, above which there is a season: 1 in 1,000 of F(6, 50) lies above
 * 4.5, and what is not subtracted only widens the intervals.
 */
const leastRatio = 4.5;

/**
 * The weekly season of a series, or undefined where there is none: means of the weekdays, after subtracting the mean of
 * the week around each day, shrunk by how sure they are (James and Stein).
 */
export function seasonOf(points: readonly Point[]): Season | undefined {
  if (points.length < leastDays) return undefined;
  const byWeekday = groupByWeekday(points);
  if (byWeekday.some(({ length }) => length < 3)) return undefined;
  const means = byWeekday.map(mean);
  const count = byWeekday.reduce((sum, { length }) => sum + length, 0);
  const within =
    byWeekday.flatMap((values, day) => values.map((value) => (value - means[day]!) ** 2)).reduce(sumUp, 0) /
    (count - 7);
  const overall = means.reduce(sumUp, 0) / 7;
  const between = byWeekday.map(({ length }, day) => length * (means[day]! - overall) ** 2).reduce(sumUp, 0) / 6;
  const ratio = within > 0 ? between / within : between > 0 ? Infinity : 0;
  if (ratio < leastRatio) return undefined;
  return means.map((value) => (value - overall) * (1 - 1 / ratio));
}

export function withoutSeason(points: readonly Point[], season: Season): Point[] {
  return points.map(({ day, value }) => ({ day, value: value - season[weekdayOf(day)]! }));
}

/** What is left of each day after subtracting its week's mean, by weekday; days without a whole week are left out. */
function groupByWeekday(points: readonly Point[]): number[][] {
  const values = new Map(points.map(({ day, value }) => [day, value]));
  const groups: number[][] = Array.from({ length: 7 }, () => []);
  for (const { day, value } of points) {
    const week = [-3, -2, -1, 0, 1, 2, 3].flatMap((offset) => values.get(day + offset) ?? []);
    if (week.length === 7) groups[weekdayOf(day)]!.push(value - mean(week));
  }
  return groups;
}

const sumUp = (sum: number, value: number): number => sum + value;

function mean(values: readonly number[]): number {
  return values.reduce(sumUp, 0) / values.length;
}
