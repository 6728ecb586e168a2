import type { KpiRow } from "../../contract/kpi";
import { isoDay, parseDay } from "../forecasting/calendar";
import { degreesOf } from "../statistics/difference";
import { assignments, choose, permutationInterval, permutationPValue } from "../statistics/permutations";
import { studentCdf } from "../statistics/special";
import { studentQuantile } from "../statistics/student";
import { detectableBy } from "./interrupted";
import { alpha, type CounterfactualDay, type Rung } from "./result";

/** Days of a unit that count, at most, on either side, and how many it needs. */
const window = { most: 60, least: 7 } as const;
/** Below so many units in all, or in either group, means are no normal values: assignments are enumerated instead. */
const leastNormal = { all: 10, group: 5 } as const;
/** Fewer assignments cannot tell 1 in 20, more are not enumerated. */
const countable = { least: 40, most: 20_000 } as const;

interface Unit {
  readonly name: string;
  readonly changed: boolean;
  readonly points: readonly { readonly day: number; readonly value: number; readonly weight: number }[];
  readonly before: number;
  readonly after: number;
  readonly trend: number;
}

/**
 * Difference in differences: units (such as sites) that got the release on one day, against those that did not, each
 * by its own mean before and after. A unit is one value, however many days it has (Bertrand, Duflo and Mullainathan,
 * Quarterly Journal of Economics 119, 2004). Where the groups went apart before the change already, nothing is said.
 * @param rows with unit and arm. @param release what the arm of changed units is called.
 * @param span first and last day that count: others changed something before and after.
 */
export function stagedEffect(
  rows: readonly KpiRow[],
  release: string,
  span: { readonly from: number; readonly to: number },
): Rung {
  const grouped = unitsOf(rows, release, span);
  if ("reasons" in grouped) return grouped;
  const { units, change, leftOut } = grouped;
  const [changed, others] = [units.filter((one) => one.changed), units.filter((one) => !one.changed)];
  if (changed.length < 2 || others.length < 2)
    return { reasons: [`${changed.length} units changed and ${others.length} did not; two of each are needed`] };
  const trends = welch(
    changed.map(({ trend }) => trend),
    others.map(({ trend }) => trend),
  );
  if (trends && trends.pValue < alpha)
    return {
      reasons: [`the groups went apart before the change already (slopes differ, p ${trends.pValue.toPrecision(2)})`],
    };
  const gains = (group: readonly Unit[]): number[] => group.map(({ before, after }) => after - before);
  const compared = welch(gains(changed), gains(others));
  if (!compared) return { reasons: ["the values never vary"] };
  const few = units.length < leastNormal.all || Math.min(changed.length, others.length) < leastNormal.group;
  const found = few ? byAssignments(gains(changed), gains(others)) : compared;
  if ("reasons" in found) return found;
  const { mean, deviation, degrees } = compared;
  return {
    grade: "B",
    method: `Difference in differences over ${units.length} units, one value each${few ? ", by randomisation inference: units are few" : ""}; slopes of before differ with p ${trends ? trends.pValue.toFixed(2) : "1"}.`,
    mean,
    low: found.low,
    high: found.high,
    pValue: found.pValue,
    detectable: detectableBy(deviation, degrees),
    n: {
      "units that changed": changed.length,
      "units that did not": others.length,
      ...(leftOut > 0 ? { "units left out": leftOut } : {}),
    },
    assumptions: [
      "both groups would have gone on alike",
      "who got the release first was not chosen by what was expected of it",
    ],
    course: courseOf(changed, others, change, found.high - mean),
  };
}

