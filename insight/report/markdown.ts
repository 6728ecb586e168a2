import { healthWords } from "../read-model/summary";
import type { Block, Cited, ReportDocument } from "./document";

/** A report as Markdown. Text from outside stays text: what would be markup is escaped. */
export function reportMarkdown(document: ReportDocument): string {
  const { title, subtitle, light, lightWord, sentence, sections, sources } = document;
  return [
    `# ${escaped(title)}`,
    escaped(subtitle),
    `**${light}: ${lightWord}.** ${escaped(sentence)}`,
    ...sections.flatMap(({ heading, blocks }) => [`## ${escaped(heading)}`, ...blocks.map(blockText)]),
    "## Where this is from",
    sources
      .map(({ what, command }, index) => `${index + 1}. ${escaped(what)}${command ? `: ${code(command)}` : ""}`)
      .join("\n"),
    "",
  ].join("\n\n");
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "text":
      return escaped(block.text);
    case "list":
      return block.items.map((item) => `- ${escaped(item)}`).join("\n");
    case "answers":
      return tableText(
        ["Question", "Answer"],
        block.answers.map(({ question, answer }) => [escaped(question), escaped(answer)]),
      );
    case "tiles":
      return tableText(
        ["", "Number", "", ""],
        block.tiles.map(({ title, value, lines, health }) => [
          escaped(title),
          citedText(value),
          healthWords[health],
          lines.map(escaped).join("; "),
        ]),
      );
    case "table":
      return tableText(
        block.columns.map(escaped),
        block.rows.map((row) => row.map(citedText)),
      );
    case "chart":
      return `*${escaped(block.title)}: the chart is in the page and in the PDF.*`;
  }
}

function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

function citedText({ text, sources }: Cited): string {
  return `${escaped(text)}${sources.length > 0 ? ` \\[${sources.join(", ")}\\]` : ""}`;
}

/** CommonMark's punctuation that means something inside of a line, line breaks, and HTML. */
function escaped(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]<>|#~]/g, "\\$&")
    .replace(/&/g, "&amp;");
}

/** Code holds no backtick longer than its fence. */
function code(text: string): string {
  const fence = "`".repeat(Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length)) + 1);
  const pad = fence.length > 1 ? " " : "";
  return `${fence}${pad}${text.replace(/\s+/g, " ")}${pad}${fence}`;
}
