import { Prices, type PriceTable } from "../../pricing/table";

/** A part of what an experiment costs at most: a price of the table, and how many units of it. */
export interface Cost {
  /** Key of pricing's table, such as `sagemaker.hosting.ml.g4dn.xlarge`. */
  readonly key: string;
  readonly units: number;
}

/** An experiment as far as its budget goes. */
export interface Priced {
  readonly name: string;
  /** The longest that it takes, minutes: everything that it waits for ends by then. */
  readonly minutes: number;
  readonly costs: readonly Cost[];
}

export interface PricedExperiment {
  readonly name: string;
  readonly minutes: number;
  /** At most, US dollars: as if it took all of its minutes. */
  readonly usd: number;
}

/** What experiments cost at most, cheapest first, then shortest. @throws MissingPrice. */
export function priced(experiments: readonly Priced[], table: PriceTable, region: string): PricedExperiment[] {
  const prices = new Prices(table, region);
  return experiments
    .map(({ name, minutes, costs }) => ({
      name,
      minutes,
      usd: costs.reduce((sum, { key, units }) => sum + prices.usd(key) * units, 0),
    }))
    .sort((a, b) => a.usd - b.usd || a.minutes - b.minutes);
}

export interface BudgetPlan {
  /** Names of what is run, in their order. */
  readonly run: readonly string[];
  /** What does not fit, with a sentence why. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
  /** What is run costs at most. */
  readonly usd: number;
}

/** Takes experiments, cheapest first, as long as all that are taken fit into the budget together, each at its most. */
export function planWithin(experiments: readonly PricedExperiment[], budgetUsd: number): BudgetPlan {
  const run: string[] = [];
  const skipped: { name: string; why: string }[] = [];
  let usd = 0;
  for (const one of experiments) {
    // Amounts in cents have no exact form in binary; a hundredth of a cent decides nothing.
    if (usd + one.usd <= budgetUsd + 0.0001) {
      run.push(one.name);
      usd += one.usd;
    } else
      skipped.push({
        name: one.name,
        why: `costs up to ${dollars(one.usd)}, and ${dollars(Math.max(0, budgetUsd - usd))} of the budget of ${dollars(budgetUsd)} are left`,
      });
  }
  return { run, skipped, usd };
}

/** `0.46 USD`; rounded up, since it is a limit. */
export function dollars(usd: number): string {
  return `${(Math.ceil(usd * 100 - 0.01) / 100).toFixed(2)} USD`;
}
