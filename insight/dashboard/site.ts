import { auditPage } from "../pages/audit";
import { businessPage } from "../pages/business";
import { costPage } from "../pages/cost";
import { tableCsv, tableJson } from "../pages/data-table";
import { governancePage } from "../pages/governance";
import { homePage } from "../pages/home";
import { incidentsPage } from "../pages/incidents";
import { type NavLink, pageHtml } from "../pages/layout";
import { modelPage } from "../pages/model";
import type { Page } from "../pages/page";
import { rolloutPage } from "../pages/rollout";
import type { PlatformFacts } from "../read-model/facts";

/** A file of the dashboard, served or exported. */
export interface SiteFile {
  readonly type: "text/html; charset=utf-8" | "text/csv; charset=utf-8" | "application/json";
  readonly body: string;
}

interface Entry {
  readonly link: Omit<NavLink, "page">;
  /** Left out of the navigation: reached from its neighbour. */
  readonly hidden?: boolean;
  make(): Page | Promise<Page>;
}

/**
 * The whole dashboard of some facts. A page is made when somebody asks for it; the same facts give the same bytes.
 */
export class Site {
  private readonly entries: ReadonlyMap<string, Entry>;
  private readonly made = new Map<string, Promise<Page>>();

  /** @param live whether the pages are served and ask for what is new. */
  constructor(
    private readonly facts: PlatformFacts,
    private readonly live: boolean,
  ) {
    this.entries = entriesOf(facts);
  }

  /** Paths of all pages. */
  get pages(): string[] {
    return [...this.entries.keys()].map((name) => `${name}.html`);
  }

  /** A page by its path, or a table by `data/<page>.<table>.csv` or `.json`; undefined where there is none. */
  async file(path: string): Promise<SiteFile | undefined> {
    const [, name, table, type] = /^data\/([\w-]+)\.([\w-]+)\.(csv|json)$/.exec(path) ?? [];
    if (name !== undefined) {
      const found = (await this.page(name))?.tables.find(({ id }) => id === table);
      if (!found) return undefined;
      return type === "csv"
        ? { type: "text/csv; charset=utf-8", body: tableCsv(found) }
        : { type: "application/json", body: tableJson(found) };
    }
    const page = await this.page(path.replace(/\.html$/, ""));
    if (!page) return undefined;
    const nav = [...this.entries]
      .filter(([, { hidden }]) => !hidden)
      .map(([page, { link }]): NavLink => ({ page, ...link }));
    return {
      type: "text/html; charset=utf-8",
      body: pageHtml({ page, nav, facts: this.facts, live: this.live }),
    };
  }

  /** All files, each with its path. */
  async *files(): AsyncGenerator<readonly [path: string, file: SiteFile]> {
    for (const path of this.pages) {
      yield [path, (await this.file(path))!];
      const { name, tables } = (await this.page(path.replace(/\.html$/, "")))!;
      for (const { id } of tables)
        for (const type of ["csv", "json"]) {
          const data = `data/${name}.${id}.${type}`;
          yield [data, (await this.file(data))!];
        }
    }
  }

  private page(name: string): Promise<Page> | undefined {
    const entry = this.entries.get(name);
    if (!entry) return undefined;
    const made = this.made.get(name) ?? Promise.resolve(entry.make());
    this.made.set(name, made);
    return made;
  }
}

function entriesOf(facts: PlatformFacts): Map<string, Entry> {
  const { environments } = facts;
  // The last environment that is up is the one that clients see.
  const main = environments.at(-1);
  const each = (
    kind: string,
    text: string,
    make: (environment: PlatformFacts["environments"][number]) => Page | Promise<Page>,
    group?: string,
  ): [string, Entry][] =>
    environments
      .toReversed()
      .map((one) => [
        `${kind}-${one.name}`,
        { link: { text, ...(group ? { group } : {}) }, hidden: one !== main, make: () => make(one) },
      ]);
  return new Map<string, Entry>([
    ["index", { link: { text: "Home" }, make: () => homePage(facts) }],
    ...each("model", "Model", (one) => modelPage(one, facts), "Models"),
    ...each("rollout", "Rollouts", (one) => rolloutPage(one, facts)),
    ...each("business", "Business", (one) => businessPage(one, facts)),
    ["cost", { link: { text: "Cost", group: "Platform" }, make: () => costPage(facts) }],
    ["incidents", { link: { text: "Incidents" }, make: () => incidentsPage(facts) }],
    ["governance", { link: { text: "Governance", group: "Proof" }, make: () => governancePage(facts) }],
    ...each("audit", "Audit", (one) => auditPage(one, facts)),
  ]);
}
