import { type EnvironmentName, environments } from "../../../contract/environments";
import { type Column, columns, expected, type MatrixRole } from "./expected";

export interface Row {
  readonly section: string;
  readonly action: string;
  /** Which of several requests of the action; probes go by `action what`. */
  readonly what: string;
  readonly shared: boolean;
  readonly cells: Readonly<Record<Column, string>>;
}

/** One question with its answer: may the role of `from` do this to a thing of `to`? */
export interface Cell {
  readonly row: Row;
  readonly role: MatrixRole;
  readonly from: EnvironmentName;
  readonly to: EnvironmentName;
  readonly expected: "allowed" | "denied";
}

export const rows: readonly Row[] = parse(expected);

/** @param text a head with the names of columns, then sections with their rows. */
function parse(text: string): Row[] {
  const [head = "", ...lines] = text.replace(/^\n|\n$/g, "").split("\n");
  const names = head.replaceAll("|", " ").trim().split(/\s+/) as Column[];
  let section = "";
  return lines.flatMap((line) => {
    const [request = "", ...groups] = line.split("|");
    if (groups.length === 0) {
      section = request.trim();
      return [];
    }
    const [action = "", what = ""] = request.trim().split(/\s+/);
    const cells = groups.join(" ").trim().split(/\s+/);
    return [
      {
        section,
        action,
        what,
        shared: cells[names.length] === "*",
        cells: Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ""])) as Row["cells"],
      },
    ];
  });
}

/** Environments in which a role exists. */
export function homesOf(role: MatrixRole): readonly EnvironmentName[] {
  return role.endsWith("data-scientist") || role.startsWith("experiment-") ? ["dev"] : environments;
}

/** Every cell of some roles: each role of each environment against the things of each environment. */
export function cellsOf(roles: readonly MatrixRole[]): Cell[] {
  const wanted = (Object.entries(columns) as [Column, MatrixRole][]).filter(([, role]) => roles.includes(role));
  return rows.flatMap((row) =>
    wanted.flatMap(([column, role]) =>
      homesOf(role).flatMap((from) =>
        (row.shared ? [from] : environments).map((to): Cell => ({
          row,
          role,
          from,
          to,
          expected: row.cells[column].includes(from[0]!) && from === to ? "allowed" : "denied",
        })),
      ),
    ),
  );
}
