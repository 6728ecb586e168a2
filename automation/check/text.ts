import type { Observation, PolicyFinding } from "../../lifecycle/policy-findings";
import type { CheckReport } from "./check";

/** A report for people: every violation with its cure, then the verdict. */
export function checkText(report: CheckReport): string {
  const { cured, environment, findings, remediations, undecided } = report;
  return [
    ...findings.flatMap((finding) => [...linesOf(finding), ""]),
    ...section("The plan mends what the state violates today:", cured),
    ...section("Rewritten on the way:", remediations),
    ...undecidedLines(undecided),
    `${environment}: ${summaryOf(report)}`,
    "",
  ].join("\n");
}

function linesOf({ level, message, remediation, resource, rule, severity, source, url }: PolicyFinding): string[] {
  const where = `${resource || "the stack"}${source === "state" ? ", as the state has it" : ""}`;
  return [
    `${level === "mandatory" ? "FAIL" : "warn"}  ${rule} (${severity}): ${where}`,
    ...[message, remediation, url].filter(Boolean).map((line) => `      ${line.replaceAll("\n", "\n      ")}`),
  ];
}

function section(title: string, items: readonly Observation[]): string[] {
  return items.length === 0
    ? []
    : [title, ...items.map(({ message, resource, rule }) => `  ${rule}: ${resource || "the stack"}: ${message}`), ""];
}

/** A first plan knows little: one line per rule is enough. */
function undecidedLines(undecided: readonly Observation[]): string[] {
  if (undecided.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { rule } of undecided) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [
    "Not known before the next update, and judged then (the state, where it has the resource, was judged now):",
    ...[...counts].map(([rule, count]) => `  ${rule}: ${count} resource${count === 1 ? "" : "s"}`),
    "",
  ];
}

/** The verdict in one line. */
export function summaryOf({ changes, findings, policyPack, verdict }: CheckReport): string {
  const mandatory = findings.filter(({ level }) => level === "mandatory").length;
  const planned = Object.entries(changes)
    .filter(([operation, count]) => operation !== "same" && count > 0)
    .map(([operation, count]) => `${count} ${operation}`);
  return `${verdict.toUpperCase()} under policy pack ${policyPack}: ${mandatory} mandatory violation${mandatory === 1 ? "" : "s"}, ${findings.length - mandatory} advisory; plan: ${planned.join(", ") || "no changes"}`;
}
