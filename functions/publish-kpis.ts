import { z } from "zod";
import { type MetricValue, Metrics } from "../aws/cloudwatch";
import { ObjectStore } from "../aws/s3";
import { functionSession, isDenied } from "../aws/session";
import { scoresDocument, scoresKey } from "../contract/experiment";
import { readJson } from "../contract/json";
import { kpiCatalogue, type KpiDefinition, kpiNamespace, type KpiRow, kpiTableKey } from "../contract/kpi";
import { readVariables } from "../contract/variables";
import { publicationOf } from "../lifecycle/effect/publishing";
import { feedbackRows, readKpiTable } from "../lifecycle/effect/rows";
import { parseDay } from "../lifecycle/forecasting/calendar";
import { KpiRecords } from "../records/kpis";

/** What the schedule sends: when it meant to, by its own clock. */
const eventShape = z.object({ time: z.iso.datetime() });

/** What the handler depends on. */
export interface Dependencies {
  readonly environment: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly kpis: readonly KpiDefinition[];
  /** Days after which no more labels of a day are expected. */
  readonly settleDays: number;
  readonly objects: Pick<ObjectStore, "get" | "getWithTag" | "putIf">;
  readonly metrics: Pick<Metrics, "publishAll">;
  readonly log: (line: string) => void;
}

/**
 * Publishes the business metrics of the days that are over, and keeps what their sources forget. One that cannot be
 * read is told of and tried again tomorrow; the others go on.
 * @returns what was done, for the log.
 * @throws Error where none of them could be read.
 */
export async function publishKpis(event: unknown, dependencies: Dependencies): Promise<string> {
  const { kpis, log } = dependencies;
  const today = parseDay(eventShape.parse(event).time)!;
  const done: string[] = [];
  const failed: string[] = [];
  for (const kpi of kpis)
    try {
      done.push(`${kpi.name} ${await publishOne(kpi, today, dependencies)}`);
    } catch (error) {
      failed.push(`${kpi.name}: ${isDenied(error) ? "refused: " : ""}${(error as Error).message}`);
    }
  for (const problem of failed) log(`could not be published: ${problem}`);
  if (failed.length > 0 && done.length === 0) throw new Error(`nothing was published: ${failed.join("; ")}`);
  const said = done.join(", ");
  log(said);
  return said;
}

async function publishOne(kpi: KpiDefinition, today: number, dependencies: Dependencies): Promise<string> {
  const { environment, endpoint, bucket, objects, metrics, settleDays, log } = dependencies;
  const records = new KpiRecords(objects, bucket);
  const { document, tag, damaged } = await records.read(kpi.name);
  if (damaged !== undefined) log(`what was kept of ${kpi.name} is damaged, and is made anew: ${damaged}`);
  const feedback = kpi.source.kind === "feedback";
  const publication = publicationOf(kpi, document, await rowsOf(kpi, records, dependencies), {
    today,
    settleDays: feedback ? settleDays : 0,
    keep: feedback,
  });
  const { values, late } = publication;
  if (late > 0) log(`${late} days of ${kpi.name} came too late for CloudWatch, which takes two weeks`);
  await metrics.publishAll(
    kpiNamespace(environment),
    values.map(({ day, value }): MetricValue => ({
      name: kpi.name,
      dimensions: { EndpointName: endpoint },
      value,
      // In the middle of its day, so that it is of this day in any zone that somebody looks from.
      time: new Date(`${day}T12:00:00Z`),
    })),
  );
  // After it was published: what is published twice is the same value.
  await records.write(publication.document, tag);
  return `${values.length} days`;
}

/** Metrics of others are in CloudWatch as they are: of them, only since when they are asked about is kept. */
async function rowsOf(
  { name, source }: KpiDefinition,
  records: KpiRecords,
  { bucket, endpoint, objects, log }: Dependencies,
): Promise<readonly KpiRow[]> {
  switch (source.kind) {
    case "metric":
      return [];
    case "csv": {
      const text = await records.table(name);
      if (text === undefined) log(`s3://${bucket}/${kpiTableKey(name)} was not delivered yet`);
      const read = readKpiTable(text ?? "day,value");
      if ("rows" in read) return read.rows;
      throw new Error(`s3://${bucket}/${kpiTableKey(name)}: ${read.problems.join("; ")}`);
    }
    case "feedback": {
      const body = await objects.get({ bucket, key: scoresKey(endpoint) });
      if (!body) return [];
      const read = readJson(body.toString("utf8"), scoresDocument);
      if (read.kind === "value") return feedbackRows(source.measure, read.value.answers);
      throw new Error(`${scoresKey(endpoint)} is damaged: ${read.kind === "not-json" ? read.why : read.problems[0]}`);
    }
  }
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const { ENVIRONMENT, ENDPOINT, ARTIFACTS_BUCKET, KPIS, SETTLE_DAYS } = readVariables("publish-kpis", process.env);
  const session = functionSession();
  return publishKpis(event, {
    environment: ENVIRONMENT,
    endpoint: ENDPOINT,
    bucket: ARTIFACTS_BUCKET,
    kpis: kpiCatalogue.parse(JSON.parse(KPIS)),
    settleDays: Number(SETTLE_DAYS),
    objects: new ObjectStore(session),
    metrics: new Metrics(session),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
