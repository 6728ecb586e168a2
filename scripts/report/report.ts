import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ObjectStore } from "../../aws/s3";
import { callerIdentity } from "../../aws/sts";
import type { Environment } from "../../automation/stack/environment";
import { makeReport, type MadeReport, type ReportFormat } from "../../insight/report/files";
import { keptReport } from "../../insight/report/kept";
import { daysOf, type PeriodKind, periodUntil } from "../../insight/report/period";
import { ReportRecords } from "../../records/reports";
import { readPlatform } from "../dashboard/read";

export interface ReportOrder {
  readonly kind: PeriodKind;
  /** End of the period: now, by the cloud's clock, where nobody says. */
  readonly until?: Date;
  readonly formats: readonly ReportFormat[];
  /** Whether it is kept, so that the next one says what became of its recommendations. */
  readonly keep: boolean;
}

export interface OrderedReport extends MadeReport {
  /** S3 URI of its folder, where it was kept. */
  readonly kept: string | undefined;
}

/** Reads environments, and makes the report of a period. Where none of them is up there is nothing to report. */
export async function orderReport(opened: readonly Environment[], order: ReportOrder): Promise<OrderedReport> {
  const end = order.until ?? (await callerIdentity(opened[0]!.session)).at;
  // Seconds: stores and texts know no finer time.
  const period = periodUntil(order.kind, new Date(Math.floor(end.getTime() / 1000) * 1000));
  const platform = await readPlatform(opened, Math.max(1, daysOf(period)), new Date(period.end));
  const up = opened.filter(({ name }) => platform.environments.some((one) => one.name === name));
  const series = { environments: up.map(({ name }) => name), kind: order.kind };
  const last = up.at(-1);
  const records = last && new ReportRecords(new ObjectStore(last.session), (await last.outputs()).artifactsBucket);
  const previous = await records?.before(series, period.end, keptReport);
  const made = await makeReport({ period, platform, ...(previous ? { previous } : {}) }, order.formats);
  const kept = order.keep ? await records?.keep(series, period.end, made.files) : undefined;
  return { ...made, kept };
}

/** Writes a report into a folder, with the digests of its files as `sha256sum --check` reads them. @returns their names. */
export async function writeReport({ files }: MadeReport, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const sums: string[] = [];
  for (const [name, body] of files) {
    await writeFile(join(folder, name), body);
    sums.push(`${createHash("sha256").update(body).digest("hex")}  ${name}\n`);
  }
  await writeFile(join(folder, "SHA256SUMS"), sums.join(""));
  return [...files.keys(), "SHA256SUMS"];
}
