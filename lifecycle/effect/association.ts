import type { DailyValue } from "../forecasting/daily";
import { parseDay } from "../forecasting/calendar";
import { studentCdf } from "../statistics/special";

/** Days by which the KPI may follow. */
const maxLag = 7;
/** Pairs of days that are needed. */
const leastPairs = 20;

/** That a KPI and a metric of the model moved together, and no more than that. */
export interface Association {
  readonly metric: string;
  /** Of the changes from day to day, -1 to 1. */
  readonly correlation: number;
  /** Days by which the KPI followed. */
  readonly lagDays: number;
  readonly pairs: number;
  /** Times the number of lags that were tried (Bonferroni). */
  readonly pValue: number;
}

/**
 * The strongest correlation of changes from day to day, over lags of up to a week. Changes, because two series that
 * merely drift correlate whatever they are (Granger and Newbold, Journal of Econometrics 2, 1974).
 * @returns undefined where too few days have both.
 */
export function associationOf(
  kpi: readonly DailyValue[],
  metric: string,
  values: readonly DailyValue[],
): Association | undefined {
  const [own, other] = [changesOf(kpi), changesOf(values)];
  const found = Array.from({ length: maxLag + 1 }, (_, lag) => {
    const pairs = [...own].flatMap(([day, y]) => {
      const x = other.get(day - lag);
      return x === undefined ? [] : [[x, y] as const];
    });
    const correlation = pairs.length < leastPairs ? undefined : correlate(pairs);
    return correlation === undefined ? [] : [{ lagDays: lag, pairs: pairs.length, correlation }];
  }).flat();
  const best = found.toSorted((one, two) => Math.abs(two.correlation) - Math.abs(one.correlation))[0];
  if (!best) return undefined;
  const degrees = best.pairs - 2;
  const t = Math.abs(best.correlation) * Math.sqrt(degrees / Math.max(1e-300, 1 - best.correlation ** 2));
  return { metric, ...best, pValue: Math.min(1, found.length * 2 * studentCdf(-t, degrees)) };
}

/** From one day to the next. */
function changesOf(values: readonly DailyValue[]): Map<number, number> {
  const byDay = new Map(values.map(({ day, value }) => [parseDay(day)!, value]));
  return new Map(
    [...byDay].flatMap(([day, value]) => {
      const before = byDay.get(day - 1);
      return before === undefined ? [] : [[day, value - before] as const];
    }),
  );
}

function correlate(pairs: readonly (readonly [number, number])[]): number | undefined {
  const mean = (at: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[at], 0) / pairs.length;
  const [x, y] = [mean(0), mean(1)];
  const sum = (product: (pair: readonly [number, number]) => number): number =>
    pairs.reduce((total, pair) => total + product(pair), 0);
  const [xx, yy, xy] = [
    sum((pair) => (pair[0] - x) ** 2),
    sum((pair) => (pair[1] - y) ** 2),
    sum((pair) => (pair[0] - x) * (pair[1] - y)),
  ];
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : undefined;
}
