import assert from "node:assert/strict";
import {
  type ClusterTally,
  clusteredMean,
  designEffect,
  noClusters,
  tallyOf,
  together,
} from "../../../lifecycle/statistics/clusters";
import { comparePairs } from "../../../lifecycle/statistics/paired";
import { fixedPower, informationFor } from "../../../lifecycle/statistics/power";
import { logRatioEvidence, ratioPValue } from "../../../lifecycle/statistics/sample-ratio";
import { Random } from "../../../scripts/bench/random";

/** Flights whose images have the correlation `icc`. */
function flightsOf(random: Random, count: number, size: number, icc: number): number[][] {
  return Array.from({ length: count }, () => {
    const shared = Math.sqrt(icc) * random.normal();
    return Array.from({ length: size }, () => shared + Math.sqrt(1 - icc) * random.normal());
  });
}

describe("clustered means", () => {
  it("are ordinary ones where every cluster has one value", () => {
    const estimate = clusteredMean(tallyOf([[1], [2], [4], [9]]))!;
    assert.equal(estimate.mean, 4);
    // Sample variance 38 / 3, of the mean a quarter of it.
    assert.ok(Math.abs(estimate.variance - 38 / 12) < 1e-12);
  });

  it("have the variance of a ratio of sums where clusters differ in size", () => {
    // Σ (sum - mean × size)² × G / (G - 1) / N², written out.
    const clusters = [[1, 2, 3], [4], [2, 2], [7, 5, 6, 6]];
    const mean = 38 / 10;
    const squares = clusters.map((own) => (own.reduce((a, b) => a + b, 0) - mean * own.length) ** 2);
    const expected = ((4 / 3) * squares.reduce((a, b) => a + b, 0)) / 100;
    const estimate = clusteredMean(tallyOf(clusters))!;
    assert.ok(Math.abs(estimate.mean - mean) < 1e-12 && Math.abs(estimate.variance - expected) < 1e-12);
  });

  it("add up, whatever comes first", () => {
    const [one, other] = [tallyOf([[1, 2], [3]]), tallyOf([[5, 5, 5], []])];
    const all: ClusterTally = tallyOf([[5, 5, 5], [1, 2], [3]]);
    assert.deepEqual(together(together(noClusters, one), other), all);
    assert.equal(clusteredMean(other), undefined);
  });

  it("see that images of a flight are alike, which a test by image does not", () => {
    const random = new Random(21);
    let [naive, robust] = [0, 0];
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      const tallies = [tallyOf(flightsOf(random, 40, 50, 0.2)), tallyOf(flightsOf(random, 40, 50, 0.2))];
      const [one, other] = [clusteredMean(tallies[0]!)!, clusteredMean(tallies[1]!)!];
      const difference = one.mean - other.mean;
      if (Math.abs(difference) > 1.96 * Math.sqrt(one.variance + other.variance)) robust++;
      const byImage = tallies.map(({ values, sum, squares }) => (squares - sum ** 2 / values) / (values - 1) / values);
      if (Math.abs(difference) > 1.96 * Math.sqrt(byImage[0]! + byImage[1]!)) naive++;
    }
    assert.ok(robust / runs < 0.09, `robust: ${robust} of ${runs}`);
    assert.ok(naive / runs > 0.4, `by image: ${naive} of ${runs}`);
    // As many independent values have the variance 1 / 100,000.
    const effect = clusteredMean(tallyOf(flightsOf(random, 2000, 50, 0.2)))!.variance * 100_000;
    assert.ok(Math.abs(effect - designEffect(50, 0.2)) < 1, `${effect}`);
    assert.ok(Math.abs(designEffect(100, 0.2) - 20.8) < 1e-12);
  });
});

describe("paired scores of a shadow test", () => {
  it("need fewer images the more alike both models score", () => {
    const random = new Random(8);
    const scores = Array.from({ length: 4000 }, (_, image) => {
      const shared = Math.sqrt(0.8) * random.normal();
      const own = () => shared + Math.sqrt(0.2) * random.normal();
      return { flight: `f${image}`, champion: own(), challenger: own() + 0.1 };
    });
    const { difference, savings } = comparePairs(scores);
    assert.ok(Math.abs(savings! - 5) < 0.5, `${savings}`);
    assert.ok(Math.abs(difference!.mean - 0.1) < 0.04);
    assert.equal(comparePairs(scores.slice(0, 1)).difference, undefined);
  });
});

describe("the sequential test of the sample ratio", () => {
  it("has the Dirichlet-multinomial factor, counted out by hand", () => {
    // Two requests to the first of two equal arms: mean of p² under Beta(50, 50) and Beta(1500, 1500), over 1/4.
    const expected = Math.log(((50 * 51) / (100 * 101) + (1500 * 1501) / (3000 * 3001)) / 2 / 0.25);
    const evidence = logRatioEvidence([{ served: [2, 0], weights: [1, 1] }]);
    assert.ok(Math.abs(evidence - expected) < 1e-10, `${evidence}`);
    assert.equal(logRatioEvidence([]), 0);
    assert.equal(logRatioEvidence([{ served: [5, 1], weights: [100, 0] }]), Infinity);
    assert.equal(logRatioEvidence([{ served: [5, 0], weights: [100, 0] }]), 0);
  });

  it("holds its error chance through changes of weight, and finds what is off", () => {
    const random = new Random(17);
    let [flagged, found] = [0, 0];
    for (let run = 0; run < 300; run++) {
      for (const bypass of [0, 0.05]) {
        const epochs = [
          { share: 0.05, served: [0, 0] },
          { share: 0.25, served: [0, 0] },
          { share: 0.5, served: [0, 0] },
        ];
        let seen = false;
        for (let look = 0; look < 60; look++) {
          const epoch = epochs[Math.floor(look / 20)]!;
          const others = random.binomial(800, bypass);
          const mine = random.binomial(800 - others, epoch.share);
          epoch.served = [epoch.served[0]! + 800 - mine, epoch.served[1]! + mine];
          seen ||=
            logRatioEvidence(epochs.map(({ share, served }) => ({ served, weights: [1 - share, share] }))) >=
            Math.log(100);
        }
        if (seen && bypass === 0) flagged++;
        if (seen && bypass > 0) found++;
      }
    }
    assert.ok(flagged <= 3, `${flagged} of 300 flagged`);
    assert.ok(found >= 290, `${found} of 300 found`);
  });

  it("is stricter than a single chi-squared test", () => {
    const epoch = { served: [9100, 900], weights: [90, 10] };
    // scipy.stats.chisquare([9100, 900], [9000, 1000]).
    assert.ok(Math.abs(ratioPValue(epoch) - 0.0008581206663934644) < 1e-12, `${ratioPValue(epoch)}`);
    assert.ok(Math.exp(-logRatioEvidence([epoch])) > ratioPValue(epoch));
  });
});

describe("power of a test with one look", () => {
  it("is the textbook's", () => {
    // Cohen: d = 0.2, two-sided 0.05, 394 an arm: 0.80 (normal approximation 392.4).
    assert.ok(Math.abs(fixedPower({ variance: 2 / 504, alpha: 0.05, sides: 2 }, 0.2) - 0.8882) < 1e-3);
    assert.ok(Math.abs(2 * informationFor(0.2, 0.05, 2, 0.8) - 392.4) < 0.1);
    assert.ok(Math.abs(fixedPower({ variance: 1, alpha: 0.05, sides: 2 }, 0) - 0.05) < 1e-12);
  });
});
