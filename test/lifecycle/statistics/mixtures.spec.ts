import assert from "node:assert/strict";
import {
  betaBinomialMixture,
  gammaExponentialMixture,
  gammaPoissonMixture,
  normalMixture,
  normalMixtureOf,
  oneSidedNormalMixture,
} from "../../../lifecycle/statistics/mixtures";
import { goldens, goldenTolerance } from "../../../scripts/bench/experiments/goldens";
import { Random } from "../../../scripts/bench/random";

const tuning = { v: 100 };

describe("mixture supermartingales", () => {
  it("have confseq's golden values, and so have rates and quantiles", () => {
    assert.ok(goldens.length >= 36);
    for (const [what, ours, theirs] of goldens)
      assert.ok(Math.abs(ours - theirs) < goldenTolerance, `${what}: ${ours}, not ${theirs}`);
  });

  it("reach 1 / alpha exactly at their bounds", () => {
    for (const mixture of [
      normalMixture(tuning),
      oneSidedNormalMixture(tuning),
      gammaExponentialMixture(tuning, 0.5),
      gammaPoissonMixture(tuning, 0.5),
      betaBinomialMixture(tuning, 0.01, 0.99, 2),
    ])
      for (const v of [3, 100, 4000])
        for (const alpha of [0.05, 1e-6])
          if (mixture.bound(v, alpha) < v / 0.01)
            assert.ok(Math.abs(mixture.logValue(mixture.bound(v, alpha), v) + Math.log(alpha)) < 1e-6);
  });

  it("are mSPRT's likelihood ratio by another parameter", () => {
    // Johari, Pekelis and Walsh: sqrt(V / (V + τ²)) exp(τ² d² / (2 V (V + τ²))) with V = σ² / n.
    const [deviation, tau, count, mean] = [2, 0.3, 150, 0.4];
    const variance = deviation ** 2 / count;
    const ratio =
      Math.sqrt(variance / (variance + tau ** 2)) *
      Math.exp((tau ** 2 * mean ** 2) / (2 * variance * (variance + tau ** 2)));
    const ours = normalMixtureOf((deviation / tau) ** 2).logValue((count * mean) / deviation, count);
    assert.ok(Math.abs(Math.exp(ours) - ratio) < 1e-12, `${Math.exp(ours)}, not ${ratio}`);
  });

  it("are passed by a random walk no more often than alpha allows, at any of its steps", () => {
    const random = new Random(11);
    const mixture = normalMixture({ v: 100 });
    const bounds = Array.from({ length: 400 }, (_, step) => mixture.bound(step + 1, 0.05));
    let passed = 0;
    for (let run = 0; run < 2000; run++) {
      let sum = 0;
      if (bounds.some((bound) => Math.abs((sum += random.normal())) >= bound)) passed++;
    }
    assert.ok(passed > 10 && passed <= 2000 * 0.05, `${passed} of 2000`);
  });
});
