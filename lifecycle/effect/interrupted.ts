import type { Point } from "../forecasting/autocorrelation";
import { isoDay, weekdayOf } from "../forecasting/calendar";
import {
  mixtureDeviation,
  mixtureInterval,
  mixtureMean,
  mixturePValue,
  type StudentPart,
} from "../statistics/mixture-of-students";
import { studentQuantile } from "../statistics/student";
import { alpha, type CounterfactualDay, level, power, type Rung } from "./result";
import { regressSeries, type SeriesRegression } from "./series-regression";

/** Days with a value that are needed before the change, and after it. */
const least = { before: 30, after: 14 } as const;
/** Days that are looked at, at most: a line through more is a line through something else. */
export const most = { before: 120, after: 60 } as const;
/** Around a date at which nothing changed. */
const leastAtPlacebo = { before: 15, after: 10 } as const;
/** A weekday counts where it was seen so often on either side together. */
const leastOfWeekday = 3;

/**
 * Interrupted time series: a level, a trend, the days of the week, and a step on the day of the change, in noise whose
 * days remember each other. The day of the change is left out: it has both. It is compared with dates at which nothing
 * changed: where more than one in twenty of them looks as much like a change, none is claimed.
 * @param points increasing days. @param change day of it.
 */
export function interruptedSeries(points: readonly Point[], change: number): Rung {
  const used = points.filter(({ day }) => day !== change && day >= change - most.before && day <= change + most.after);
  const before = used.filter(({ day }) => day < change);
  const after = used.length - before.length;
  const reasons = [
    ...(before.length < least.before ? [`${before.length} days before the change; ${least.before} are needed`] : []),
    ...(after < least.after ? [`${after} days after the change; ${least.after} are needed`] : []),
  ];
  if (reasons.length > 0) return { reasons };
  if (used.every(({ value }) => value === used[0]!.value)) return { reasons: ["the values never vary"] };
  const fit = fitStep(used, change);
  if (!fit) return { reasons: ["the days do not tell a step from a trend"] };
  const { regression, weights, seasonal } = fit;
  const step = regression.about(weights);
  const pValue = mixturePValue(step);
  const interval = mixtureInterval(step, level);
  const outside = interval.low > 0 || interval.high < 0;
  const deviation = mixtureDeviation(step);
  const degrees = step[0]!.degrees;
  return {
    grade: "C",
    method: `Interrupted time series: level, trend${seasonal ? ", days of the week" : ""} and a step, by generalised least squares over all autocorrelations that the days allow (mean ${regression.phi.toFixed(2)}), checked at placebo dates.`,
    mean: mixtureMean(step),
    ...interval,
    pValue,
    detectable: detectableBy(deviation, degrees),
    n: { "days before": before.length, "days after": after },
    assumptions: [
      "nothing else changed at the same time that moves this KPI",
      "the trend of before would have gone on",
      "the effect came at once and stayed",
    ],
    // Only a claim has to be confirmed.
    ...(outside ? { placebo: placebos(before, pValue) } : {}),
    course: courseOf(used, change, fit),
  };
}

/** An effect that is found with the chance `power`, two-sided. */
export function detectableBy(deviation: number, degrees: number): number {
  return deviation * (studentQuantile(1 - alpha / 2, degrees) + studentQuantile(power, degrees));
}

/** No more placebo dates than these may look like a change: one in twenty. */
export function toleratedPlacebos(dates: number): number {
  return Math.max(0, Math.floor((dates + 1) / 20) - 1);
}

interface StepFit {
  readonly regression: SeriesRegression;
  readonly columns: readonly Float64Array[];
  /** Of the step alone. */
  readonly weights: readonly number[];
  readonly seasonal: boolean;
}

function fitStep(points: readonly Point[], change: number): StepFit | undefined {
  const seasonal = [0, 1, 2, 3, 4, 5, 6].every(
    (weekday) => points.filter(({ day }) => weekdayOf(day) === weekday).length >= leastOfWeekday,
  );
  const middle = (points[0]!.day + points.at(-1)!.day) / 2;
  const half = (points.at(-1)!.day - points[0]!.day) / 2;
  const columns = [
    Float64Array.from(points, () => 1),
    Float64Array.from(points, ({ day }) => (day - middle) / half),
    // Against Sunday's deviation, so that all seven add up to 0.
    ...(seasonal ? [0, 1, 2, 3, 4, 5] : []).map((weekday) =>
      Float64Array.from(points, ({ day }) => (weekdayOf(day) === weekday ? 1 : weekdayOf(day) === 6 ? -1 : 0)),
    ),
    Float64Array.from(points, ({ day }) => (day > change ? 1 : 0)),
  ];
  const regression = regressSeries(points, columns);
  return (
    regression && {
      regression,
      columns,
      seasonal,
      weights: columns.map((_, index) => Number(index === columns.length - 1)),
    }
  );
}

/** Dates before the change at which nothing changed, each as if it had. */
function placebos(before: readonly Point[], pValue: number): { dates: number; asExtreme: number } {
  const last = before.length - leastAtPlacebo.after;
  let [dates, asExtreme] = [0, 0];
  for (let index = leastAtPlacebo.before; index < last; index++) {
    const day = before[index]!.day;
    const fit = fitStep(
      before.filter((one) => one.day !== day),
      day,
    );
    if (!fit) continue;
    dates++;
    if (mixturePValue(fit.regression.about(fit.weights)) <= pValue) asExtreme++;
  }
  return { dates, asExtreme };
}

function courseOf(points: readonly Point[], change: number, { regression, columns }: StepFit): CounterfactualDay[] {
  return points.map(({ day, value }, index) => {
    // Everything but the step.
    const parts = regression.about(columns.map((column, at) => (at === columns.length - 1 ? 0 : column[index]!)));
    return { day: isoDay(day), value, expected: mixtureMean(parts), ...bandOf(parts) };
  });
}

function bandOf(parts: readonly StudentPart[]): { low: number; high: number } {
  const [mean, deviation] = [mixtureMean(parts), mixtureDeviation(parts)];
  const reach = deviation * studentQuantile(1 - alpha / 2, parts[0]!.degrees);
  return { low: mean - reach, high: mean + reach };
}
