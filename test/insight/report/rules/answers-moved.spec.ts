import assert from "node:assert/strict";
import { answersMoved } from "../../../../insight/report/rules/answers-moved";
import { found, inProd, reportFacts, withMetric } from "../facts";

describe("rule answers-moved", () => {
  it("recommends to label answers that moved", () => {
    const [one] = found(answersMoved, reportFacts(inProd((env) => withMetric(env, { drift: [1.4] }))));
    assert.match(one!.why, /drift score 1.40, wanted is below 1/);
    assert.equal(one!.command, "npx peregrine label export to-label --stack prod");
  });

  it("leaves it to the retraining where quality is lost already", () => {
    const facts = reportFacts(inProd((env) => withMetric(env, { drift: [1.4], map50: [0.1] })));
    assert.deepEqual(found(answersMoved, facts), []);
  });

  it("is silent where answers are as they were", () => {
    assert.deepEqual(found(answersMoved, reportFacts()), []);
  });
});
