import { isoDay, weekdayOf } from "./calendar";
import type { Point } from "./autocorrelation";
import { cleanSeries, type DailyValue } from "./daily";
import { anyValueOn, chanceAbove, type Estimate, levelOn, meanOf, mixture, quantile, valueOn } from "./estimate";
import { beyond, type Limit, valueBeyond } from "./limit";
import type { Season } from "./season";
import { believing, type Fit, fitTrends, suspicious } from "./trend";

/** What a series is expected to do, as seen on one day: as much as a warning needs. */
export interface Glance {
  /** ISO 8601 date. */
  readonly day: string;
  /** Values behind it. */
  readonly points: number;
  readonly notes: readonly string[];
  /** Estimated level today. */
  readonly level: number;
  /** Chance that the level is beyond the limit already. */
  readonly breached: number;
  /** Chance that the next day's value is, as things stand: at risk without any trend. */
  readonly atRisk: number;
  /** Chance that the level is within the horizon. */
  readonly willBreach: number;
  readonly horizonDays: number;
  /** Correlation of a day's noise with the day before. */
  readonly autocorrelation: number;
}

/** A glance, and what people ask next. */
export interface Outlook extends Glance {
  /** In which the value of the last day of the horizon lies with a chance of 90 per cent. */
  readonly interval: readonly [low: number, high: number];
  /** Days until the level passes the limit, with a chance of 5, 50 and 95 per cent; null beyond `crossingDays`. */
  readonly crossing: Crossing;
}

export type Crossing = readonly [early: number | null, median: number | null, late: number | null];

/** Nothing can be said, and why. */
export interface NoOutlook {
  readonly day: string;
  readonly points: number;
  readonly notes: readonly string[];
  readonly unknown: string;
}

/** Days that count; what was before says little of what comes, and costs time. */
export const memoryDays = 180;
/** With fewer values, chance looks like a trend. */
export const leastValues = 21;
/** A series whose last value is older says nothing of today. */
const staleDays = 3;
const crossingDays = 120;
/** Belief, before any data, that nothing changes: for intervals, which neither warn nor calm. */
const neutral = 0.8;

export interface OutlookRequest {
  readonly values: readonly DailyValue[];
  readonly limit: Limit;
  /** Last day that counts. */
  readonly today: number;
  readonly horizonDays: number;
  /** Days on which the series may have changed its level for a known reason, such as releases. */
  readonly changes?: readonly number[];
}

/** A series' models, and how far from the limit they see it. */
interface Seen {
  readonly glance: Glance;
  readonly fits: readonly Fit[];
  /** Distances beyond the limit, negative on the good side, without season. */
  readonly last: Point;
  readonly season: Season | undefined;
  /** How much nearer to the limit the worst weekday is than the week's mean. */
  readonly worst: number;
}

/** What warnings need to know of a series whose level must not pass a limit. */
export function glanceAt(request: OutlookRequest): Glance | NoOutlook {
  const seen = see(request);
  return "glance" in seen ? seen.glance : seen;
}

/** The outlook of a series whose level must not pass a limit. */
export function outlookOf(request: OutlookRequest): Outlook | NoOutlook {
  const seen = see(request);
  if (!("glance" in seen)) return seen;
  const { limit, today, horizonDays } = request;
  const { glance, fits, last, season, worst } = seen;
  const end = today + horizonDays;
  const offset = season ? beyond(limit, season[weekdayOf(end)]!) - beyond(limit, 0) : 0;
  const future = mixture(believing(fits, neutral), (fit) => valueOn(fit, last, end));
  const ends = [0.05, 0.95].map((share) => valueBeyond(limit, quantile(future, share) + offset));
  return { ...glance, interval: [Math.min(...ends), Math.max(...ends)], crossing: crossingOf(fits, today, worst) };
}

function see({ values, limit, today, horizonDays, changes = [] }: OutlookRequest): Seen | NoOutlook {
  const all = cleanSeries(values, today);
  const recent = sinceChange(all.points, today, changes);
  // Cleaned again from where it counts: a season of an earlier release is not this one's.
  const { points, season, notes } =
    recent.length === all.points.length
      ? all
      : cleanSeries(
          values.filter(({ day }) => day >= isoDay(recent[0]?.day ?? today)),
          today,
        );
  const day = isoDay(today);
  const missing = whyNot(points, today);
  if (missing) return { day, points: points.length, notes, unknown: missing };
  // On the weekday that is nearest to the limit: it passes first.
  const worst = season ? Math.max(...season.map((offset) => beyond(limit, offset) - beyond(limit, 0))) : 0;
  const distances = points.map((point) => ({ day: point.day, value: beyond(limit, point.value) }));
  const fits = fitTrends(distances, suspicious, knownSteps(points, changes));
  const above = (say: (fit: Fit) => Estimate): number => chanceAbove(mixture(fits, say), -worst);
  const glance: Glance = {
    day,
    points: points.length,
    notes,
    level: valueBeyond(limit, meanOf(mixture(fits, (fit) => levelOn(fit, today)))),
    breached: above((fit) => levelOn(fit, today)),
    atRisk: above((fit) => anyValueOn(fit, today)),
    willBreach: above((fit) => levelOn(fit, today + horizonDays)),
    horizonDays,
    autocorrelation: fits.reduce((sum, { weight, phi }) => sum + weight * phi, 0),
  };
  return { glance, fits, last: distances.at(-1)!, season, worst };
}

/**
 * Only what came after the last known change, once that is enough to go by; until then all of it, with the change as a
 * step.
 */
function sinceChange(points: readonly Point[], today: number, changes: readonly number[]): readonly Point[] {
  const remembered = points.filter(({ day }) => day > today - memoryDays);
  const last = Math.max(-Infinity, ...changes.filter((day) => day <= today));
  // The day of a change has values of both.
  const after = remembered.filter(({ day }) => day > last);
  return after.length >= leastValues ? after : remembered;
}

function knownSteps(points: readonly Point[], changes: readonly number[]): number[] {
  const first = points[0]!.day;
  const last = points.at(-1)!.day;
  return changes.filter((day) => day > first && day < last);
}

function whyNot(points: readonly Point[], today: number): string | undefined {
  if (points.length === 0) return "there are no values";
  const age = today - points.at(-1)!.day;
  if (age > staleDays) return `the last value is ${age} days old`;
  if (points.length < leastValues) return `there are ${points.length} values; ${leastValues} are needed`;
  return undefined;
}

/** By bisection: a level that is on its way is, with every day, as likely or likelier to have arrived. */
function crossingOf(fits: readonly Fit[], today: number, worst: number): Crossing {
  const chance = (ahead: number): number =>
    chanceAbove(
      mixture(fits, (fit) => levelOn(fit, today + ahead)),
      -worst,
    );
  const first = (share: number): number | null => {
    let [low, high] = [0, crossingDays];
    if (chance(high) < share) return null;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (chance(middle) >= share) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return [first(0.05), first(0.5), first(0.95)];
}
