/**
 * What is kept of the samples of one metric within one bucket of time: enough for every statistic CloudWatch offers.
 */
export interface Aggregate {
  count: number;
  sum: number;
  min: number;
  max: number;
  /**
   * Values with their counts, for percentiles; exact while there are few, within 1 % when there are many. Absent for
   * statistic sets.
   */
  values?: Map<number, number>;
}

/** Distinct values kept exactly per bucket. */
const EXACT_VALUES = 128;
const LOG_BASE = Math.log(1.01);

export function emptyAggregate(): Aggregate {
  return { count: 0, sum: 0, min: Infinity, max: -Infinity, values: new Map() };
}

/** Adds `count` samples of the same value. */
export function addSample(to: Aggregate, value: number, count = 1): void {
  to.count += count;
  to.sum += value * count;
  to.min = Math.min(to.min, value);
  to.max = Math.max(to.max, value);
  if (to.values) addValue(to.values, value, count);
}

/** Adds a whole aggregate, such as another bucket or a statistic set. */
export function addAggregate(to: Aggregate, other: Aggregate): void {
  if (other.count === 0) return;
  to.count += other.count;
  to.sum += other.sum;
  to.min = Math.min(to.min, other.min);
  to.max = Math.max(to.max, other.max);
  if (!other.values) to.values = undefined;
  else if (to.values) for (const [value, count] of other.values) addValue(to.values, value, count);
}

function addValue(values: Map<number, number>, value: number, count: number): void {
  const key = values.size < EXACT_VALUES || values.has(value) ? value : rounded(value);
  values.set(key, (values.get(key) ?? 0) + count);
}

function rounded(value: number): number {
  return value === 0 ? 0 : Math.sign(value) * Math.exp(Math.round(Math.log(Math.abs(value)) / LOG_BASE) * LOG_BASE);
}

/**
 * One statistic of an aggregate: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, a percentile such as `p99` or
 * `p99.9`, or a trimmed count such as `TC(100:)`.
 * @returns undefined when it cannot be computed (a percentile of a statistic set).
 */
export function statistic(of: Aggregate, name: string): number | undefined {
  switch (name) {
    case "Average":
      return of.sum / of.count;
    case "Sum":
      return of.sum;
    case "Minimum":
      return of.min;
    case "Maximum":
      return of.max;
    case "SampleCount":
      return of.count;
    default: {
      const range = trimmedRange(name);
      return range ? trimmedCount(of, range) : percentile(of, percent(name) ?? NaN);
    }
  }
}

/** Whether a name is one of the statistics above. */
export function isStatistic(name: string): boolean {
  return (
    ["Average", "Sum", "Minimum", "Maximum", "SampleCount"].includes(name) ||
    percent(name) !== undefined ||
    trimmedRange(name) !== undefined
  );
}

/** Values above one limit, and up to another one. */
type Range = readonly [above: number, upTo: number];

/**
 * The range in `TC(100:500)`, `TC(:500)` or `TC(100:)`: limits as values; those in per cent are not known here
 * (CloudWatch user guide, "CloudWatch statistics definitions").
 */
function trimmedRange(name: string): Range | undefined {
  const [, above, upTo] = /^TC\((\d+(?:\.\d+)?)?:(\d+(?:\.\d+)?)?\)$/.exec(name) ?? [];
  if (above === undefined && upTo === undefined) return undefined;
  return [above === undefined ? -Infinity : Number(above), upTo === undefined ? Infinity : Number(upTo)];
}

/** How many samples lie in a range; a statistic set tells only where all of its samples do, or none. */
function trimmedCount({ values, count, min, max }: Aggregate, [above, upTo]: Range): number | undefined {
  const within = (value: number) => value > above && value <= upTo;
  if (!values) return within(min) && within(max) ? count : max <= above || min > upTo ? 0 : undefined;
  return [...values].reduce((total, [value, times]) => total + (within(value) ? times : 0), 0);
}

/** The number in `p99.9`. */
export function percent(name: string): number | undefined {
  const value = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name)?.[1];
  return value === undefined ? undefined : Number(value);
}

function percentile(of: Aggregate, wanted: number): number | undefined {
  if (!of.values) return of.min === of.max ? of.min : undefined;
  const rank = (wanted / 100) * of.count;
  let seen = 0;
  for (const [value, count] of [...of.values].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= rank) return Math.min(of.max, Math.max(of.min, value));
  }
  return of.max;
}
