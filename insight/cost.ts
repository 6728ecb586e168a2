import type { PriceChange, PriceDifference } from "../pricing/difference";
import type { StackPrice } from "../pricing/stack";
import type { PriceTable } from "../pricing/table";

/** What is shown of an environment's price. */
export interface ShownPrice {
  readonly environment: string;
  readonly region: string;
  readonly price: StackPrice;
  readonly difference?: PriceDifference;
}

/** A price as one JSON document: amounts in US dollars a month, rounded to cents here and nowhere before. */
export function priceJson(
  { environment, region, price, difference }: ShownPrice,
  table: PriceTable,
): Record<string, unknown> {
  return {
    environment,
    region,
    monthlyUsd: cents(price.monthlyUsd),
    atMostUsd: cents(price.atMostUsd),
    resources: price.resources.map(({ monthlyUsd, atMostUsd, ...rest }) => ({
      ...rest,
      monthlyUsd: cents(monthlyUsd),
      ...(atMostUsd > monthlyUsd ? { atMostUsd: cents(atMostUsd) } : {}),
    })),
    ...(difference
      ? {
          wasUsd: cents(difference.wasUsd),
          willBeUsd: cents(difference.willBeUsd),
          changes: difference.changes.map(({ wasUsd, willBeUsd, ...change }) => ({
            ...change,
            wasUsd: cents(wasUsd),
            willBeUsd: cents(willBeUsd),
          })),
        }
      : {}),
    prices: {
      currency: table.currency,
      updated: table.updated,
      sources: price.sources.map((source) => ({ source, ...table.sources[source] })),
    },
  };
}

/** A price for people: the sum, what is dear, what the change does, and on what it rests. */
export function priceText(shown: ShownPrice, table: PriceTable): string {
  const { environment, region, price, difference } = shown;
  const most =
    cents(price.atMostUsd) > cents(price.monthlyUsd)
      ? `, at the most ${usd(price.atMostUsd)} by autoscaling and long jobs`
      : "";
  const paid = price.resources
    .filter(({ monthlyUsd }) => monthlyUsd >= 0.005)
    .sort((a, b) => b.monthlyUsd - a.monthlyUsd);
  const lines = paid.flatMap(({ urn, type, monthlyUsd, assumption }) => [
    `${usd(monthlyUsd).padStart(12)}  ${name(urn)}  (${type})`,
    `${" ".repeat(14)}${assumption}`,
  ]);
  const rest = price.resources.length - paid.length;
  return [
    `${environment} in ${region}: ${usd(price.monthlyUsd)} ${table.currency} a month${most}`,
    "",
    ...lines,
    ...(rest > 0
      ? [`${" ".repeat(14)}and ${rest} resource${rest === 1 ? "" : "s"} for nothing, or for less than a cent`]
      : []),
    ...(difference ? ["", ...changeLines(difference)] : []),
    "",
    ...basis(price, table),
    "",
  ].join("\n");
}

function changeLines({ wasUsd, willBeUsd, changes }: PriceDifference): string[] {
  if (changes.length === 0) return [`The plan changes no price: ${usd(willBeUsd)} as before.`];
  const sorted = [...changes]
    .sort((a, b) => Math.abs(delta(b)) - Math.abs(delta(a)))
    .filter((change) => cents(change.wasUsd) !== cents(change.willBeUsd));
  const marks = { created: "+", changed: "~", deleted: "-" } as const;
  return [
    `The plan changes it by ${signed(willBeUsd - wasUsd)}: was ${usd(wasUsd)}, will be ${usd(willBeUsd)}`,
    ...sorted.map(
      (change) =>
        `${signed(delta(change)).padStart(12)}  ${marks[change.change]} ${name(change.urn)}  was ${usd(change.wasUsd)}, will be ${usd(change.willBeUsd)}`,
    ),
  ];
}

/** Where the prices are from; those that were worked out are named. */
function basis({ sources }: StackPrice, table: PriceTable): string[] {
  const derived = sources.filter((source) => table.sources[source]?.derived);
  return [
    `Public on-demand prices (table of ${table.updated}), before tax, discounts and free tiers; use is assumed as the lines say (docs/cost.md).`,
    ...(derived.length > 0
      ? [
          `Some prices are worked out from listed ones (${derived.join(", ")}); the JSON says of each resource where its prices are from.`,
        ]
      : []),
  ];
}

const delta = ({ wasUsd, willBeUsd }: PriceChange): number => willBeUsd - wasUsd;
const cents = (amount: number): number => Math.round(amount * 100) / 100;
const usd = (amount: number): string =>
  cents(amount).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed = (amount: number): string => `${amount < 0 ? "-" : "+"}${usd(Math.abs(amount))}`;
const name = (urn: string): string => urn.split("::").at(-1)!;
