import recorded from "./prices.json";

/** One price, with where it was found. */
export interface Price {
  readonly usd: number;
  /** What it is for: `hour`, `GB and month`, `request`. */
  readonly per: string;
  /** Key in `sources`. */
  readonly source: string;
}

/** Where prices come from. */
export interface Source {
  readonly url: string;
  /** When it was read: a day, a month or a year. */
  readonly read: string;
  /** Worked out from listed prices, as the note says, because AWS's own list was out of reach. */
  readonly derived?: boolean;
  readonly note: string;
}

/** Public on-demand prices, before tax, discounts and free tiers. */
export interface PriceTable {
  readonly currency: string;
  /** The day of the last change. */
  readonly updated: string;
  readonly sources: Readonly<Record<string, Source>>;
  /** Region, then price by its key, such as `sagemaker.hosting.ml.g5.xlarge`. */
  readonly regions: Readonly<Record<string, Readonly<Record<string, Price>>>>;
}

/** The table that is checked in; `npm run prices` renews it. */
export const priceTable: PriceTable = recorded;

/** A price that the table does not have. It is never taken as 0. */
export class MissingPrice extends Error {
  readonly cure: string;

  constructor(
    readonly key: string,
    readonly region: string,
    known: readonly string[],
  ) {
    super(`there is no price ${key} for ${region}`);
    const alike = known.filter((other) => other.split(".").slice(0, 2).join() === key.split(".").slice(0, 2).join());
    this.cure =
      `Add it to pricing/prices.json with its source, or by: npm run prices -- --region ${region} --key ${key}` +
      (alike.length > 0
        ? `; or use what has a price: ${alike.map((other) => other.split(".").slice(2).join(".")).join(", ")}`
        : "");
  }
}

/** The prices of one region. */
export class Prices {
  /** Sources of what was asked for. */
  readonly used = new Set<string>();

  constructor(
    private readonly table: PriceTable,
    readonly region: string,
  ) {}

  /** US dollars for one unit. @throws MissingPrice. */
  usd(key: string): number {
    const prices = this.table.regions[this.region] ?? {};
    const price = prices[key];
    if (!price) throw new MissingPrice(key, this.region, Object.keys(prices));
    this.used.add(price.source);
    return price.usd;
  }

  /** US dollars for one unit; undefined where the table has no price: unknown is never taken for 0. */
  known(key: string): number | undefined {
    try {
      return this.usd(key);
    } catch (error) {
      if (error instanceof MissingPrice) return undefined;
      throw error;
    }
  }
}
