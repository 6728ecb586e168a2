import { type DrawnChart, type ReportDocument, reportDocument } from "./document";
import type { ReportFacts } from "./facts";
import { reportHtml } from "./html";
import { reportJson } from "./json";
import { reportMarkdown } from "./markdown";
import { type Report, reportOf } from "./report";

/** Forms that need neither fonts nor charts, so that a function can make them: it is small, and starts quickly. */
export const plainFormats = ["html", "md", "json"] as const;
export type PlainFormat = (typeof plainFormats)[number];

/** A report, and what its forms are made of. */
export interface WrittenReport {
  readonly report: Report;
  readonly document: ReportDocument;
}

export function written(facts: ReportFacts, charts: readonly DrawnChart[]): WrittenReport {
  const report = reportOf(facts);
  return { report, document: reportDocument(report, charts) };
}

/** A form of a report, as it is kept. */
export function plainForm({ report, document }: WrittenReport, format: PlainFormat): string {
  switch (format) {
    case "html":
      return reportHtml(document);
    case "md":
      return reportMarkdown(document);
    case "json":
      return reportJson(report);
  }
}
