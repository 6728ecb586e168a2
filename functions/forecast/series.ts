import type { MetricQuery, Metrics } from "../../aws/cloudwatch";
import { monitoringMetric, monitoringNamespace } from "../../contract/monitoring";
import { isoDay, parseDay } from "../../lifecycle/forecasting/calendar";
import type { DailyValue } from "../../lifecycle/forecasting/daily";
import { memoryDays } from "../../lifecycle/forecasting/outlook";
import type { ForecastLimits, WatchedSeries } from "../../lifecycle/forecasting/watched";

/** Whose metrics are read. */
export interface Subject {
  readonly environment: string;
  readonly endpoint: string;
  readonly variant: string;
  readonly limits: ForecastLimits;
}

/** Reads metrics: those of the Region, and those of bills, which AWS publishes in one Region only. */
export interface MetricSources {
  readonly metrics: Pick<Metrics, "points">;
  readonly billing: Pick<Metrics, "points">;
}

const daySeconds = 86_400;
const hourSeconds = 3600;
const minutesAnHour = 60;

/** How a series is read from metrics: the query, and what makes its values those of days. */
interface Reading {
  readonly query: MetricQuery;
  readonly source: keyof MetricSources;
  /** What a value is in the series' unit. */
  readonly scale: number;
}

/**
 * Namespaces, metrics and units: "Monitoring Amazon SageMaker with CloudWatch" (latency in microseconds; disks in per
 * cent), "Monitor estimated AWS charges with CloudWatch" (the account's, of the month so far).
 */
function readingOf(series: WatchedSeries, { environment, endpoint, variant, limits }: Subject): Reading {
  const dimensions = { EndpointName: endpoint, VariantName: variant };
  const monitored = (name: string): Reading => ({
    query: daily(monitoringNamespace(environment), name, dimensions, "Average"),
    source: "metrics",
    scale: 1,
  });
  switch (series) {
    case "quality":
      return monitored(monitoringMetric.map50);
    case "estimated-quality":
      return monitored(monitoringMetric.estimatedMap50);
    case "latency":
      return { query: daily("AWS/SageMaker", "ModelLatency", dimensions, "p95"), source: "metrics", scale: 1 / 1000 };
    case "disk":
      return {
        ...{ query: daily("/aws/sagemaker/Endpoints", "DiskUtilization", dimensions, "Maximum") },
        ...{ source: "metrics", scale: 1 },
      };
    case "instances":
      return {
        query: { ...daily("AWS/SageMaker", "Invocations", dimensions, "Sum"), periodSeconds: hourSeconds },
        source: "metrics",
        scale: 1 / minutesAnHour / limits.invocationsPerInstance,
      };
    case "spend":
      return {
        query: daily("AWS/Billing", "EstimatedCharges", { Currency: "USD" }, "Maximum"),
        source: "billing",
        scale: 1,
      };
  }
}

function daily(namespace: string, name: string, dimensions: MetricQuery["dimensions"], statistic: string): MetricQuery {
  return { namespace, name, dimensions, statistic, periodSeconds: daySeconds };
}

/** Daily values of a series up to and with a day, each the largest of its periods. */
export async function readSeries(
  series: WatchedSeries,
  subject: Subject,
  sources: MetricSources,
  today: number,
): Promise<DailyValue[]> {
  const { query, source, scale } = readingOf(series, subject);
  const start = new Date(`${isoDay(today + 1 - memoryDays)}T00:00:00Z`);
  const end = new Date(`${isoDay(today + 1)}T00:00:00Z`);
  const byDay = new Map<string, number>();
  for (const { time, value } of await sources[source].points(query, start, end)) {
    const day = isoDay(parseDay(time.toISOString())!);
    byDay.set(day, Math.max(byDay.get(day) ?? -Infinity, value * scale));
  }
  return [...byDay].map(([day, value]) => ({ day, value }));
}
