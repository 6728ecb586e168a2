import type { KpiDefinition, KpiRow } from "../../contract/kpi";
import { challengerVariant } from "../../contract/variants";
import type { DailyValue } from "../forecasting/daily";
import { parseDay } from "../forecasting/calendar";
import { type Association, associationOf } from "./association";
import { interruptedSeries, most, toleratedPlacebos } from "./interrupted";
import { type Randomised, randomisedEffect } from "./randomised";
import { alpha, type Change, type Estimate, type Grade, isRefusal } from "./result";
import { stagedEffect } from "./staged";

/** What is asked, and all that is known. */
export interface EffectQuestion {
  readonly kpi: KpiDefinition;
  /** First day on which the KPI was defined as it is. */
  readonly definedOn: string | undefined;
  /** The release whose effect is asked for, by its id, and the day on which it went live. */
  readonly release: { readonly id: string; readonly day: string };
  /** Everything else that changed, in any order: releases, rollbacks, experiments. */
  readonly otherChanges: readonly Change[];
  readonly rows: readonly KpiRow[];
  /** The day that is not over, ISO 8601 date: only experiments, which are, count what was seen on it. */
  readonly today: string;
  /** The experiment that this release's model was the challenger of. */
  readonly experiment?: Randomised;
  /** A metric of the model that may have moved with the KPI. */
  readonly companion?: { readonly metric: string; readonly values: readonly DailyValue[] };
}

/** The answer; what one cannot say is refused, with what is missing. */
export interface EffectResult {
  readonly kpi: string;
  readonly unit: string;
  readonly better: KpiDefinition["better"];
  readonly release: string;
  readonly day: string;
  /**
   * `better` and `worse`: found; `none`: surely smaller than what matters; `open`: no evidence, which is no evidence of
   * no effect; `moved-together`: grade D, no effect; `refused`: nothing can be said.
   */
  readonly verdict: "better" | "worse" | "none" | "open" | "moved-together" | "refused";
  readonly grade?: Grade;
  /** Absent where nothing better than grade D is known. */
  readonly estimate?: Estimate;
  readonly association?: Association;
  /** One sentence for people. */
  readonly sentence: string;
  /** Why no better evidence counts, by grade. */
  readonly refusals: readonly { readonly grade: Grade; readonly reasons: readonly string[] }[];
  /** Other changes in the days that count, or next to them. */
  readonly otherChanges: readonly Change[];
  /** Whether the KPI was defined before the release went live. */
  readonly preRegistered: boolean;
  /** p, adjusted for all KPIs that were asked about at once; absent where one was. */
  readonly adjustedP?: number;
}

/** What a release did to a KPI, by the best evidence that holds. */
export function effectOf(question: EffectQuestion): EffectResult {
  const { kpi, release, otherChanges, definedOn } = question;
  const change = parseDay(release.day)!;
  const span = spanAround(change, otherChanges);
  const refusals: EffectResult["refusals"][number][] = [];
  const common = {
    kpi: kpi.name,
    unit: `${kpi.unit}/${kpi.per}`,
    better: kpi.better,
    release: release.id,
    day: release.day,
    refusals,
    otherChanges: otherChanges.filter(({ day }) => Math.abs(parseDay(day)! - change) <= most.before),
    preRegistered: definedOn !== undefined && definedOn < release.day,
  };
  for (const grade of ["A", "B", "C"] as const) {
    const rung = rungs[grade](question, span);
    if (!isRefusal(rung)) return { ...common, grade, estimate: rung, ...verdictOf(kpi, rung) };
    refusals.push({ grade, reasons: rung.reasons });
  }
  const { companion } = question;
  const association = companion && associationOf(byDay(over(question)), companion.metric, companion.values);
  if (!association) {
    const why = companion
      ? `too few days have both the KPI and ${companion.metric}`
      : "there is nothing to compare with";
    refusals.push({ grade: "D", reasons: [why] });
    return {
      ...common,
      verdict: "refused",
      sentence: `Nothing can be said about ${kpi.name}: ${refusals.find(({ grade }) => grade === "C")!.reasons.join("; ")}.`,
    };
  }
  return { ...common, grade: "D", association, ...associated(kpi, association) };
}

/** Rows of days that are over. */
function over({ rows, today }: EffectQuestion): KpiRow[] {
  return rows.filter(({ day }) => day < today);
}

type Span = { readonly from: number; readonly to: number };

/** The days around a change in which nothing else changed; whole days, as the days of other changes have both. */
function spanAround(change: number, others: readonly Change[]): Span {
  const days = others.map(({ day }) => parseDay(day)!);
  return {
    from: Math.max(-Infinity, ...days.filter((day) => day < change)) + 1,
    to: Math.min(Infinity, ...days.filter((day) => day > change)) - 1,
  };
}

