import { csv } from "./csv";
import {
  byGroup,
  type Bill,
  type BillRequests,
  isEstimated,
  type Share,
  sharesBy,
  total,
} from "../pricing/actual/bill";
import { focusColumns, focusRows } from "../pricing/actual/focus";
import type { ResourceGroup } from "../pricing/actual/groups";

/** How a bill is told apart: by the tag `environment`, by service, by usage type, by what it is spent on, by day. */
export const billViews = {
  tag: (line) => line.environment,
  service: (line) => line.service,
  usage: (line) => line.usageType,
  phase: (line) => line.group,
  day: (line) => line.day,
} as const satisfies Readonly<Record<string, (line: Bill["lines"][number]) => string>>;
export type BillView = keyof typeof billViews;

/** A bill as one JSON document; amounts in US dollars, rounded to hundredths of a cent here and nowhere before. */
export interface BillJson {
  readonly project: string;
  readonly from: string;
  /** Not part of it. */
  readonly to: string;
  readonly currency: "USD";
  readonly usd: number;
  /** The bill may still change. */
  readonly estimated: boolean;
  readonly environments: readonly Share[];
  readonly services: readonly Share[];
  readonly groups: Readonly<Partial<Record<ResourceGroup, number>>>;
  readonly days: readonly Share[];
  readonly lines: Bill["lines"];
  /** The share of the account's costs that carries the project's tag; null where nothing was paid. */
  readonly tagged: { readonly accountUsd: number; readonly taggedUsd: number; readonly share: number | null };
  readonly inactiveTags: readonly string[];
  readonly requests: BillRequests;
}

export function billJson(bill: Bill, requests: BillRequests): BillJson {
  const { project, from, to, currency, lines, account, inactiveTags } = bill;
  const shares = (view: BillView) =>
    sharesBy(lines, billViews[view]).map(({ name, usd }) => ({ name, usd: fine(usd) }));
  return {
    ...{ project, from, to, currency, usd: fine(total(lines)), estimated: isEstimated(bill) },
    ...{ environments: shares("tag"), services: shares("service") },
    groups: Object.fromEntries(
      [...byGroup(lines)].filter(([, usd]) => usd > 0).map(([name, usd]) => [name, fine(usd)]),
    ),
    days: shares("day").sort((one, other) => (one.name < other.name ? -1 : 1)),
    lines,
    tagged: {
      accountUsd: fine(account.usd),
      taggedUsd: fine(account.taggedUsd),
      share: account.usd > 0 ? account.taggedUsd / account.usd : null,
    },
    inactiveTags,
    requests: { ...requests, requestsUsd: fine(requests.requestsUsd) },
  };
}

/** The lines of a bill as CSV in FOCUS's columns. */
export function focusCsv(bill: Bill, accountId: string, region: string): string {
  const rows = focusRows(bill.lines, { accountId, region, project: bill.project });
  return csv([[...focusColumns], ...rows.map((row) => focusColumns.map((column) => row[column]))]);
}

/** A bill for people, told apart by one thing. */
export function billText(bill: Bill, requests: BillRequests, view: BillView): string {
  const { project, from, to, lines } = bill;
  const shares = sharesBy(lines, billViews[view]);
  if (view === "day") shares.sort((one, other) => (one.name < other.name ? -1 : 1));
  return [
    `${project} from ${from} until before ${to}: ${usd(total(lines))} USD${isEstimated(bill) ? ", estimated: the bill may still change" : ""}`,
    "",
    ...(shares.length > 0
      ? shares.map(({ name, usd: amount }) => `${usd(amount).padStart(14)}  ${name}`)
      : ["Nothing is on the bill that carries the project's tags."]),
    "",
    ...coverageLines(bill),
    requestsLine(requests),
    "",
  ].join("\n");
}

function coverageLines({ account, inactiveTags }: Bill): string[] {
  const other = account.usd - account.taggedUsd;
  return [
    ...(inactiveTags.length > 0
      ? [
          `These tags are not activated, so costs cannot be told apart by them: ${inactiveTags.join(", ")}. Activate them: npx peregrine cost tags --activate`,
        ]
      : []),
    account.usd > 0
      ? `The account paid ${usd(account.usd)} USD in that time, ${usd(account.taggedUsd)} of it with the project's tag; ${usd(other)} carries none of it.`
      : "The account paid nothing in that time, or nothing has come to the bill yet.",
  ];
}

export function requestsLine({ paidRequests, cachedAnswers, requestsUsd }: BillRequests): string {
  return `Asked Cost Explorer ${paidRequests} time${paidRequests === 1 ? "" : "s"} for ${usd(requestsUsd)} USD; ${cachedAnswers} answer${cachedAnswers === 1 ? " was" : "s were"} kept from before (--fresh asks again).`;
}

/** Hundredths of a cent: small things are seen, and sums stay what they are. */
const fine = (amount: number): number => Math.round(amount * 10_000) / 10_000;
const usd = (amount: number): string =>
  amount.toLocaleString("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: amount !== 0 && amount < 1 ? 4 : 2,
  });
