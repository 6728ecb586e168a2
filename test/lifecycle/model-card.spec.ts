import assert from "node:assert/strict";
import type { CardStatements } from "../../contract/package-card";
import type { Evaluation } from "../../lifecycle/comparison";
import { cardCheck, type CardFacts, cardPolicy } from "../../lifecycle/model-card";
import { cardFacts } from "./cards";

const evaluation: Evaluation = {
  archiveSha256: "ab",
  datasetDigest: "d",
  map50: 0.4123,
  map: 0.2,
  slices: {},
  latencyMs: { p50: 9, p99: 20.5 },
  modelBytes: 9_000_000,
};
const facts = cardFacts(evaluation);
const demanded = { demanded: true, intendedUses: {} };
const details = { modelSha256: "ab", datasetDigest: "d", evaluation: "s3://b/evaluation.json", licence: "AGPL-3.0" };
const scores = { map50: "0.4123", map: "0.2", latencyP99Ms: "20.5", modelBytes: "9000000" };

describe("the model card in a package", () => {
  it("is one that agrees with the package, rounding aside", () => {
    assert.ok(cardCheck(facts, "ab", evaluation, demanded).ok);
    assert.ok(
      cardCheck(cardFacts(evaluation, { scores: { ...scores, map50: "0.412" } }), "ab", evaluation, demanded).ok,
    );
  });

  it("may be missing where nobody demands one, and nowhere else", () => {
    const without: CardFacts = { ...facts, card: undefined };
    assert.ok(cardCheck(without, "ab", evaluation, { ...demanded, demanded: false }).ok);
    const { ok, text } = cardCheck(without, "ab", evaluation, demanded);
    assert.deepEqual([ok, text], [false, "the package has no model card"]);
  });

  const wrong: [string, Partial<CardStatements<string>>, RegExp][] = [
    ["of another archive", { artifact: "s3://b/other.tar.gz" }, /its archive is s3:\/\/b\/other/],
    ["of other bytes", { details: { ...details, modelSha256: "cd" } }, /its archive's SHA-256 is cd, and not ab/],
    ["of another image", { image: "image:2" }, /its image is image:2, and not image:1/],
    ["of other training data", { dataset: "s3://else/" }, /its training data is s3:\/\/else\//],
    ["of another data set there", { details: { ...details, datasetDigest: "e" } }, /its data set is e, and not d/],
    ["of another evaluation", { details: { ...details, evaluation: "s3://b/e" } }, /its evaluation is s3:\/\/b\/e/],
    ["that flatters the model", { scores: { ...scores, map50: "0.9" } }, /its mAP50 is 0.9, and not 0.4123/],
    ["that has no number", { scores: { ...scores, map: "good" } }, /its mAP is NaN, and not 0.2/],
    ["that hides how slow it is", { scores: { ...scores, latencyP99Ms: "5" } }, /its latency p99 ms is 5/],
  ];
  for (const [what, change, reason] of wrong)
    it(`is refused ${what}, also where nobody demands one`, () => {
      for (const policy of [demanded, { ...demanded, demanded: false }]) {
        const { ok, text } = cardCheck(cardFacts(evaluation, change), "ab", evaluation, policy);
        assert.equal(ok, false);
        assert.match(text, reason);
      }
    });

  it("is refused where it cannot be read", () => {
    const unread: CardFacts = { ...facts, card: { unknown: "model_overview: missing" } };
    assert.match(cardCheck(unread, "ab", evaluation, demanded).text, /cannot be read: model_overview: missing/);
  });

  it("states the use that each environment's owner intends", () => {
    const policy = { demanded: true, intendedUses: { prod: "finds boats" } };
    assert.match(cardCheck(facts, "ab", evaluation, policy).text, /its intended use \(for prod\) is not there/);
    assert.ok(cardCheck(cardFacts(evaluation, { intendedUse: "finds boats" }), "ab", evaluation, policy).ok);
  });
});

describe("what environments want of a card", () => {
  it("is what one of them demands, and anything but a plain no is a demand", () => {
    assert.equal(cardPolicy({ staging: { demandModelCard: "false" } }).demanded, false);
    assert.equal(cardPolicy({ staging: { demandModelCard: "false" }, prod: { demandModelCard: true } }).demanded, true);
    assert.equal(cardPolicy({ prod: { demandModelCard: "no" } }).demanded, true);
    assert.equal(cardPolicy({ prod: {} }).demanded, true);
  });

  it("names the intended uses that somebody has said", () => {
    const settings = { staging: { intendedUse: "" }, prod: { intendedUse: "finds boats" } };
    assert.deepEqual(cardPolicy(settings).intendedUses, { prod: "finds boats" });
  });
});
