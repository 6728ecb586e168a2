import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { priceTable } from "../pricing/table";
import { type Offer, offerUrl, parseOffer } from "./prices/offer";
import { renew, tableText } from "./prices/renew";
import { wanted } from "./prices/wanted";
import { projectDir } from "../automation/project-dir";

interface Options {
  readonly region: string;
  readonly key: string[];
  readonly from?: string;
}

const options = new Command("npm run prices --")
  .description(
    "Renew pricing/prices.json from AWS's public price list. Needs the internet, no account. EC2's file, for NAT gateways, is some hundred megabytes.",
  )
  .option("--region <region>", "region to renew", "eu-central-1")
  .option(
    "--key <key>",
    "a price to add, such as sagemaker.hosting.ml.g6e.xlarge; repeatable",
    (key: string, earlier: string[]) => [...earlier, key],
    [],
  )
  .option("--from <folder>", "read files that were downloaded before, <service>.json, instead of the internet")
  .parse()
  .opts<Options>();

/** One file of the price list; undefined when a folder of files has not got it. */
async function offerOf(service: string): Promise<Offer | undefined> {
  if (options.from) {
    const file = join(options.from, `${service}.json`);
    return existsSync(file) ? parseOffer(readFileSync(file, "utf8")) : undefined;
  }
  const url = offerUrl(service, options.region);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status} ${answer.statusText}`);
  return parseOffer(await answer.text());
}

async function main(): Promise<void> {
  const known = Object.keys(priceTable.regions[options.region] ?? {});
  const keys = [
    ...new Set([...(known.length > 0 ? known : Object.keys(priceTable.regions["eu-central-1"]!)), ...options.key]),
  ];
  const services = [...new Set(keys.flatMap((key) => wanted(key)?.service ?? []))];
  const offers = new Map<string, Offer>();
  for (const service of services) {
    const offer = await offerOf(service);
    if (offer) offers.set(service, offer);
    console.log(offer ? `${service}: published ${offer.publicationDate}` : `${service}: no file`);
  }
  const { table, changed, kept } = renew(
    priceTable,
    options.region,
    keys,
    offers,
    new Date().toISOString().slice(0, 10),
  );
  writeFileSync(join(projectDir, "pricing", "prices.json"), tableText(table));
  for (const line of changed) console.log(line);
  if (kept.length > 0) console.log(`Not in the list, kept as they were: ${kept.join(", ")}`);
  console.log(
    `${changed.length} of ${keys.length} prices changed. Then: npm run docs, and the reference stacks in test/pricing/`,
  );
}

main().catch((error: unknown) => {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = 1;
});
