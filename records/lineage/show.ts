import { escapeHtml } from "../../contract/html";
import { htmlPage } from "../page";
import type { LineageGraph } from "./graph";
import type { LineageAnswer } from "./questions";

type Told = Pick<LineageGraph, "problems" | "gaps">;

/** An answer for a terminal. */
export function answerText({ question, about, parts }: LineageAnswer, { problems, gaps }: Told): string {
  const lines = [`${question} ${about.join(", ")}`];
  for (const { heading, lines: said } of parts) {
    lines.push("", heading);
    for (const { text, evidence } of said) {
      lines.push(`  ${text}`);
      if (evidence.length > 0) lines.push(`      read in ${evidence.join("; ")}`);
    }
  }
  if (problems.length > 0) lines.push("", "Not as it should be", ...problems.map((one) => `  ${one}`));
  if (gaps.length > 0)
    lines.push("", "What could not be read, so that something may be missing", ...gaps.map((one) => `  ${one}`));
  return `${lines.map(printable).join("\n")}\n`;
}

/** An answer as a page. */
export function answerPage(answer: LineageAnswer, { problems, gaps }: Told): string {
  const { question, about, parts, walked } = answer;
  const list = (items: readonly string[]) => `<ul>${items.map((one) => `<li>${escapeHtml(one)}</li>`).join("")}</ul>`;
  const section = (heading: string, body: string) => `<section><h2>${escapeHtml(heading)}</h2>${body}</section>`;
  const said = parts.map(({ heading, lines }) =>
    section(
      heading,
      `<ul>${lines
        .map(
          ({ text, evidence }) =>
            `<li>${escapeHtml(text)}${evidence.length > 0 ? `<br><span class="evidence">read in ${escapeHtml(evidence.join("; "))}</span>` : ""}</li>`,
        )
        .join("")}</ul>`,
    ),
  );
  const edges = walked.edges
    .slice(0, 2000)
    .map(
      ({ from, to, how, evidence }) =>
        `<tr><td>${escapeHtml(from)}</td><td>${escapeHtml(how)}</td><td>${escapeHtml(to)}</td><td class="evidence">${escapeHtml(evidence)}</td></tr>`,
    );
  return htmlPage(
    question,
    [
      `<h1>${escapeHtml(question)}</h1><p>${escapeHtml(about.join(", "))}</p>`,
      ...(problems.length > 0 ? [section("Not as it should be", list(problems))] : []),
      ...said,
      ...(gaps.length > 0 ? [section("What could not be read, so that something may be missing", list(gaps))] : []),
      section(
        `The ties, ${edges.length} of ${walked.edges.length}`,
        `<table><thead><tr><th>from</th><th>how</th><th>to</th><th>evidence</th></tr></thead><tbody>${edges.join("")}</tbody></table>`,
      ),
    ].join("\n"),
  );
}

/** Names come from outside: what would steer a terminal is shown as a question mark. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
