import { chartsOf } from "./charts";
import type { ReportFacts } from "./facts";
import { reportPdf } from "./pdf";
import { plainForm, type PlainFormat, written } from "./plain-forms";
import type { Report } from "./report";

/** Forms of a report, by the endings of their files. */
export const reportFormats = ["html", "pdf", "md", "json"] as const satisfies readonly (PlainFormat | "pdf")[];
export type ReportFormat = (typeof reportFormats)[number];

export interface MadeReport {
  readonly report: Report;
  /** By file name. */
  readonly files: ReadonlyMap<string, string | Buffer>;
}

/** A report in some forms, all of one source: the same facts give the same bytes. */
export async function makeReport(facts: ReportFacts, formats: readonly ReportFormat[]): Promise<MadeReport> {
  const made = written(facts, await chartsOf(facts));
  const files = new Map<string, string | Buffer>();
  for (const format of formats)
    files.set(`report.${format}`, format === "pdf" ? await reportPdf(made.document) : plainForm(made, format));
  return { report: made.report, files };
}
