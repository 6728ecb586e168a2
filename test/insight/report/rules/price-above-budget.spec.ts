import assert from "node:assert/strict";
import { priceAboveBudget } from "../../../../insight/report/rules/price-above-budget";
import { found, inProd, reportFacts } from "../facts";

describe("rule price-above-budget", () => {
  it("recommends to turn down what costs more than its budget, worth the difference", () => {
    const facts = reportFacts(inProd((env) => ({ ...env, objectives: { ...env.objectives, monthlyBudgetUsd: 10 } })));
    const [one] = found(priceAboveBudget, facts);
    assert.match(one!.why, /^A month costs \$[\d.]+, wanted is at most \$10.00\.$/);
    const price = facts.platform.environments[2]!.price;
    assert.ok("usd" in one!.value && !("unread" in price));
    assert.ok(Math.abs(one!.value.usd - (price.value.monthlyUsd - 10)) < 1e-9);
  });

  it("is silent within the budget, and where there is no price", () => {
    assert.deepEqual(found(priceAboveBudget, reportFacts()), []);
    const unpriced = reportFacts(inProd((env) => ({ ...env, price: { unread: "no price" } })));
    assert.deepEqual(found(priceAboveBudget, unpriced), []);
  });
});
