import assert from "node:assert/strict";
import { qualityBelowObjective } from "../../../../insight/report/rules/quality-below-objective";
import { found, inProd, readAs, reportFacts, withMetric } from "../facts";

describe("rule quality-below-objective", () => {
  it("recommends a retraining where measured quality is below its objective, worth what is at stake in a month", () => {
    const [one] = found(qualityBelowObjective, reportFacts(inProd((env) => withMetric(env, { map50: [0.3, 0.2] }))));
    assert.equal(one!.why, "mAP50 on labelled answers is 0.200, wanted is at least 0.25.");
    assert.equal(one!.confidence, "measured");
    assert.ok("usd" in one!.value && one!.value.usd > 0 && one!.value.range[1] >= one!.value.usd);
    assert.equal(one!.cost, "not known yet");
  });

  it("says what a training costs where a decision about one has said it", () => {
    const decision = { verdict: "wait", decidedAt: "2026-11-29T00:00:00Z", facts: { money: { expectedUsd: 12.5 } } };
    const facts = reportFacts(
      inProd((env) => ({ ...withMetric(env, { map50: [0.2] }), retraining: readAs([decision as never]) })),
    );
    assert.equal(found(qualityBelowObjective, facts)[0]!.cost, "about $12.50 for one training");
  });

  it("takes the estimate while nobody has measured, and calls it one", () => {
    const facts = reportFacts(inProd((env) => withMetric(env, { map50: [], f1: [], estimatedMap50: [0.1] })));
    assert.equal(found(qualityBelowObjective, facts)[0]!.confidence, "estimated");
  });

  it("is silent where quality meets its objective", () => {
    assert.deepEqual(found(qualityBelowObjective, reportFacts()), []);
  });
});
