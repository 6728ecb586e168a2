import type { Price, PriceTable, Source } from "../../pricing/table";
import { type Offer, offerUrl, priceOf } from "./offer";
import { wanted } from "./wanted";

export interface Renewal {
  readonly table: PriceTable;
  /** Prices that changed, as `key: old -> new`. */
  readonly changed: readonly string[];
  /** Keys that AWS's list did not answer: they stay as they were. */
  readonly kept: readonly string[];
}

/**
 * A region's prices anew.
 * @param offers the region's files by service.
 * @param keys what is wanted, those of the table and new ones. Prices that the files do not have stay, with the source
 * that they had; a new key that they do not have is in `kept` and not in the table.
 */
export function renew(
  table: PriceTable,
  region: string,
  keys: readonly string[],
  offers: ReadonlyMap<string, Offer>,
  today: string,
): Renewal {
  const prices: Record<string, Price> = { ...table.regions[region] };
  const sources: Record<string, Source> = { ...table.sources };
  const changed: string[] = [];
  const kept: string[] = [];
  for (const key of keys) {
    const place = wanted(key);
    const offer = place && offers.get(place.service);
    const found = place && offer && priceOf(offer, place.usageType, region);
    if (!found) {
      kept.push(key);
      continue;
    }
    const old = prices[key];
    const source = `list-${place.service}-${region}`;
    sources[source] = {
      url: offerUrl(place.service, region),
      read: today,
      note: `AWS's price list, published ${offer.publicationDate}`,
    };
    // A dashboard is listed by the hour, like everything that stands for a month elsewhere in the file.
    const usd = key === "cloudwatch.dashboard" && found.usd < 1 ? found.usd * 730 : found.usd;
    if (old?.usd !== usd) changed.push(`${key}: ${old?.usd ?? "none"} -> ${usd}`);
    prices[key] = { usd, per: old?.per ?? "hour", source };
  }
  const regions = { ...table.regions, [region]: sorted(prices) };
  const used = new Set(Object.values(regions).flatMap((one) => Object.values(one).map(({ source }) => source)));
  return {
    table: {
      ...table,
      updated: changed.length > 0 ? today : table.updated,
      sources: Object.fromEntries(Object.entries(sources).filter(([name]) => used.has(name))),
      regions,
    },
    changed,
    kept,
  };
}

/** The table as its file has it: one price a line, so that a change shows as one. */
export function tableText({ currency, updated, sources, regions }: PriceTable): string {
  const line = (value: unknown) =>
    `{ ${JSON.stringify(value)
      .slice(1, -1)
      .replace(/("(?:[^"\\]|\\.)*")|([:,])/g, (_all, text: string, mark: string) => text ?? `${mark} `)} }`;
  const plain = (text: string) =>
    text.replace(
      /: (\d+(?:\.\d+)?)e-(\d+)/g,
      (_all, digits: string, zeros: string) => `: ${Number(`${digits}e-${zeros}`).toFixed(12).replace(/0+$/, "")}`,
    );
  const block = (values: Readonly<Record<string, unknown>>, indent: string) =>
    Object.entries(values)
      .map(([key, value]) => `${indent}${JSON.stringify(key)}: ${plain(line(value))}`)
      .join(",\n");
  const regionBlocks = Object.entries(regions).map(
    ([region, prices]) => `    ${JSON.stringify(region)}: {\n${block(prices, "      ")}\n    }`,
  );
  return `{\n  "currency": ${JSON.stringify(currency)},\n  "updated": ${JSON.stringify(updated)},\n  "sources": {\n${block(sources, "    ")}\n  },\n  "regions": {\n${regionBlocks.join(",\n")}\n  }\n}\n`;
}

function sorted(prices: Readonly<Record<string, Price>>): Record<string, Price> {
  return Object.fromEntries(Object.entries(prices).sort(([a], [b]) => (a < b ? -1 : 1)));
}
