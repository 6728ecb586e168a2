import { z } from "zod";

const dimension = z.object({
  unit: z.string(),
  beginRange: z.string().optional(),
  pricePerUnit: z.record(z.string(), z.string()),
});
const offerFile = z.object({
  publicationDate: z.string(),
  products: z.record(z.string(), z.object({ sku: z.string(), attributes: z.record(z.string(), z.string()) })),
  terms: z.object({
    OnDemand: z.record(
      z.string(),
      z.record(z.string(), z.object({ priceDimensions: z.record(z.string(), dimension) })),
    ),
  }),
});

/** A region's file of one service in AWS's price list (Price List Bulk API, "Reading the service price list file"). */
export type Offer = z.infer<typeof offerFile>;

/** Region names in front of usage types (Cost and Usage Report, "lineItem/UsageType"); us-east-1 often has none. */
const regionCodes: Readonly<Record<string, string>> = {
  "us-east-1": "USE1",
  "us-east-2": "USE2",
  "us-west-2": "USW2",
  "eu-west-1": "EU",
  "eu-central-1": "EUC1",
  "eu-west-2": "EUW2",
  "eu-north-1": "EUN1",
};

/** Where AWS keeps the list. Public, no account needed. */
export function offerUrl(service: string, region: string): string {
  return `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${service}/current/${region}/index.json`;
}

/** @throws Error when it is not such a file. */
export function parseOffer(text: string): Offer {
  return offerFile.parse(JSON.parse(text));
}

/**
 * The on-demand price of a usage type, in US dollars: of tiers the first that costs something. Undefined when the file
 * has none.
 */
export function priceOf(
  { products, terms }: Offer,
  usageType: string,
  region: string,
): { usd: number; sku: string } | undefined {
  const names = [usageType, `${regionCodes[region]}-${usageType}`, `${region}-${usageType}`];
  for (const { sku } of Object.values(products).filter(({ attributes }) =>
    names.includes(attributes["usagetype"] ?? ""),
  )) {
    const dimensions = Object.values(terms.OnDemand[sku] ?? {}).flatMap(({ priceDimensions }) =>
      Object.values(priceDimensions),
    );
    const paid = dimensions
      .map(({ beginRange, pricePerUnit }) => ({ from: Number(beginRange ?? 0), usd: Number(pricePerUnit["USD"]) }))
      .filter(({ usd }) => usd > 0)
      .sort((a, b) => a.from - b.from)[0];
    if (paid) return { usd: paid.usd, sku };
  }
  return undefined;
}
