import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import { sparkline } from "../charts/time-chart";
import type { Evidence } from "../read-model/facts";
import { day, healthWords, type Tile } from "../read-model/summary";
import { Badge } from "./badge";
import type { Cell, DataTable } from "./data-table";
import type { Sources } from "./page";
import { SourceNumbers } from "./source-list";

/** Numbers of the places that something is from. */
export function cited(sources: Sources, evidence: readonly Evidence[]): Child {
  const numbers = [...new Set(evidence.map((one) => sources.cite(one)))];
  return <SourceNumbers numbers={numbers} />;
}

export function TileCard({ tile, sources }: { tile: Tile; sources: Child }) {
  const spark = tile.series && sparkline(tile.series);
  return (
    <section class="card tile">
      <h2>
        <a href={tile.page}>{tile.title}</a>
        <Badge health={tile.health} text={healthWords[tile.health]} />
      </h2>
      <div class="value">
        {tile.value}
        {sources}
      </div>
      {tile.lines.map((line) => (
        <p>{line}</p>
      ))}
      {spark && raw(spark)}
    </section>
  );
}

/** A command as it is typed, with a button that copies it where scripts run. */
export function Command({ command, label }: { command: string; label?: string }) {
  return (
    <div class="command">
      <code>{command}</code>
      <CopyButton command={command} label={label ?? "Copy"} />
    </div>
  );
}

export function CopyButton({ command, label }: { command: string; label: string }) {
  return (
    <button type="button" data-copy={command} title={`Copies: ${command}`} hidden>
      {label}
    </button>
  );
}

/** Why there is nothing here, and what makes something. */
export function Empty({ text, command }: { text: string; command?: string }) {
  return (
    <div class="empty">
      <p>{text}</p>
      {command && <Command command={command} />}
    </div>
  );
}

export function Time({ at }: { at: string }) {
  return <time datetime={at}>{day(at)}</time>;
}

interface TableProps {
  readonly page: string;
  readonly table: DataTable;
  /** How cells of a column are shown, where not as they are. */
  readonly cells?: Readonly<Record<string, (row: readonly Cell[], index: number) => Child>>;
  /** Rows that are shown; all of them are in the files. */
  readonly most?: number;
  readonly empty: { readonly text: string; readonly command?: string };
  readonly filter?: boolean;
  readonly className?: string;
}

/** A table with its files, and a filter where it is long. */
export function Table({ page, table, cells = {}, most = 200, empty, filter = false, className }: TableProps) {
  const { id, title, columns, rows } = table;
  const shown = rows.slice(0, most);
  return (
    <section>
      <div class="tools">
        <h2 id={`${id}-title`}>{title}</h2>
        <div class="links">
          {filter && rows.length > 0 && (
            <input
              type="search"
              name={id}
              data-filters={id}
              placeholder="Filter"
              aria-label={`Filter ${title.toLowerCase()}`}
              hidden
            />
          )}
          {rows.length > 0 && (
            <>
              <a href={`data/${page}.${id}.csv`} aria-label={`${title} as CSV`}>
                CSV
              </a>
              <a href={`data/${page}.${id}.json`} aria-label={`${title} as JSON`}>
                JSON
              </a>
            </>
          )}
        </div>
      </div>
      {rows.length === 0 ? (
        <Empty {...empty} />
      ) : (
        <div class="table" tabindex={0} role="region" aria-labelledby={`${id}-title`}>
          <table id={id} class={className}>
            {rows.length > shown.length && (
              <caption>
                {shown.length} of {rows.length} rows; the files have all
              </caption>
            )}
            <thead>
              <tr>
                {columns
                  .filter(({ hidden }) => !hidden)
                  .map(({ label, kind }) => (
                    <th scope="col" class={kind}>
                      {label}
                    </th>
                  ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, index) => (
                <tr>
                  {columns.map(
                    ({ key, kind, hidden }, at) =>
                      !hidden && <td class={kind}>{cells[key]?.(row, index) ?? cellText(row[at] ?? null, kind)}</td>,
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Longer texts are folded after the words that fit in so many characters. */
const longText = 110;

function cellText(cell: Cell, kind: string | undefined): Child {
  if (cell === null) return "–";
  if (typeof cell === "string" && cell.length > 1.3 * longText) {
    const cut = cell.lastIndexOf(" ", longText);
    const at = cut > longText / 2 ? cut : longText;
    return (
      <details>
        <summary>{cell.slice(0, at)} …</summary>
        {cell.slice(at)}
      </details>
    );
  }
  // The page says that all times are UTC.
  if (kind === "time") return <time datetime={String(cell)}>{String(cell).slice(0, 16).replace("T", " ")}</time>;
  return typeof cell === "number" ? Number(cell.toFixed(4)).toLocaleString("en-US") : cell;
}