/** Units with enough days on both sides of the day on which most of those that changed did. */
function unitsOf(
  rows: readonly KpiRow[],
  release: string,
  { from, to }: { readonly from: number; readonly to: number },
): { units: Unit[]; change: number; leftOut: number } | { reasons: string[] } {
  const all = new Map<string, { day: number; value: number; weight: number; own: boolean }[]>();
  for (const { unit, arm, day, value, weight = 1 } of rows) {
    const at = parseDay(day)!;
    if (unit === undefined || arm === undefined || at < from || at > to) continue;
    all.set(unit, [...(all.get(unit) ?? []), { day: at, value, weight, own: arm === release }]);
  }
  const starts = new Map<string, number>();
  for (const [unit, values] of all) {
    const own = values.filter((one) => one.own).map(({ day }) => day);
    if (own.length > 0) starts.set(unit, Math.min(...own));
  }
  const days = [...starts.values()];
  if (days.length === 0) return { reasons: [`no unit's rows say that ${release} answered`] };
  const change = days.toSorted((one, other) => count(days, other) - count(days, one) || one - other)[0]!;
  const units = [...all].flatMap(([name, values]): Unit[] => {
    const start = starts.get(name);
    // One that changed on another day is in neither group.
    if (start !== undefined && start !== change) return [];
    const points = values.filter(({ day }) => Math.abs(day - change) <= window.most && day !== change);
    const [before, after] = [points.filter(({ day }) => day < change), points.filter(({ day }) => day > change)];
    if (before.length < window.least || after.length < window.least) return [];
    // One that had it and went back is none that changed.
    if (start !== undefined && after.some(({ own }) => !own)) return [];
    return [
      {
        name,
        changed: start !== undefined,
        points,
        before: meanOf(before),
        after: meanOf(after),
        trend: slope(before),
      },
    ];
  });
  return { units, change, leftOut: all.size - units.length };
}

function byAssignments(
  changed: readonly number[],
  others: readonly number[],
): { low: number; high: number; pValue: number } | { reasons: string[] } {
  const ways = choose(changed.length + others.length, changed.length);
  if (ways < countable.least || ways > countable.most)
    return {
      reasons: [
        `${changed.length} of ${changed.length + others.length} units changed: ${ways < countable.least ? "so few assignments cannot tell chance from effect" : "fewer than five in a group, and too many assignments to enumerate"}`,
      ],
    };
  const all = assignments(changed.length + others.length, changed.length);
  return {
    ...permutationInterval(changed, others, all, alpha),
    pValue: permutationPValue(changed, others, all),
  };
}

interface Compared {
  readonly mean: number;
  readonly deviation: number;
  readonly degrees: number;
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
}

/** Welch's test of two groups' means. @returns undefined where nothing varies. */
function welch(one: readonly number[], other: readonly number[]): Compared | undefined {
  const [a, b] = [estimateOf(one), estimateOf(other)];
  const variance = a.variance + b.variance;
  if (!(variance > 0)) return undefined;
  const [mean, deviation, degrees] = [a.mean - b.mean, Math.sqrt(variance), degreesOf(a, b)];
  const reach = deviation * studentQuantile(1 - alpha / 2, degrees);
  const pValue = 2 * studentCdf(-Math.abs(mean / deviation), degrees);
  return { mean, deviation, degrees, low: mean - reach, high: mean + reach, pValue };
}

function estimateOf(values: readonly number[]): { mean: number; variance: number; units: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) / values.length, units: values.length };
}

function meanOf(points: readonly { readonly value: number; readonly weight: number }[]): number {
  const weight = points.reduce((sum, one) => sum + one.weight, 0);
  return points.reduce((sum, one) => sum + one.value * one.weight, 0) / weight;
}

/** Least squares, a day. */
function slope(points: readonly { readonly day: number; readonly value: number }[]): number {
  const day = points.reduce((sum, one) => sum + one.day, 0) / points.length;
  const squares = points.reduce((sum, one) => sum + (one.day - day) ** 2, 0);
  return squares === 0 ? 0 : points.reduce((sum, one) => sum + (one.day - day) * one.value, 0) / squares;
}

/** The changed units' mean by day, and the others', shifted to where the changed ones began. */
function courseOf(
  changed: readonly Unit[],
  others: readonly Unit[],
  change: number,
  reach: number,
): CounterfactualDay[] {
  const byDay = (group: readonly Unit[]): Map<number, number> => {
    const days = new Map<number, { day: number; value: number; weight: number }[]>();
    for (const point of group.flatMap(({ points }) => points))
      days.set(point.day, [...(days.get(point.day) ?? []), point]);
    return new Map([...days].map(([day, points]) => [day, meanOf(points)]));
  };
  const [own, rest] = [byDay(changed), byDay(others)];
  const averageBefore = (days: ReadonlyMap<number, number>): number =>
    estimateOf([...days].flatMap(([day, value]) => (day < change ? [value] : []))).mean;
  const apart = averageBefore(own) - averageBefore(rest);
  return [...own]
    .toSorted(([one], [other]) => one - other)
    .flatMap(([day, value]) => {
      const other = rest.get(day);
      if (other === undefined) return [];
      const expected = other + apart;
      return [{ day: isoDay(day), value, expected, low: expected - reach, high: expected + reach }];
    });
}

function count(values: readonly number[], value: number): number {
  return values.filter((one) => one === value).length;
}
