import assert from "node:assert/strict";
import { clusteredMean, tallyOf } from "../../../lifecycle/statistics/clusters";
import {
  boundedMeanSequence,
  meanLowerSequence,
  meanSequence,
  nothingBounded,
  rateSequence,
  withBounded,
} from "../../../lifecycle/statistics/confidence-sequence";
import { nonInferiority } from "../../../lifecycle/statistics/non-inferiority";
import { quantileDifferencePValue, quantileSequence } from "../../../lifecycle/statistics/quantiles";
import { Random } from "../../../scripts/bench/random";

const upFrom = (offset: number): number[] => Array.from({ length: 1000 }, (_, index) => index + 1 + offset);

describe("confidence sequences", () => {
  it("have no p-value for arms without values", () => {
    assert.equal(quantileDifferencePValue([], upFrom(0), 0.5, 100), 1);
  });

  it("know nothing of a quantile that lies beyond all values", () => {
    assert.deepEqual(quantileSequence([], 0.95, 0.05, 100), { low: -Infinity, high: Infinity });
    assert.equal(quantileSequence([1, 2, 3], 0.95, 0.05, 100).high, Infinity);
    const { low, high } = quantileSequence(upFrom(0), 0.95, 0.05, 1000);
    assert.ok(low < 950 && low > 900 && high > 951 && high < 1000, `${low} to ${high}`);
  });

  it("hold at all looks together: means, bounded means, rates and quantiles of skewed values", () => {
    const random = new Random(5);
    const runs = 300;
    const missed = { mean: 0, bounded: 0, rate: 0, quantile: 0 };
    for (let run = 0; run < runs; run++) {
      const scores: number[] = [];
      const latencies: number[] = [];
      let bounded = nothingBounded;
      let failures = 0;
      const wrong = { mean: false, bounded: false, rate: false, quantile: false };
      for (let look = 1; look <= 20; look++) {
        for (let value = 0; value < 50; value++) {
          // Many perfect images and a tail of bad ones: mean 0.8.
          const score = random.chance(0.6) ? 1 : random.uniform();
          scores.push(score);
          bounded = withBounded(bounded, score);
          latencies.push(Math.exp(random.normal()));
          if (random.chance(0.02)) failures++;
        }
        const count = scores.length;
        const estimate = clusteredMean(tallyOf(scores.map((score) => [score])))!;
        const outside = ({ low, high }: { low: number; high: number }, truth: number) => truth < low || truth > high;
        wrong.mean ||= outside(meanSequence(estimate, 0.05, 500 / estimate.variance / count), 0.8);
        wrong.bounded ||= outside(boundedMeanSequence(bounded, 0.05, 500), 0.8);
        wrong.rate ||= outside(rateSequence(failures, count, 0.05, 500), 0.02);
        const sorted = [...latencies].sort((one, other) => one - other);
        wrong.quantile ||= outside(quantileSequence(sorted, 0.9, 0.05, 500), Math.exp(1.2815515655446004));
      }
      for (const kind of Object.keys(missed) as (keyof typeof missed)[]) if (wrong[kind]) missed[kind]++;
    }
    for (const [kind, count] of Object.entries(missed)) assert.ok(count <= runs * 0.05, `${kind}: ${count} of ${runs}`);
  });

  it("call a difference no worse, worse or open, as it is proven", () => {
    const at = (mean: number, variance: number) =>
      nonInferiority({ mean, variance, units: 100 }, 0.02, 0.05, 1e5).verdict;
    assert.deepEqual([at(0, 1e-5), at(-0.05, 1e-5), at(0, 1e-2)], ["no worse", "worse", "open"]);
    assert.equal(at(-0.02, 1e-6), "open", "worse, but not by more than the margin");
    const sure = { mean: 0.1, variance: 1e-4, units: 10 };
    assert.ok(meanLowerSequence(sure, 0.05, 1e4) > meanSequence(sure, 0.05, 1e4).low, "one side is tighter");
  });
});
