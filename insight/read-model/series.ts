import type { MetricQuery } from "../../aws/cloudwatch";
import { monitoringMetric, monitoringNamespace } from "../../contract/monitoring";
import { championVariant } from "../../contract/variants";

/** Values of one metric in two columns: a million points are sixteen megabytes, and are summed in milliseconds. */
export interface Series {
  /** Milliseconds since 1970, rising. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** The query behind it, in one line. */
  readonly query: string;
}

/** What is drawn of a model that serves, by the name of its series. */
const drawn = {
  requests: { of: "serving", name: "Invocations", statistic: "Sum" },
  clientErrors: { of: "serving", name: "Invocation4XXErrors", statistic: "Sum" },
  serverErrors: { of: "serving", name: "Invocation5XXErrors", statistic: "Sum" },
  /** Microseconds. */
  latencyP50: { of: "serving", name: "ModelLatency", statistic: "p50" },
  latencyP90: { of: "serving", name: "ModelLatency", statistic: "p90" },
  latencyP99: { of: "serving", name: "ModelLatency", statistic: "p99" },
  drift: { of: "monitoring", name: monitoringMetric.driftScore, statistic: "Maximum" },
  estimatedMap50: { of: "monitoring", name: monitoringMetric.estimatedMap50, statistic: "Average" },
  map50: { of: "monitoring", name: monitoringMetric.map50, statistic: "Average" },
  f1: { of: "monitoring", name: monitoringMetric.f1, statistic: "Average" },
  precision: { of: "monitoring", name: monitoringMetric.precision, statistic: "Average" },
  recall: { of: "monitoring", name: monitoringMetric.recall, statistic: "Average" },
  labelCoverage: { of: "monitoring", name: monitoringMetric.labelCoverage, statistic: "Average" },
  labelLagHours: { of: "monitoring", name: monitoringMetric.labelLagHours, statistic: "Average" },
} as const;
export type SeriesName = keyof typeof drawn;
export const seriesNames = Object.keys(drawn) as readonly SeriesName[];

/** The query of a series. */
export function queryOf(
  series: SeriesName,
  environment: string,
  endpointName: string,
  periodSeconds: number,
): MetricQuery {
  const { of, name, statistic } = drawn[series];
  return {
    namespace: of === "serving" ? "AWS/SageMaker" : monitoringNamespace(environment),
    name,
    statistic,
    dimensions: { EndpointName: endpointName, VariantName: championVariant },
    periodSeconds,
  };
}

/** A query for people, in one line. */
export function queryText({ namespace, name, statistic, dimensions, periodSeconds }: MetricQuery): string {
  const where = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`);
  return `CloudWatch GetMetricData: ${namespace} ${name}, ${statistic} of ${periodSeconds} s, ${where.join(", ")}`;
}

/** Values in columns. @param points rising in time. */
export function seriesOf(points: readonly { readonly time: Date; readonly value: number }[], query: string): Series {
  return {
    times: Float64Array.from(points, ({ time }) => time.getTime()),
    values: Float64Array.from(points, ({ value }) => value),
    query,
  };
}

/** The newest value; undefined where there is none. */
export function latest({ times, values }: Series): { readonly at: string; readonly value: number } | undefined {
  const last = values.length - 1;
  return last < 0 ? undefined : { at: new Date(times[last]!).toISOString(), value: values[last]! };
}

export function total({ values }: Series): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Values that fall into one slot of a chart. */
export interface Bucket {
  /** Milliseconds since 1970: time of the slot's last value. */
  readonly at: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** A series as a chart can show it: slots of equal length, with the extremes kept. Slots without values are left out. */
export function bucketsOf({ times, values }: Series, most: number): Bucket[] {
  const first = times[0];
  if (first === undefined) return [];
  const last = times[times.length - 1]!;
  const width = Math.max(1, (last - first) / most);
  const buckets: Bucket[] = [];
  let at = 0;
  for (let slot = 1; slot <= most && at < times.length; slot++) {
    // Rounding must not leave the last value over.
    const until = slot === most ? Infinity : first + slot * width;
    let [sum, low, high] = [0, Infinity, -Infinity];
    const from = at;
    for (; at < times.length && times[at]! < until; at++) {
      const value = values[at]!;
      sum += value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (at > from) buckets.push({ at: times[at - 1]!, mean: sum / (at - from), low, high });
  }
  return buckets;
}

/** Periods that CloudWatch has, the shortest first, with the days for which it keeps them (GetMetricData, "Period"). */
const periods = [
  { seconds: 60, days: 15 },
  { seconds: 300, days: 63 },
  { seconds: 3600, days: 455 },
] as const;

/** Points of a series at most: more than a chart has pixels. */
const mostPoints = 1500;

/** The shortest period that CloudWatch has for a window, and of which a chart can show all. */
export function periodFor(windowMs: number): number {
  const fits = periods.find(
    ({ seconds, days }) => windowMs <= days * 86_400_000 && windowMs / (seconds * 1000) <= mostPoints,
  );
  return fits?.seconds ?? 86_400;
}
