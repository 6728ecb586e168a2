import { isoDay, parseDay } from "./calendar";
import type { DailyValue } from "./daily";
import { beyond, type Limit } from "./limit";
import { median } from "./robust";

/** What was said on a day about the days after it. */
export interface Claim {
  /** ISO 8601 date of the last value that was known. */
  readonly day: string;
  readonly horizonDays: number;
  readonly limit: Limit;
}

/**
 * What came of a claim. `hit`: the limit was passed within the horizon. `false`: it was not. `changed`: somebody
 * released something else before it could be seen. `unmeasured`: too few days have values. `open`: it is too early.
 */
export type Outcome =
  | { readonly outcome: "hit"; readonly breachedOn: string; readonly leadDays: number }
  | { readonly outcome: "false" | "changed" | "unmeasured" | "open" };

/** So many of so many values in a row must lie beyond the limit. */
export interface BreachRule {
  readonly of: number;
  readonly least: number;
}
/** The median of a week, so that a few bad days are no breach. */
export const levelBreach: BreachRule = { of: 7, least: 4 };
/** What adds up is beyond its limit once it is. */
export const totalBreach: BreachRule = { of: 1, least: 1 };
/** Share of the horizon's days that must have values before a warning is called false. */
const leastMeasured = 0.5;

/**
 * What came of a claim, as far as it is known today.
 * @param values of the series, in any order.
 * @param changes days on which something else was released.
 */
export function outcomeOf(
  { day, horizonDays, limit }: Claim,
  values: readonly DailyValue[],
  today: number,
  rule: BreachRule,
  changes: readonly number[] = [],
): Outcome {
  const from = parseDay(day)!;
  const until = from + horizonDays;
  const measured = values
    .flatMap(({ day: text, value }) => {
      const number = parseDay(text);
      return number !== undefined && Number.isFinite(value) && number <= today ? [{ day: number, value }] : [];
    })
    .sort((one, other) => one.day - other.day);
  const change = Math.min(Infinity, ...changes.filter((one) => one > from && one <= until));
  // From the day of a change on, values are those of something else.
  const own = measured.filter((point) => point.day > from && point.day <= until && point.day < change);
  const breach = own.find((point) => {
    const recent = measured.filter((other) => other.day <= point.day).slice(-rule.of);
    return recent.filter(({ value }) => beyond(limit, value) > 0).length >= rule.least;
  });
  if (breach) return { outcome: "hit", breachedOn: isoDay(breach.day), leadDays: breach.day - from };
  if (change <= today) return { outcome: "changed" };
  if (today < until) return { outcome: "open" };
  return { outcome: own.length < leastMeasured * horizonDays ? "unmeasured" : "false" };
}

/** How good forecasts of a series have been so far. */
export interface Tally {
  readonly hits: number;
  readonly falseWarnings: number;
  /** Days from the warning to the breach, of all hits. */
  readonly leadDays: readonly number[];
  /** Warnings that nobody can judge: something else was released, or nothing was measured. */
  readonly unjudged: number;
  /** Forecasts, warnings or not, whose outcome is known, and the sum of their squared errors. */
  readonly forecasts: number;
  readonly squaredErrors: number;
  /** Intervals whose day has a value, and how many held. */
  readonly intervals: number;
  readonly held: number;
}

export const emptyTally: Tally = {
  hits: 0,
  falseWarnings: 0,
  leadDays: [],
  unjudged: 0,
  forecasts: 0,
  squaredErrors: 0,
  intervals: 0,
  held: 0,
};

/** Adds a warning's outcome. */
export function withWarning(tally: Tally, outcome: Outcome): Tally {
  switch (outcome.outcome) {
    case "hit":
      return { ...tally, hits: tally.hits + 1, leadDays: [...tally.leadDays, outcome.leadDays] };
    case "false":
      return { ...tally, falseWarnings: tally.falseWarnings + 1 };
    case "changed":
    case "unmeasured":
      return { ...tally, unjudged: tally.unjudged + 1 };
    case "open":
      return tally;
  }
}

/** Adds a forecast's outcome: the squared error of its probability (Brier, Monthly Weather Review 78, 1950). */
export function withForecast(
  tally: Tally,
  probability: number,
  { outcome }: Outcome,
  held: boolean | undefined,
): Tally {
  if (outcome !== "hit" && outcome !== "false") return tally;
  return {
    ...tally,
    forecasts: tally.forecasts + 1,
    squaredErrors: tally.squaredErrors + (probability - (outcome === "hit" ? 1 : 0)) ** 2,
    intervals: tally.intervals + (held === undefined ? 0 : 1),
    held: tally.held + (held ? 1 : 0),
  };
}

/** A score for people. */
export interface Score {
  readonly warnings: number;
  readonly hits: number;
  readonly falseWarnings: number;
  readonly unjudged: number;
  readonly medianLeadDays: number | null;
  /** Mean squared error of the probabilities: 0 is perfect, 0.25 is a coin; null before any outcome. */
  readonly brier: number | null;
  readonly forecasts: number;
  /** Share of the 90 per cent intervals that held; null before any. */
  readonly intervalsHeld: number | null;
}

export function scoreOf(tally: Tally): Score {
  const { hits, falseWarnings, leadDays, unjudged, forecasts, squaredErrors, intervals, held } = tally;
  return {
    warnings: hits + falseWarnings + unjudged,
    hits,
    falseWarnings,
    unjudged,
    medianLeadDays: leadDays.length > 0 ? median(leadDays) : null,
    brier: forecasts > 0 ? squaredErrors / forecasts : null,
    forecasts,
    intervalsHeld: intervals > 0 ? held / intervals : null,
  };
}

/** One sentence, as it is shown with the next warning. */
export function scoreText({ hits, falseWarnings, unjudged, medianLeadDays, brier, forecasts }: Score): string {
  const judged = hits + falseWarnings;
  const warned =
    judged === 0
      ? "No warning about it has been judged yet"
      : `${hits} of ${judged} judged warnings about it came true${medianLeadDays === null ? "" : `, ${medianLeadDays} days ahead in the median`}`;
  const others = unjudged > 0 ? ` (${unjudged} could not be judged)` : "";
  const errors = brier === null ? "" : `; Brier score ${brier.toFixed(2)} over ${forecasts} forecasts`;
  return `${warned}${others}${errors}.`;
}
