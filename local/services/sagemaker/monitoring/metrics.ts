import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../../../cloud";
import { AwsError } from "../../../errors";
import type { Principal } from "../../../iam/principal";
import type { Members } from "../../../members";
import { filesBelow } from "../../../runner/objects";
import { SAGEMAKER_PRINCIPAL } from "../context";

/**
 * Where the metrics of a monitoring job go that watches an endpoint. AWS's pages spell it in three ways; this is that
 * of "CloudWatch Metrics for Bring Your Own Containers" but for the plural, as its other pages and dashboards have it.
 */
const dataMetrics = "/aws/sagemaker/Endpoints/data-metrics";

/** Metrics of one request (CloudWatch API, PutMetricData). */
const requestSize = 1000;

/**
 * Publishes what a monitoring container left in `/opt/ml/output/metrics/cloudwatch`, one metric a line, as its role.
 * What cannot be read or may not be published is told in the job's log, and the job goes on (believed).
 */
export async function publishMonitoringMetrics(
  cloud: Cloud,
  role: Principal,
  ml: string,
  write: (line: string) => void,
): Promise<void> {
  const metrics: Members[] = [];
  for (const file of filesBelow(join(ml, "output/metrics/cloudwatch")))
    for (const line of readFileSync(file, "utf8").split("\n"))
      if (line.trim() !== "") {
        const metric = metricOf(line);
        if (metric) metrics.push(metric);
        else write(`not a metric: ${line}`);
      }
  try {
    for (let from = 0; from < metrics.length; from += requestSize)
      await cloud.as(
        role,
        "cloudwatch",
        "PutMetricData",
        { Namespace: dataMetrics, MetricData: metrics.slice(from, from + requestSize) },
        SAGEMAKER_PRINCIPAL,
      );
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    write(`The metrics were not published: ${error.code}: ${error.message}`);
  }
}

/** A line as PutMetricData takes it; undefined for anything else. */
function metricOf(line: string): Members | undefined {
  let metric: Members | null;
  try {
    metric = JSON.parse(line) as Members | null;
  } catch {
    return undefined;
  }
  const at = new Date(String(metric?.Timestamp));
  if (typeof metric?.MetricName !== "string" || Number.isNaN(at.getTime())) return undefined;
  return { ...metric, Timestamp: at };
}
