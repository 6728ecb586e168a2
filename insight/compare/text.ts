import { aligned, printable } from "../runs/show";
import type { Comparison } from "./comparison";
import type { FactRow, Subject } from "./facts";
import type { Estimate, QualityRow } from "./quality";

const maxWidth = 40;
/** More columns do not fit a terminal: then each run has a line. */
const maxColumns = 6;

/** A comparison for a terminal. */
export function comparisonText({ subjects, rows, alike, quality, compared }: Comparison): string {
  const parts = [
    subjects.map((subject, index) => `${letter(index)}  ${subjectText(subject)}`).join("\n"),
    rows.length > 0 ? factsText(subjects, rows) : "",
    alike > 0 ? `${alike} facts are the same in all (--all shows them)` : "",
  ];
  if (typeof quality === "string") parts.push(`No comparison by tile: ${quality}.`);
  else {
    const heads = compared.map(letter);
    const gains = heads.slice(1).map((one) => `${one}-${heads[0]!}`);
    const table = (title: string, found: readonly QualityRow[]) =>
      aligned([
        [title, "tiles", "boxes", ...heads, ...gains],
        ...found.map(({ name, tiles, boxes, values, gains: own }) => [
          name,
          String(tiles),
          String(boxes),
          ...values.map(estimateText),
          ...own.slice(1).map(gainText),
        ]),
      ]).join("\n");
    parts.push(
      `On the ${quality.tiles} tiles that all of them answered, with 95 % intervals by drawing tiles`,
      table("quality", quality.rows),
      table("AP50 by class", quality.perClass),
      table("mAP50 by slice", quality.slices),
      aligned([
        ["at its own threshold", "confidence", "right", "wrong", "missed", "precision", "recall", "F1"],
        ...quality.operating.map((one, index) => [
          heads[index]!,
          ...[one.confidence, one.right, one.wrong, one.missed].map(String),
          ...[one.precision, one.recall, one.f1].map((share) => share.toFixed(3)),
        ]),
      ]).join("\n"),
      `They disagree about ${quality.disagreements.length} tiles${
        quality.disagreements.length > 0
          ? `, most about ${printable(
              quality.disagreements
                .slice(0, 3)
                .map(({ tile }) => tile.file)
                .join(", "),
            )} (--html shows them)`
          : ""
      }.`,
    );
  }
  const costs = subjects.flatMap(({ cost }, index) => (cost ? [[letter(index), ...costCells(cost)]] : []));
  if (costs.length > 0)
    parts.push(aligned([["training", "instance", "billed", "USD, on demand"], ...costs]).join("\n"));
  const gaps = subjects.flatMap(({ gaps }, index) => gaps.map((gap) => `  ${letter(index)}: ${printable(gap)}`));
  if (gaps.length > 0) parts.push(["What could not be read", ...gaps].join("\n"));
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** A for the first, then B; after Z come AA and AB. */
export function letter(index: number): string {
  return (index >= 26 ? letter(Math.floor(index / 26) - 1) : "") + String.fromCharCode(65 + (index % 26));
}

/** What something is called, and what was asked for where that is another text. */
export function subjectText({ name, asked }: Subject): string {
  return printable(name === asked || asked === "" ? name : `${name} (${asked})`);
}

/** A value of a fact, as short as a person reads it. */
export function factText(value: number | string | undefined): string {
  if (value === undefined) return "";
  return typeof value === "number" ? (Number.isInteger(value) ? String(value) : value.toPrecision(4)) : value;
}

export function estimateText(estimate: Estimate | undefined): string {
  if (!estimate) return "";
  const { value, interval } = estimate;
  return `${value.toFixed(3)}${interval ? ` (${interval.map((end) => end.toFixed(3)).join(" to ")})` : ""}`;
}

/** A gain is clear where its whole interval lies on one side of nothing. */
export function gainText(gain: Estimate | undefined): string {
  if (!gain) return "";
  const signed = (value: number) => `${value < 0 ? "" : "+"}${value.toFixed(3)}`;
  const { value, interval } = gain;
  if (!interval) return signed(value);
  const [low, high] = interval;
  const verdict = low > 0 ? "better" : high < 0 ? "worse" : low === 0 && high === 0 ? "alike" : "undecided";
  return `${signed(value)} (${interval.map(signed).join(" to ")}) ${verdict}`;
}

/** Host, time and price of a training. */
export function costCells({ instanceType, instances, billableSeconds, usd }: NonNullable<Subject["cost"]>): string[] {
  return [
    instances === 1 ? instanceType : `${instances} x ${instanceType}`,
    `${billableSeconds} s`,
    usd === undefined ? "price unknown" : usd.toFixed(4),
  ];
}

function factsText(subjects: readonly Subject[], rows: readonly FactRow[]): string {
  const cut = (text: string) => (text.length > maxWidth ? `${text.slice(0, maxWidth - 1)}…` : text);
  const cell = (row: FactRow, index: number) => cut(factText(row.values[index])) + (row.best === index ? " *" : "");
  const heads = rows.map(({ kind, name }) => `${kind}.${name}`);
  const table =
    subjects.length <= maxColumns
      ? [
          ["", ...subjects.map((_, index) => letter(index))],
          ...rows.map((row, at) => [heads[at]!, ...subjects.map((_, index) => cell(row, index))]),
        ]
      : [["", ...heads], ...subjects.map((_, index) => [letter(index), ...rows.map((row) => cell(row, index))])];
  return `What differs (* is best)\n${aligned(table).join("\n")}`;
}
