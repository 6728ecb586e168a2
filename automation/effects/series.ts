import type { Metrics } from "../../aws/cloudwatch";
import type { ObjectStore } from "../../aws/s3";
import { scoresDocument, scoresKey } from "../../contract/experiment";
import { readJson } from "../../contract/json";
import { type KpiDefinition, type KpiRow, kpiTableKey } from "../../contract/kpi";
import { monitoringMetric, monitoringNamespace } from "../../contract/monitoring";
import { championVariant } from "../../contract/variants";
import { byDay } from "../../lifecycle/effect/effect";
import { feedbackRows, mergedRows, readKpiTable } from "../../lifecycle/effect/rows";
import type { DailyValue } from "../../lifecycle/forecasting/daily";
import { KpiRecords } from "../../records/kpis";
import { UserError } from "../errors";

/** Where values of KPIs are read, and until when. */
export interface KpiPlaces {
  readonly environment: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly store: Pick<ObjectStore, "get" | "getWithTag" | "putIf">;
  readonly metrics: Pick<Metrics, "points">;
  readonly now: Date;
}

/** A KPI's values, and since when it is defined as it is. */
export interface KpiSeries {
  readonly rows: readonly KpiRow[];
  readonly since: string | undefined;
}

const daySeconds = 86_400;
/** CloudWatch keeps daily values so long (GetMetricData, "Period"). */
const keptDays = 455;

/** All values, those of today included. @throws UserError where a table or what was kept cannot be read. */
export async function readKpi(kpi: KpiDefinition, places: KpiPlaces): Promise<KpiSeries> {
  const { document, damaged } = await new KpiRecords(places.store, places.bucket).read(kpi.name);
  if (damaged !== undefined)
    throw new UserError(
      `What was kept of ${kpi.name} is damaged: ${damaged}`,
      "The function makes it anew on its next run, at 05:00 UTC; earlier versions are in the bucket.",
    );
  return { rows: await rowsOf(kpi, places, document?.rows ?? []), since: document?.since };
}

async function rowsOf(kpi: KpiDefinition, places: KpiPlaces, kept: readonly KpiRow[]): Promise<readonly KpiRow[]> {
  const { bucket, endpoint, store } = places;
  switch (kpi.source.kind) {
    case "feedback": {
      const key = scoresKey(endpoint);
      const body = await store.get({ bucket, key });
      const read = body && readJson(body.toString("utf8"), scoresDocument);
      if (read && read.kind !== "value")
        throw new UserError(`s3://${bucket}/${key} is damaged.`, "The next run of the monitoring writes it anew.");
      return mergedRows(kept, read ? feedbackRows(kpi.source.measure, read.value.answers) : [], "");
    }
    case "csv": {
      const text = await new KpiRecords(store, bucket).table(kpi.name);
      const read = readKpiTable(text ?? "day,value");
      if ("rows" in read) return read.rows;
      throw new UserError(
        `s3://${bucket}/${kpiTableKey(kpi.name)}: ${read.problems.join("; ")}`,
        `${kpi.owner} delivers it anew; docs/business.md says what it looks like.`,
      );
    }
    case "metric": {
      const { namespace, metric, statistic, dimensions } = kpi.source;
      return daily(places, { namespace, name: metric, statistic, dimensions });
    }
  }
}

/** The model's F1 by day: what a KPI may have moved with. */
export async function modelQuality(places: KpiPlaces): Promise<DailyValue[]> {
  const { environment, endpoint } = places;
  return byDay(
    await daily(places, {
      ...{ namespace: monitoringNamespace(environment), name: monitoringMetric.f1, statistic: "Average" },
      dimensions: { EndpointName: endpoint, VariantName: championVariant },
    }),
  );
}

/** Images that the endpoint answered from one day to another, both included. */
export async function imagesBetween(places: KpiPlaces, from: string, to: string): Promise<number> {
  const found = await daily(places, {
    ...{ namespace: "AWS/SageMaker", name: "Invocations", statistic: "Sum" },
    dimensions: { EndpointName: places.endpoint, VariantName: championVariant },
  });
  return found.filter(({ day }) => day >= from && day <= to).reduce((sum, { value }) => sum + value, 0);
}

async function daily(
  { metrics, now }: KpiPlaces,
  query: Omit<Parameters<Metrics["points"]>[0], "periodSeconds">,
): Promise<KpiRow[]> {
  const end = Math.floor(now.getTime() / 1000 / daySeconds) * daySeconds;
  const start = end - keptDays * daySeconds;
  const points = await metrics.points(
    { ...query, periodSeconds: daySeconds },
    new Date(start * 1000),
    new Date(end * 1000),
  );
  return points.map(({ time, value }) => ({ day: time.toISOString().slice(0, 10), value }));
}
