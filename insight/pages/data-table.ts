import { csv } from "../csv";

/** What a cell holds, as machines read it; null is nothing. */
export type Cell = string | number | null;

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly kind?: "number" | "time" | "short" | "wide";
  /** In the files alone. */
  readonly hidden?: boolean;
}

/** A table with names and values: what a page shows is also there as CSV and JSON. */
export interface DataTable {
  /** Of the page, such as `versions`. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** JSON of a table: one object a row. */
export function tableJson({ columns, rows }: DataTable): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map(({ key }, at) => [key, row[at] ?? null])));
  return `${JSON.stringify(objects, undefined, 1)}\n`;
}

/** CSV of a table (RFC 4180). */
export function tableCsv({ columns, rows }: DataTable): string {
  return csv([columns.map(({ key }) => key), ...rows].map((row) => row.map(safe)));
}

/**
 * A spreadsheet takes text that begins so for a formula (OWASP, "CSV Injection"): an apostrophe makes it text. Numbers
 * are ours.
 */
function safe(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}
