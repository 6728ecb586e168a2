import { chartsOf } from "./charts";
import { reportDocument } from "./document";
import type { ReportFacts } from "./facts";
import { reportHtml } from "./html";
import { reportJson } from "./json";
import { reportMarkdown } from "./markdown";
import { reportPdf } from "./pdf";
import { type Report, reportOf } from "./report";

/** Forms of a report, by the endings of their files. */
export const reportFormats = ["html", "pdf", "md", "json"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface MadeReport {
  readonly report: Report;
  /** By file name. */
  readonly files: ReadonlyMap<string, string | Buffer>;
}

/** A report in some forms, all of one source: the same facts give the same bytes. */
export async function makeReport(facts: ReportFacts, formats: readonly ReportFormat[]): Promise<MadeReport> {
  const report = reportOf(facts);
  const document = reportDocument(report, await chartsOf(facts));
  const makers: Readonly<Record<ReportFormat, () => string | Promise<Buffer>>> = {
    html: () => reportHtml(document),
    pdf: () => reportPdf(document),
    md: () => reportMarkdown(document),
    json: () => reportJson(report),
  };
  const files = new Map<string, string | Buffer>();
  for (const format of formats) files.set(`report.${format}`, await makers[format]());
  return { report, files };
}
