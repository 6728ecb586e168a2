import { canonicalJson } from "../../lifecycle/canonical";
import type { Report } from "./report";

/** A report for machines, and for the next report: members in canonical order, indented. */
export function reportJson(report: Report): string {
  const plain: unknown = JSON.parse(JSON.stringify(report));
  return `${JSON.stringify(JSON.parse(canonicalJson(plain)), undefined, 2)}\n`;
}
