import assert from "node:assert/strict";
import { priceJson, priceText } from "../../insight/cost";
import { priceDifference } from "../../pricing/difference";
import { priceTable } from "../../pricing/table";
import { priceOf, resource } from "../pricing/recorded";

const before = priceOf([resource("aws:kms/key:Key"), resource("aws:sagemaker/space:Space", {}, "ada")]);
const after = priceOf([
  resource("aws:kms/key:Key"),
  resource("aws:ec2/natGateway:NatGateway"),
  resource("aws:iam/role:Role"),
]);
const shown = { environment: "prod", region: "eu-central-1", price: after, difference: priceDifference(before, after) };

describe("a price, shown", () => {
  it("as JSON: the sum, each resource with its assumption and sources, and the change, in cents", () => {
    const json = priceJson(shown, priceTable) as {
      monthlyUsd: number;
      resources: { type: string; monthlyUsd: number; assumption: string; sources: string[] }[];
      changes: object[];
      wasUsd: number;
      prices: { updated: string; sources: { url: string }[] };
    };
    assert.equal(json.monthlyUsd, 44.46);
    assert.deepEqual(
      json.resources.map(({ type, monthlyUsd }) => [type, monthlyUsd]),
      [
        ["aws:kms/key:Key", 1.3],
        ["aws:ec2/natGateway:NatGateway", 43.16],
        ["aws:iam/role:Role", 0],
      ],
    );
    assert.equal(json.resources[0]!.assumption, "1 key at 1 USD; 100,000 requests at 3 USD a million");
    assert.deepEqual(json.resources[0]!.sources, ["aws-map"]);
    assert.deepEqual([json.wasUsd, json.changes.length], [6.77, 2]);
    assert.deepEqual(
      [json.prices.updated, json.prices.sources.every(({ url }) => url.startsWith("https://"))],
      [priceTable.updated, true],
    );
  });

  it("as text: the dearest first, how each price comes about, what changes", () => {
    const text = priceText(shown, priceTable);
    assert.match(text, /^prod in eu-central-1: 44\.46 USD a month\n/);
    assert(text.indexOf("natGateway") < text.indexOf("kms/key"));
    assert.match(text, /730 hours at 0\.052 USD; 100 GB a month at 0\.052 USD/);
    assert.match(text, /and 1 resource for nothing/);
    assert.match(
      text,
      /The plan changes it by \+37\.69: was 6\.77, will be 44\.46\n +\+43\.16 {2}\+ one {2}was 0\.00, will be 43\.16\n +-5\.47 {2}- ada {2}was 5\.47, will be 0\.00/,
    );
  });

  it("says when a plan changes nothing, and when autoscaling can make it more", () => {
    assert.match(
      priceText({ ...shown, difference: priceDifference(after, after) }, priceTable),
      /The plan changes no price: 44\.46 as before\./,
    );
    assert.match(
      priceText({ ...shown, price: before, difference: undefined }, priceTable),
      /at the most 44\.47 by autoscaling and long jobs/,
    );
  });

  it("names prices that are worked out and not listed", () => {
    assert.match(priceText({ ...shown, price: before }, priceTable), /worked out from listed ones \(derived-volume\)/);
    assert.doesNotMatch(priceText(shown, priceTable), /worked out/);
  });
});
