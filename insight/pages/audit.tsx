import { type EnvironmentFacts, evidenceOf, type PlatformFacts, valueOf } from "../read-model/facts";
import type { Cell, DataTable } from "./data-table";
import { type Page, Sources } from "./page";
import { Badge } from "./badge";
import { cited, Command, Table } from "./parts";
import { Tabs } from "./tabs";

const nothing = { ok: true, problems: [], size: 0, entries: [] } as const;

/** What happened in an environment, entry by entry, and whether it still is what was written. */
export function auditPage(environment: EnvironmentFacts, facts: PlatformFacts): Page {
  const { name, log: read } = environment;
  const sources = new Sources();
  const { ok, problems, size, root, entries } = { root: undefined, ...valueOf(read, nothing) };
  const shown = entries.toReversed();
  const table: DataTable = {
    id: "entries",
    title: "Newest entries",
    columns: [
      { key: "index", label: "Entry", kind: "number" },
      { key: "at", label: "When", kind: "time" },
      { key: "kind", label: "Kind", kind: "short" },
      { key: "what", label: "What" },
      { key: "subject", label: "About" },
      { key: "by", label: "By" },
      { key: "id", label: "Id", hidden: true },
    ],
    rows: shown.map(({ index, entry: { at, kind, body, subject, by, id } }): Cell[] => [
      index,
      at,
      kind,
      whatOf(body),
      subject,
      by,
      id,
    ]),
  };
  const page = `audit-${name}`;
  const health = "unread" in read ? "unknown" : ok ? "good" : "bad";
  const body = (
    <>
      <h1>{"unread" in read ? "The log could not be read" : ok ? "The log holds" : "The log does not hold"}</h1>
      <p class="lead">
        A Merkle tree over {size} entries of {name}, with a signed root. It was verified whole while this page was read.
        {cited(sources, [
          evidenceOf(read),
          ...shown.slice(0, 1).map(({ index }) => ({
            what: "an entry with the proof that it is in the log, such as the newest",
            command: `npx peregrine audit prove ${index} --stack ${name} --entry entry-${index}.json --proof entry-${index}.proof`,
          })),
        ])}
      </p>
      <Tabs kind="audit" facts={facts} current={name} />
      <div class="card">
        <dl>
          <dt>State</dt>
          <dd>
            <Badge health={health} text={health === "good" ? "verified" : health === "bad" ? "broken" : "not read"} />
            {problems.map((problem) => ` ${problem}`).join(";")}
          </dd>
          <dt>Entries</dt>
          <dd>{size}</dd>
          <dt>Root</dt>
          <dd>
            <code>{root ?? "no checkpoint yet"}</code>
          </dd>
        </dl>
      </div>
      <h2>Verify it yourself, offline</h2>
      <Command command={`npx peregrine audit export log-${name} --stack ${name}`} />
      <Command command={`npx peregrine audit verify --folder log-${name}`} />
      <Table
        page={page}
        table={table}
        filter
        most={300}
        empty={{
          text: "The log has no entry yet: each release, and each call that changes something, adds one.",
          command: `npx peregrine audit verify --stack ${name}`,
        }}
        cells={{
          by: ([, , , , , by]) => String(by).split("/").slice(-2).join("/"),
        }}
      />
    </>
  );
  return { name: page, title: `Audit of ${name}`, body, tables: [table], sources };
}

/** The call, or the type of what happened, in a few words. */
function whatOf(body: Readonly<Record<string, unknown>>): string {
  const { type, event, error, outcome, schema } = body;
  const words = [event ?? type ?? schema, type === "call.denied" ? "denied" : undefined, error, outcome];
  return words.filter((word) => typeof word === "string").join(" · ");
}
