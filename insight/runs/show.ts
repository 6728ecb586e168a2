import { csv } from "../csv";
import { moments, type Value } from "./facts";
import { type RunColumn, type RunTable, shownValue } from "./table";

const maxWidth = 60;
/** Of an id as much as tells runs apart. */
const idLength = 8;

/** A table for a terminal. */
export function tableText({ columns, rows, found, of }: RunTable): string {
  const cells = rows.map(({ values }) =>
    values.map((value, index) => {
      const column = columns[index]!;
      const text = shownValue(column, value);
      if (column.kind === "run" && column.key === "id") return text.slice(0, idLength);
      return text.length > maxWidth ? `${text.slice(0, maxWidth - 1)}…` : text;
    }),
  );
  const lines = rows.length > 0 ? aligned([columns.map(({ heading }) => heading), ...cells]) : [];
  const count = `${found} of ${of} runs${rows.length < found ? `, of which ${rows.length} are shown (--limit)` : ""}`;
  return `${[...lines, count].join("\n")}\n`;
}

/** Rows in columns that are as wide as their widest cell; those of numbers end at the same place. */
export function aligned(table: readonly (readonly string[])[]): string[] {
  const rows = table.map((row) => row.map(printable));
  const widths = rows[0]!.map((_, index) => Math.max(...rows.map((row) => [...row[index]!].length)));
  const numeric = rows[0]!.map((_, index) =>
    rows.slice(1).every((row) => /^[-+]?[\d.]*(e[-+]\d+)?$/.test(row[index]!)),
  );
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const space = " ".repeat(widths[index]! - [...cell].length);
        return numeric[index] ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** The table by RFC 4180, with values as they are and moments by ISO 8601. */
export function tableCsv({ columns, rows }: RunTable): string {
  const heads = columns.map((column) => cell(column.kind === "run" ? column.key : `${column.kind}.${column.key}`));
  return csv([heads, ...rows.map(({ values }) => values.map((value, index) => cell(exact(columns[index]!, value))))]);
}

/** The table as data. Runs in full: programs choose for themselves. */
export function tableData({ rows, found, of }: RunTable): object {
  return { found, of, runs: rows.map(({ run }) => run) };
}

function exact({ kind, key }: RunColumn, value: Value | undefined): Value | undefined {
  return kind === "run" && moments.has(key) && value !== undefined ? new Date(Number(value)).toISOString() : value;
}

/** What a spreadsheet would take for a formula is a text to it. */
function cell(value: Value | undefined): string {
  if (typeof value !== "string") return value === undefined ? "" : String(value);
  return /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
}

/** Names and values come from outside: what would steer a terminal is shown as a question mark. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
