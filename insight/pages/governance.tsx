import { environments } from "../../contract/environments";
import type { MatrixRow, PlatformFacts } from "../read-model/facts";
import type { Cell, DataTable } from "./data-table";
import { type Page, Sources } from "./page";
import { cited, Command } from "./parts";

const proof = {
  what: "automation/roles/matrix/expected.ts; each cell is asked as a real request of its role",
  command: `npx peregrine roles verify --stacks ${environments.join(",")}`,
};

/** Who may do what where, as it is written by hand and asked of the account cell by cell. */
export function governancePage({ matrix: { columns, rows } }: PlatformFacts): Page {
  const sources = new Sources();
  const sections = [...new Set(rows.map(({ section }) => section))];
  const names = Object.keys(columns);
  const table: DataTable = {
    id: "roles",
    title: "Matrix of roles",
    columns: [
      { key: "section", label: "Section" },
      { key: "action", label: "Action" },
      { key: "what", label: "What" },
      ...names.map((name) => ({ key: columns[name]!, label: name })),
    ],
    rows: rows.map(({ section, action, what, cells }): Cell[] => [
      section,
      action,
      what,
      ...names.map((name) => environmentsOf(cells[name])),
    ]),
  };
  const body = (
    <>
      <h1>Who may do what</h1>
      <p class="lead">
        Written by hand and computed from no policy, so that a policy that says too much differs from it. A cell names
        the environments whose role is allowed, on things of its own environment; an empty one is denied.
        {cited(sources, [proof])}
      </p>
      <h2>Ask the account</h2>
      <Command command={proof.command} />
      <h2>Search for chains of allowed steps that reach what is forbidden</h2>
      <Command command="npx peregrine roles paths" />
      <div class="tools">
        <h2 id="roles-title">Matrix of roles</h2>
        <div class="links">
          <input
            type="search"
            name="roles"
            data-filters="roles"
            placeholder="Filter"
            aria-label="Filter the matrix of roles"
            hidden
          />
          <a href="data/governance.roles.csv" aria-label="Matrix of roles as CSV">
            CSV
          </a>
          <a href="data/governance.roles.json" aria-label="Matrix of roles as JSON">
            JSON
          </a>
        </div>
      </div>
      <div class="table" tabindex={0} role="region" aria-labelledby="roles-title">
        <table id="roles" class="matrix">
          <caption>{names.map((name) => `${name}: ${columns[name]!}`).join(" · ")}</caption>
          <thead>
            <tr>
              <th scope="col">Action</th>
              {names.map((name) => (
                <th scope="col">
                  <abbr title={columns[name]!}>{name}</abbr>
                </th>
              ))}
            </tr>
          </thead>
          {sections.map((section) => (
            <tbody>
              <tr class="group">
                <th scope="rowgroup" colspan={names.length + 1}>
                  {section}
                </th>
              </tr>
              {rows
                .filter((row) => row.section === section)
                .map((row) => (
                  <RoleRow row={row} names={names} />
                ))}
            </tbody>
          ))}
        </table>
      </div>
    </>
  );
  return { name: "governance", title: "Governance", body, tables: [table], sources };
}

function RoleRow({ row: { action, what, cells }, names }: { row: MatrixRow; names: readonly string[] }) {
  return (
    <tr>
      <th scope="row">
        {action} <span class="soft">{what}</span>
      </th>
      {names.map((name) => {
        const allowed = environmentsOf(cells[name]);
        return allowed === null ? <td class="none">–</td> : <td>{allowed}</td>;
      })}
    </tr>
  );
}

/** Full names of the environments of a cell; null where nobody may. */
function environmentsOf(cell: string | undefined): string | null {
  const found = environments.filter((name) => cell?.includes(name[0]!));
  return found.length === 0 ? null : found.length === environments.length ? "all" : found.join(" ");
}
