import assert from "node:assert/strict";
import {
  bestRho,
  betaBinomialMixture,
  gammaExponentialMixture,
  gammaPoissonMixture,
  normalMixture,
  normalMixtureOf,
  oneSidedNormalMixture,
  stitchedBound,
} from "../../../lifecycle/statistics/mixtures";
import { Random } from "../../../scripts/bench/random";

const tuning = { v: 100 };

describe("mixture supermartingales", () => {
  it("have confseq's golden values", () => {
    // test/uniform_boundaries_unittest.cpp, written from a reference implementation in R; its own tolerance.
    for (const [what, actual, expected] of [
      ["rho", bestRho(tuning), 12.60056],
      ["two-sided normal", normalMixture(tuning).logValue(10, 100), -0.6510052],
      ["its bound", normalMixture(tuning).bound(100, 0.05), 30.35209],
      ["one-sided normal", oneSidedNormalMixture(tuning).logValue(10, 100), -0.06502391],
      ["its bound", oneSidedNormalMixture(tuning).bound(100, 0.05), 27.66071],
      ["gamma-exponential", gammaExponentialMixture(tuning, 2).logValue(10, 100), -0.2490165],
      ["its bound", gammaExponentialMixture(tuning, 2).bound(100, 0.05), 33.02017],
      ["gamma-Poisson", gammaPoissonMixture(tuning, 2).logValue(10, 100), -0.06991219],
      ["its bound", gammaPoissonMixture(tuning, 2).bound(100, 0.05), 30.1949],
      ["two-sided beta-binomial", betaBinomialMixture(tuning, 0.2, 0.8, 2).logValue(10, 100), -0.6941012],
      ["its bound", betaBinomialMixture(tuning, 0.2, 0.8, 2).bound(100, 0.05), 31.4308],
      ["one-sided beta-binomial", betaBinomialMixture(tuning, 0.2, 0.8, 1).logValue(10, 100), -0.07134019],
      ["its bound", betaBinomialMixture(tuning, 0.2, 0.8, 1).bound(100, 0.05), 28.41238],
      ["its bound where all succeed", betaBinomialMixture(tuning, 0.2, 0.8, 1).bound(0.32, 0.05), 1.6],
      ["stitched", stitchedBound(100, 0.05, 10, 3), 64.48755],
      ["stitched, negative scale", stitchedBound(100, 0.05, 10, -1), 28.99389],
    ] as const)
      assert.ok(Math.abs(actual - expected) < 1e-5, `${what}: ${actual}, not ${expected}`);
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
