import { parseDay } from "../../../lifecycle/forecasting/calendar";
import type { DailyValue } from "../../../lifecycle/forecasting/daily";
import { glanceAt } from "../../../lifecycle/forecasting/outlook";
import { studentCdf } from "../../../lifecycle/statistics/special";
import { type ForecastVerdict, judge, warningRule } from "../../../lifecycle/forecasting/warning";
import { horizonDays } from "../../../lifecycle/forecasting/watched";
import { limit } from "./streams";

/** A rule that warns: what it says on each day from `from` to `to`, from what was known by then. */
export type Rule = (values: readonly DailyValue[], from: number, to: number) => (ForecastVerdict | "warned")[];

/** Ours, as the function asks for it day by day. */
export const ours: Rule = (values, from, to) => {
  const known = values.map(({ day }) => parseDay(day)!);
  const looks = Array.from({ length: to - from + warningRule.looks }, (_, index) => {
    const today = from - warningRule.looks + 1 + index;
    const end = known.findIndex((day) => day > today);
    return glanceAt({ values: end < 0 ? values : values.slice(0, end), limit, today, horizonDays });
  });
  return Array.from(
    { length: to - from + 1 },
    (_, index) => judge(looks.slice(index, index + warningRule.looks).reverse()).verdict,
  );
};

/** Days ahead that the two rules below look, and the chance that counts (the comparison of the goals). */
const ahead = 14;
const enough = 0.8;

/** A plain trend line through three weeks, with the line's interval as if days were independent. */
export const leastSquares: Rule = (values, from, to) =>
  eachDay(values, from, to, (points, today) => {
    const window = points.filter(({ day }) => day > today - 21);
    const count = window.length;
    if (count < 5) return false;
    const meanDay = sum(window.map(({ day }) => day)) / count;
    const mean = sum(window.map(({ value }) => value)) / count;
    const squares = sum(window.map(({ day }) => (day - meanDay) ** 2));
    const slope = sum(window.map(({ day, value }) => (day - meanDay) * (value - mean))) / squares;
    const residual = sum(window.map(({ day, value }) => (value - mean - slope * (day - meanDay)) ** 2)) / (count - 2);
    const then = today + ahead - meanDay;
    const forecast = mean + slope * then;
    const spread = Math.sqrt(residual * (1 / count + then ** 2 / squares));
    return studentCdf((limit.value - forecast) / spread, count - 2) > enough;
  });

/** Holt's linear smoothing, the errors of one day ahead as its noise. */
export const holt: Rule = (values, from, to) => {
  const [alpha, beta] = [0.2, 0.05];
  return eachDay(values, from, to, (points) => {
    let [level, trend] = [points[0]!.value, 0];
    const errors: number[] = [];
    for (const { value } of points.slice(1)) {
      const error = value - level - trend;
      errors.push(error);
      [level, trend] = [level + trend + alpha * error, trend + alpha * beta * error];
    }
    if (errors.length < 10) return false;
    const variance = sum(errors.map((error) => error ** 2)) / errors.length;
    // Variance of a forecast h days ahead (Hyndman et al., Forecasting with Exponential Smoothing, 2008, table 6.1).
    const growth = sum(Array.from({ length: ahead - 1 }, (_, index) => (alpha * (1 + (index + 1) * beta)) ** 2));
    const spread = Math.sqrt(variance * (1 + growth));
    return studentCdf((limit.value - level - ahead * trend) / spread, 1e6) > enough;
  });
};

interface DayValue {
  readonly day: number;
  readonly value: number;
}

function eachDay(
  values: readonly DailyValue[],
  from: number,
  to: number,
  warns: (points: readonly DayValue[], today: number) => boolean,
): ("warned" | "quiet")[] {
  const points = values.map(({ day, value }) => ({ day: parseDay(day)!, value }));
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const today = from + index;
    return warns(
      points.filter(({ day }) => day <= today),
      today,
    )
      ? "warned"
      : "quiet";
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
