import { type EnvironmentFacts, evidenceOf, type PlatformFacts } from "../read-model/facts";
import { money } from "../money";
import { per1000, whole, trafficOf } from "../read-model/summary";
import { billTables, BillSection } from "./bill";
import type { Cell, DataTable } from "./data-table";
import { type Page, Sources } from "./page";
import { cited, Command, Table } from "./parts";

/** What the environments cost a month, where the money goes, and what stops it. */
export function costPage(facts: PlatformFacts): Page {
  const sources = new Sources();
  const { environments } = facts;
  const tables = [environmentsTable(facts), partsTable(environments), resourcesTable(environments)] as const;
  const paid = billTables(facts);
  const unpriced = environments.flatMap(({ name, price }) => ("unread" in price ? [{ name, why: price.unread }] : []));
  const sum = environments.reduce((usd, { price }) => usd + ("unread" in price ? 0 : price.value.monthlyUsd), 0);
  const body = (
    <>
      <h1>
        {unpriced.length > 0 ? "A part has no price, so there is no sum" : `$${money(sum)} a month for what is up now`}
      </h1>
      <p class="lead">
        Public on-demand prices of every resource in the stacks' states, before tax, discounts and free tiers. What is
        used is assumed as each line says; a bill may differ.
      </p>
      {unpriced.map(({ name, why }) => (
        <p>
          {name}: {why}
        </p>
      ))}
      <Table
        page="cost"
        table={tables[0]}
        empty={{
          text: "No environment is up, so nothing costs anything.",
          command: "npx peregrine cost plan --stack dev",
        }}
        cells={{
          environment: ([name], index) => (
            <>
              {name}
              {cited(sources, [evidenceOf(environments[index]!.price)])}
            </>
          ),
        }}
      />
      <BillSection facts={facts} sources={sources} tables={paid} />
      <Table
        page="cost"
        table={tables[1]}
        empty={{ text: "Nothing that is up has a price.", command: "npx peregrine cost plan --stack dev" }}
      />
      <Table
        page="cost"
        table={tables[2]}
        filter
        most={150}
        empty={{ text: "Nothing that is up has a price.", command: "npx peregrine cost plan --stack dev" }}
      />
      <h2>Stop paying</h2>
      <p class="lead">A teardown deletes an environment with everything in it, and proves that nothing is left.</p>
      {environments.map(({ name }) => (
        <Command command={`npx peregrine teardown --stack ${name}`} />
      ))}
    </>
  );
  return { name: "cost", title: "Cost", body, tables: [...tables, ...paid], sources };
}

function environmentsTable({ environments, window }: PlatformFacts): DataTable {
  return {
    id: "environments",
    title: "By environment",
    columns: [
      { key: "environment", label: "Environment", kind: "short" },
      { key: "monthly_usd", label: "$ a month", kind: "number" },
      { key: "at_most_usd", label: "At most", kind: "number" },
      { key: "images", label: "Images in the window", kind: "number" },
      { key: "usd_per_1000_images", label: "$ per 1,000 images", kind: "number" },
      { key: "note", label: "Note", kind: "wide" },
    ],
    rows: environments.map((one): Cell[] => {
      const { name, price } = one;
      const traffic = trafficOf(one);
      const each = per1000(one, window);
      return [
        name,
        "unread" in price ? null : cents(price.value.monthlyUsd),
        "unread" in price ? null : cents(price.value.atMostUsd),
        traffic ? traffic.requests : null,
        each === undefined ? null : Number(each.toFixed(4)),
        "unread" in price
          ? price.unread
          : each === undefined
            ? "no traffic to share it"
            : `its price over the window, shared by ${whole(traffic!.requests)} images`,
      ];
    }),
  };
}

/** What kinds of resources cost, by AWS service. */
function partsTable(environments: readonly EnvironmentFacts[]): DataTable {
  const sums = new Map<string, number>();
  for (const { price } of environments)
    if (!("unread" in price))
      for (const { type, monthlyUsd } of price.value.resources) {
        const service = type.split(":")[1]?.split("/")[0] ?? type;
        sums.set(service, (sums.get(service) ?? 0) + monthlyUsd);
      }
  const all = [...sums.values()].reduce((sum, usd) => sum + usd, 0);
  return {
    id: "services",
    title: "By service",
    columns: [
      { key: "service", label: "Service" },
      { key: "monthly_usd", label: "$ a month", kind: "number" },
      { key: "share_percent", label: "Share, %", kind: "number" },
    ],
    rows: [...sums]
      .filter(([, usd]) => usd >= 0.005)
      .sort(([, one], [, other]) => other - one)
      .map(([service, usd]): Cell[] => [service, cents(usd), Math.round((1000 * usd) / all) / 10]),
  };
}

function resourcesTable(environments: readonly EnvironmentFacts[]): DataTable {
  const priced = environments.flatMap(({ name, price }) =>
    "unread" in price ? [] : price.value.resources.map((resource) => ({ name, ...resource })),
  );
  return {
    id: "resources",
    title: "By resource",
    columns: [
      { key: "environment", label: "Environment", kind: "short" },
      { key: "resource", label: "Resource" },
      { key: "type", label: "Type" },
      { key: "monthly_usd", label: "$ a month", kind: "number" },
      { key: "assumption", label: "How it comes about", kind: "wide" },
      { key: "sources", label: "Prices from", hidden: true },
    ],
    rows: priced
      .filter(({ monthlyUsd }) => monthlyUsd >= 0.005)
      .sort((one, other) => other.monthlyUsd - one.monthlyUsd)
      .map(({ name, urn, type, monthlyUsd, assumption, sources }): Cell[] => [
        name,
        urn.split("::").at(-1)!,
        type,
        cents(monthlyUsd),
        assumption,
        sources.join(" "),
      ]),
  };
}

const cents = (usd: number): number => Math.round(100 * usd) / 100;
