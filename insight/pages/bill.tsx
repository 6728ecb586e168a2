import { isEstimated, sharesBy, total } from "../../pricing/actual/bill";
import { planAgainstBill, billedHours } from "../../pricing/actual/compare";
import { evidenceOf, type PlatformFacts } from "../read-model/facts";
import { money } from "../money";
import type { Cell, DataTable } from "./data-table";
import type { Sources } from "./page";
import { cited, Command, Table } from "./parts";

/** What was paid, where it was read: by environment and group beside the plan, and by service. */
export function billTables({ bill, environments, readAt }: PlatformFacts): DataTable[] {
  if (!bill || "unread" in bill) return [];
  const { lines, to } = bill.value;
  const names = [...new Set(lines.map(({ environment }) => environment))];
  const compared = names.flatMap((name): Cell[][] => {
    const own = lines.filter(({ environment }) => environment === name);
    const price = environments.find((one) => one.name === name)?.price;
    if (!price || "unread" in price)
      return sharesBy(own, ({ group }) => group).map(({ name: group, usd }) => [name, group, null, fine(usd), null]);
    return planAgainstBill(name, price.value, own, billedHours(own, to, readAt)).groups.map(
      ({ group, plannedUsd, billedUsd, differenceUsd }) => [
        name,
        group,
        fine(plannedUsd),
        fine(billedUsd),
        fine(differenceUsd),
      ],
    );
  });
  return [
    {
      id: "paid",
      title: "Plan against bill",
      columns: [
        { key: "environment", label: "Environment", kind: "short" },
        { key: "spent_on", label: "Spent on" },
        { key: "planned_usd", label: "$ planned", kind: "number" },
        { key: "billed_usd", label: "$ billed", kind: "number" },
        { key: "difference_usd", label: "Difference", kind: "number" },
      ],
      rows: compared,
    },
    {
      id: "paid-services",
      title: "Billed by service",
      columns: [
        { key: "service", label: "Service" },
        { key: "billed_usd", label: "$ billed", kind: "number" },
      ],
      rows: sharesBy(lines, ({ service }) => service).map(({ name, usd }): Cell[] => [name, fine(usd)]),
    },
  ];
}

/** What was paid, or why that is not known. */
export function BillSection({
  facts,
  sources,
  tables,
}: {
  facts: PlatformFacts;
  sources: Sources;
  tables: readonly DataTable[];
}) {
  const { bill } = facts;
  if (!bill)
    return (
      <>
        <h2>What was paid</h2>
        <p class="lead">The bill is not read here unless somebody asks for it, since each question costs 0.01 USD.</p>
        <Command command="npx peregrine dashboard --billed" />
      </>
    );
  if ("unread" in bill)
    return (
      <>
        <h2>What was paid</h2>
        <p class="lead">It is not known: {bill.unread}</p>
        <Command command="npx peregrine cost tags" />
      </>
    );
  const { from, to, lines, account } = bill.value;
  return (
    <>
      <h2>What was paid</h2>
      <p class="lead">
        ${money(total(lines))} from {from} until before {to}, of what carries the project's tag
        {isEstimated(bill.value) ? "; the bill may still change" : ""}.{cited(sources, [evidenceOf(bill)])} The whole
        account paid ${money(account.usd)}, ${money(account.taggedUsd)} of it with the tag. The plan is the price of
        what is up now, for the hours of the bill.
      </p>
      {tables.map((table) => (
        <Table
          page="cost"
          table={table}
          empty={{ text: "Nothing with the project's tags is on the bill yet.", command: "npx peregrine cost tags" }}
        />
      ))}
    </>
  );
}

/** Hundredths of a cent. */
const fine = (usd: number): number => Math.round(usd * 10_000) / 10_000;
