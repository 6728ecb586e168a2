import { isoDay, parseDay } from "./calendar";
import type { DailyValue } from "./daily";
import type { Limit } from "./limit";
import { monthlyOutlook } from "./monthly";
import {
  type Glance,
  glanceAt,
  memoryDays,
  type NoOutlook,
  type Outlook,
  outlookOf,
  type OutlookRequest,
} from "./outlook";
import {
  type BreachRule,
  emptyTally,
  levelBreach,
  outcomeOf,
  type Outcome,
  type Tally,
  totalBreach,
  withForecast,
  withWarning,
} from "./score";
import { type Forecast, judge, warningRule } from "./warning";
import { horizonDays, type Watched } from "./watched";

/** A warning that people were told, and what came of it. */
export interface Warning {
  readonly verdict: "at-risk" | "will-breach";
  /** ISO 8601 date of the last value that it was made from. */
  readonly day: string;
  readonly horizonDays: number;
  readonly limit: Limit;
  readonly probability: number;
  readonly outcome: Outcome;
}

/** A forecast whose outcome is not known yet. */
export interface Pending {
  readonly day: string;
  readonly horizonDays: number;
  readonly limit: Limit;
  readonly probability: number;
  readonly interval: readonly [low: number, high: number];
}

/** What is remembered of a series from one day to the next. */
export interface SeriesMemory {
  readonly values: readonly DailyValue[];
  readonly pending: readonly Pending[];
  /** The newest last. */
  readonly warnings: readonly Warning[];
  readonly tally: Tally;
}

export const emptyMemory: SeriesMemory = { values: [], pending: [], warnings: [], tally: emptyTally };

/** So many warnings are remembered one by one; the tally counts all. */
const warningsKept = 50;

/** A day's look at a series. */
export interface Look {
  readonly outlook: Outlook | NoOutlook;
  readonly forecast: Forecast;
  /** What people have to be told; undefined where they know it already, or there is nothing to tell. */
  readonly warning: Warning | undefined;
  readonly memory: SeriesMemory;
}

/**
 * Looks at a series: judges what was said before, forecasts from what is known by now, and warns where that is new.
 * @param fresh values as they are known today; they count before what is remembered of the same days.
 * @param today last day with whole values.
 * @param changes days on which something else was released.
 */
export function lookAt(
  watched: Watched,
  before: SeriesMemory,
  fresh: readonly DailyValue[],
  today: number,
  changes: readonly number[],
): Look {
  const values = merged(before.values, fresh, today);
  const relevant = watched.ofRelease ? changes : [];
  const settled = settle(watched, { ...before, values }, today, relevant);
  const outlook = lookFrom(watched, values, today, relevant, outlookOf);
  const earlier = Array.from({ length: warningRule.looks - 1 }, (_, back) =>
    lookFrom(watched, values, today - 1 - back, relevant, glanceAt),
  );
  const forecast = judge([outlook, ...earlier]);
  if ("unknown" in outlook) return { outlook, forecast, warning: undefined, memory: settled };
  const claim = {
    ...{ day: outlook.day, horizonDays: outlook.horizonDays, limit: watched.limit },
    probability: outlook.willBreach,
  };
  const warning = warningOf(forecast, claim, settled.warnings);
  return {
    outlook,
    forecast,
    warning,
    memory: {
      ...settled,
      // That what is broken stays broken is no forecast.
      pending:
        outlook.breached > 0.5 || outlook.horizonDays === 0
          ? settled.pending
          : [...settled.pending, { ...claim, interval: outlook.interval }],
      warnings: [...settled.warnings, ...(warning ? [warning] : [])].slice(-warningsKept),
    },
  };
}

/** What was to be expected on a day, from what was known then. */
function lookFrom<Seen extends Glance>(
  { limit, monthly }: Watched,
  values: readonly DailyValue[],
  day: number,
  changes: readonly number[],
  look: (request: OutlookRequest) => Seen | NoOutlook,
): Seen | NoOutlook {
  const known = values.filter((value) => value.day <= isoDay(day));
  return monthly
    ? (monthlyOutlook(known, limit.value, day) as Seen | NoOutlook)
    : look({ values: known, limit, today: day, horizonDays, changes });
}

/** One warning of a kind is enough within its horizon, whatever came of it, unless it was about something else. */
function warningOf(
  { verdict }: Forecast,
  claim: Pick<Warning, "day" | "horizonDays" | "limit" | "probability">,
  warnings: readonly Warning[],
): Warning | undefined {
  if (verdict !== "at-risk" && verdict !== "will-breach") return undefined;
  const known = warnings.some(
    (one) =>
      one.verdict === verdict &&
      one.outcome.outcome !== "changed" &&
      parseDay(claim.day)! <= parseDay(one.day)! + one.horizonDays,
  );
  return known ? undefined : { ...claim, verdict, outcome: { outcome: "open" } };
}

/** Remembered and fresh values by day, the fresh ones first in rank, as many as anything still looks at. */
function merged(before: readonly DailyValue[], fresh: readonly DailyValue[], today: number): DailyValue[] {
  const byDay = new Map([...before, ...fresh].map(({ day, value }) => [day, value]));
  return [...byDay]
    .map(([day, value]) => ({ day, value }))
    .filter(({ day, value }) => {
      const number = parseDay(day);
      return (
        number !== undefined && number > today - memoryDays - horizonDays && number <= today && Number.isFinite(value)
      );
    })
    .sort((one, other) => (one.day < other.day ? -1 : 1));
}

/** Judges open warnings and pending forecasts whose outcome is known by now. */
function settle(
  { monthly }: Watched,
  { values, pending, warnings, tally }: SeriesMemory,
  today: number,
  changes: readonly number[],
): SeriesMemory {
  const rule: BreachRule = monthly ? totalBreach : levelBreach;
  let sums = tally;
  const judged = warnings.map((warning) => {
    if (warning.outcome.outcome !== "open") return warning;
    const outcome = outcomeOf(warning, values, today, rule, changes);
    sums = withWarning(sums, outcome);
    return { ...warning, outcome };
  });
  const waiting = pending.filter((claim) => {
    const outcome = outcomeOf(claim, values, today, rule, changes);
    const end = parseDay(claim.day)! + claim.horizonDays;
    // Its interval is about its last day.
    if (outcome.outcome === "open" || (outcome.outcome === "hit" && today < end)) return true;
    const last = values.find(({ day }) => day === isoDay(end))?.value;
    const [low, high] = claim.interval;
    sums = withForecast(sums, claim.probability, outcome, last === undefined ? undefined : last >= low && last <= high);
    return false;
  });
  return { values, pending: waiting, warnings: judged, tally: sums };
}
