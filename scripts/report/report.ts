import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ObjectStore } from "../../aws/s3";
import { isDenied } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { readBill } from "../../automation/costs/actual";
import { AnswerFiles, keptHours } from "../../automation/costs/answer-cache";
import { UserError } from "../../automation/errors";
import type { Environment } from "../../automation/stack/environment";
import type { ReportKind } from "../../contract/report";
import { mayNot, type Reading } from "../../insight/read-model/facts";
import type { ReportFacts, SpendFacts } from "../../insight/report/facts";
import { billDays, spendOf } from "../../insight/report/spend";
import { makeReport, type MadeReport, type ReportFormat } from "../../insight/report/files";
import { keptReport } from "../../insight/report/kept";
import { daysOf, type Period, periodUntil } from "../../insight/report/period";
import { ReportRecords, type ReportSeries } from "../../records/reports";
import { readPlatform } from "../dashboard/read";
import { projectDir } from "../project";

export interface ReportOrder {
  readonly kind: ReportKind;
  /** End of the period: now, by the cloud's clock, where nobody says. */
  readonly until?: Date;
  readonly formats: readonly ReportFormat[];
  /** Whether it is kept, so that the next one says what became of its recommendations. */
  readonly keep: boolean;
  /** Whether the bill is read, which costs some cents. */
  readonly billed: boolean;
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
  const before = records ? await reportBefore(records, series, period.end) : {};
  const spend = last && order.billed ? await billedIn(last, series.environments, period) : undefined;
  const facts = { period, platform, ...before, ...(spend ? { spend } : {}) };
  const made = await makeReport(facts, order.formats);
  const kept = order.keep ? await records?.keep(series, period.end, made.files) : undefined;
  return { ...made, kept };
}

/** The report before, or why it could not be read: whoever may not read it makes a report all the same. */
async function reportBefore(
  records: ReportRecords,
  series: ReportSeries,
  end: string,
): Promise<Pick<ReportFacts, "previous" | "previousUnread">> {
  try {
    const previous = await records.before(series, end, keptReport);
    return previous ? { previous } : {};
  } catch (error) {
    if (!isDenied(error)) throw error;
    return { previousUnread: mayNot };
  }
}

/** What was paid in a period, by the tags of the environments; why that is not known where it is not. */
async function billedIn(
  { session }: Environment,
  environments: readonly string[],
  period: Period,
): Promise<Reading<SpendFacts>> {
  const { from, to } = billDays(period);
  const command = `npx peregrine cost actual --from ${from} --to ${to}`;
  try {
    const answers = new AnswerFiles(join(projectDir, ".peregrine", "costs"), keptHours);
    const { bill } = await readBill(session, environments, { from, to }, answers);
    return spendOf(bill, { what: `Cost Explorer GetCostAndUsage from ${from} until before ${to}`, command });
  } catch (error) {
    return { unread: error instanceof UserError ? error.message : String(error) };
  }
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
