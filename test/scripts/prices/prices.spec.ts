import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../../contract/environments";
import { Prices, priceTable, type PriceTable } from "../../../pricing/table";
import { offerUrl, parseOffer, priceOf } from "../../../scripts/prices/offer";
import { renew, tableText } from "../../../scripts/prices/renew";
import { wanted } from "../../../scripts/prices/wanted";
import { settingsOf } from "../../support/scope";

const region = "eu-central-1";
const offer = parseOffer(readFileSync(join(__dirname, "sagemaker-eu-central-1.json"), "utf8"));
const hosting = "sagemaker.hosting.ml.g6.xlarge";
const tiers = (...prices: readonly (readonly [from: string, usd: string])[]) =>
  parseOffer(
    JSON.stringify({
      publicationDate: "2026-01-01",
      products: { S: { sku: "S", attributes: { usagetype: "EUC1-PS-Advanced-Param-Tier1" } } },
      terms: {
        OnDemand: {
          S: {
            "S.T": {
              priceDimensions: Object.fromEntries(
                prices.map(([beginRange, USD], index) => [
                  `d${index}`,
                  { unit: "x", beginRange, pricePerUnit: { USD } },
                ]),
              ),
            },
          },
        },
      },
    }),
  );

describe("the price table", () => {
  it("has a source with a date and an address for every price, and no source that nobody uses", () => {
    const used = new Set(
      Object.values(priceTable.regions).flatMap((prices) => Object.values(prices).map(({ source }) => source)),
    );
    assert.deepEqual([...used].sort(), Object.keys(priceTable.sources).sort());
    for (const { url, read, note } of Object.values(priceTable.sources))
      assert(/^https:\/\//.test(url) && /^\d{4}/.test(read) && note.length > 0);
  });

  it("has no price that is none", () => {
    for (const prices of Object.values(priceTable.regions))
      for (const [key, { usd }] of Object.entries(prices)) assert(usd > 0 && usd < 100, key);
  });

  for (const stack of environments)
    it(`prices every instance type that ${stack} is set to, for what it is used`, () => {
      const { serving, training } = settingsOf(stack);
      const prices = new Prices(priceTable, region);
      for (const key of [
        `hosting.${serving.instanceType}`,
        `training.${training.instanceType}`,
        `processing.${training.instanceType}`,
        `processing.${training.processingInstanceType}`,
      ])
        assert(prices.usd(`sagemaker.${key}`) > 0);
    });

  it("works prices out by a rule that hits the one that AWS lists", () => {
    // us-east-1, EC2 in Frankfurt over EC2 in Virginia (2025-11-04): 1.408 x 1.258 / 1.006.
    assert(
      Math.abs((1.408 * 1.258) / 1.006 - new Prices(priceTable, region).usd("sagemaker.training.ml.g5.xlarge")) < 0.001,
    );
  });

  it("is written as it is read", () => {
    assert.equal(readFileSync(join(__dirname, "../../../pricing/prices.json"), "utf8"), tableText(priceTable));
  });
});

describe("renewing prices from AWS's list", () => {
  it("finds a product by its usage type, whatever the region in front of it, and takes no other component", () => {
    assert.deepEqual(priceOf(offer, "Train:ml.g5.xlarge", region), { usd: 1.76, sku: "VXE3WDJXX6P8ECXB" });
    assert.equal(priceOf(offer, "Host:ml.g6.xlarge", region)!.usd, 1.409);
    assert.equal(priceOf(offer, "Host:ml.g6.xlarge", "us-east-1"), undefined);
    assert.equal(priceOf(offer, "Host:ml.g5.xlarge", region), undefined);
  });

  it("takes the first tier that costs something", () => {
    assert.equal(
      priceOf(tiers(["10000", "0.03"], ["0", "0"], ["1000", "0.05"]), "PS-Advanced-Param-Tier1", region)!.usd,
      0.05,
    );
    assert.equal(priceOf(tiers(["0", "0"]), "PS-Advanced-Param-Tier1", region), undefined);
  });

  it("changes what AWS changed, adds what was asked for, and keeps what the list does not have, each with its source", () => {
    const keys = [
      hosting,
      "sagemaker.training.ml.g5.xlarge",
      "sagemaker.hosting.ml.g6e.xlarge",
      "sagemaker.hosting.ml.g5.xlarge",
      "kms.key",
      "sagemaker.mlflow.Small",
    ];
    const { table, changed, kept } = renew(
      priceTable,
      region,
      keys,
      new Map([["AmazonSageMaker", offer]]),
      "2026-12-01",
    );
    assert.deepEqual(changed, [`${hosting}: 1.4089 -> 1.409`, "sagemaker.hosting.ml.g6e.xlarge: none -> 2.9"]);
    assert.deepEqual(kept, ["sagemaker.hosting.ml.g5.xlarge", "kms.key", "sagemaker.mlflow.Small"]);
    assert.deepEqual(table.regions[region]![hosting], {
      usd: 1.409,
      per: "hour",
      source: `list-AmazonSageMaker-${region}`,
    });
    assert.deepEqual(table.sources[`list-AmazonSageMaker-${region}`], {
      url: offerUrl("AmazonSageMaker", region),
      read: "2026-12-01",
      note: "AWS's price list, published 2026-09-20T02:56:06Z",
    });
    assert.equal(table.updated, "2026-12-01");
    assert.deepEqual(table.regions[region]!["kms.key"], priceTable.regions[region]!["kms.key"]);
    assert.deepEqual(table.regions["us-east-1"], priceTable.regions["us-east-1"]);
    assert.deepEqual((JSON.parse(tableText(table)) as PriceTable).regions, table.regions);
  });

  it("leaves the date alone when nothing changed", () => {
    assert.equal(renew(priceTable, region, ["kms.key"], new Map(), "2030-01-01").table.updated, priceTable.updated);
  });

  it("knows where all but a few prices stand", () => {
    const byHand = Object.keys(priceTable.regions[region]!).filter((key) => !wanted(key));
    assert.deepEqual(byHand, [
      "budgets.action",
      "cost-explorer.request",
      "events.archive-storage",
      "events.archived",
      "sagemaker.endpoint-data",
      "sagemaker.mlflow.Small",
      "sagemaker.serverless-provisioned",
      "sagemaker.volume",
      "scheduler.invocation",
    ]);
  });

  it("refuses what is not a price list", () => {
    assert.throws(() => parseOffer('{"products": {}}'));
  });
});