const rungs = {
  A({ rows, experiment }: EffectQuestion) {
    if (!experiment) return { reasons: ["no experiment with live traffic compared this model with the one before"] };
    const from = experiment.startedAt.slice(0, 10);
    const during = rows.filter((row) => isDuring(row, experiment));
    const known = during.filter(({ unit, arm }) => unit !== undefined && arm !== undefined);
    if (known.length === 0) return { reasons: [`no values of experiment ${experiment.id} say which model answered`] };
    return randomisedEffect(known, experiment, historyOf(rows.filter(({ day }) => day < from)));
  },
  B(question: EffectQuestion, span: Span) {
    const { release } = question;
    const rows = over(question);
    if (rows.every(({ unit, arm }) => unit === undefined || arm === undefined))
      return { reasons: ["the values do not say which units (such as sites) got the release when"] };
    return stagedEffect(rows, release.id, span);
  },
  C(question: EffectQuestion, span: Span) {
    const { release, otherChanges } = question;
    const change = parseDay(release.day)!;
    const same = otherChanges.filter(({ day }) => day === release.day);
    if (same.length > 0)
      return { reasons: [`on the same day something else changed: ${same.map(({ what }) => what).join("; ")}`] };
    const points = byDay(over(question))
      .map(({ day, value }) => ({ day: parseDay(day)!, value }))
      .filter(({ day }) => day >= span.from && day <= span.to);
    const rung = interruptedSeries(points, change);
    if (!isRefusal(rung)) return rung;
    const near = otherChanges.filter(({ day }) => Math.abs(parseDay(day)! - change) <= most.before);
    return near.length === 0
      ? rung
      : {
          reasons: [
            ...rung.reasons,
            `other changes bound the days that count: ${near.map(({ day, what }) => `${what} on ${day}`).join("; ")}`,
          ],
        };
  },
};

/**
 * Whether a row is of the experiment alone: by the times of its images, and where they are not known by days that were
 * all in it. Another experiment may have begun on the day on which it ended.
 */
function isDuring({ day, from, until }: KpiRow, { startedAt, endedAt }: Randomised): boolean {
  if (from === undefined || until === undefined) return day > startedAt.slice(0, 10) && day < endedAt.slice(0, 10);
  return Date.parse(from) >= Date.parse(startedAt) && Date.parse(until) <= Date.parse(endedAt);
}

/** Mean of each unit. */
function historyOf(rows: readonly KpiRow[]): Map<string, number> {
  const sums = new Map<string, { sum: number; weight: number }>();
  for (const { unit, value, weight = 1 } of rows) {
    if (unit === undefined) continue;
    const known = sums.get(unit) ?? { sum: 0, weight: 0 };
    sums.set(unit, { sum: known.sum + value * weight, weight: known.weight + weight });
  }
  return new Map([...sums].map(([unit, { sum, weight }]) => [unit, sum / weight]));
}

/**
 * One value a day: the mean of its rows, by their weights. What a challenger answered is left out: nobody sees a
 * shadow's answers, and a live one is compared with the champion, not mixed with it.
 */
export function byDay(rows: readonly KpiRow[]): DailyValue[] {
  const days = new Map<string, { sum: number; weight: number }>();
  for (const { day, value, arm, weight = 1 } of rows) {
    if (arm === challengerVariant) continue;
    const known = days.get(day) ?? { sum: 0, weight: 0 };
    days.set(day, { sum: known.sum + value * weight, weight: known.weight + weight });
  }
  return [...days]
    .map(([day, { sum, weight }]) => ({ day, value: sum / weight }))
    .toSorted((one, other) => one.day.localeCompare(other.day));
}

function verdictOf(
  { name, better, unit, per, relevant }: KpiDefinition,
  { mean, low, high, pValue, detectable, placebo }: Estimate,
): Pick<EffectResult, "verdict" | "sentence"> {
  const text = `${signed(mean)} ${unit}/${per} (95 %: ${signed(low)} to ${signed(high)})`;
  const confirmed = !placebo || placebo.asExtreme <= toleratedPlacebos(placebo.dates);
  const outside = low > 0 || high < 0;
  if (outside && confirmed) {
    const good = mean > 0 === (better === "higher");
    return { verdict: good ? "better" : "worse", sentence: `${name} is ${good ? "better" : "worse"}: ${text}.` };
  }
  if (relevant !== undefined && low > -relevant && high < relevant)
    return {
      verdict: "none",
      sentence: `The effect on ${name} is surely smaller than the ${relevant} that matter: ${text}.`,
    };
  const seen = `An effect of ${short(detectable)} or more would have been found with a chance of 80 %.`;
  if (outside)
    return {
      verdict: "open",
      sentence: `No effect on ${name} is claimed: ${text}, but ${placebo!.asExtreme} of ${placebo!.dates} dates at which nothing changed look as much like a change. ${seen}`,
    };
  return {
    verdict: "open",
    sentence: `There is no evidence of an effect on ${name}, which is no evidence that there is none: ${text}, p ${pValue.toFixed(2)}. ${seen}`,
  };
}

function associated(
  { name }: KpiDefinition,
  { metric, correlation, lagDays, pairs, pValue }: Association,
): Pick<EffectResult, "verdict" | "sentence"> {
  if (pValue >= alpha)
    return { verdict: "refused", sentence: `Nothing can be said about ${name}: it did not even move with ${metric}.` };
  return {
    verdict: "moved-together",
    sentence: `${name} and ${metric} moved together (r ${correlation.toFixed(2)} over ${pairs} days, ${lagDays} days later, p ${pValue.toPrecision(2)}); that is no effect, and no amount of money follows from it.`,
  };
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${short(Math.abs(value))}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
