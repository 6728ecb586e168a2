import assert from "node:assert/strict";
import { Random } from "../../scripts/bench/random";
import { kinds, Trace } from "../../scripts/bench/rollouts/traces";

function moments(count: number, draw: () => number): { mean: number; variance: number } {
  const values = Array.from({ length: count }, draw);
  const mean = values.reduce((total, one) => total + one, 0) / count;
  return { mean, variance: values.reduce((total, one) => total + (one - mean) ** 2, 0) / (count - 1) };
}

const near = (actual: number, expected: number, what: string): void =>
  assert.ok(Math.abs(actual / expected - 1) < 0.05, `${what}: ${actual}, not ${expected}`);

describe("random numbers of the bench", () => {
  it("have the moments of their distributions, whichever way they are drawn", () => {
    const random = new Random(1);
    for (const mean of [0.3, 20, 5000]) {
      const drawn = moments(20_000, () => random.poisson(mean));
      near(drawn.mean, mean, "Poisson mean");
      near(drawn.variance, mean, "Poisson variance");
    }
    for (const [trials, p] of [
      [100, 0.01],
      [1000, 0.05],
      [60, 0.9],
      [100_000, 0.3],
    ] as const) {
      const drawn = moments(20_000, () => random.binomial(trials, p));
      near(drawn.mean, trials * p, "binomial mean");
      near(drawn.variance, trials * p * (1 - p), "binomial variance");
    }
    near(moments(20_000, () => random.geometric(10)).mean, 10, "geometric mean");
    near(moments(20_000, () => random.normal()).variance, 1, "normal variance");
  });

  it("give every kind of trace the error rate that it is asked for, on both sides", () => {
    for (const kind of kinds) {
      const total = { requests: 0, errors: 0, oldRequests: 0, oldErrors: 0 };
      for (let seed = 0; seed < 20; seed++) {
        const trace = new Trace({ seed, requestsPerSecond: 20, kind, oldRate: 0.01, newRate: 0.03 });
        for (let minute = 0; minute < 1000; minute++) {
          const { new: mine, old } = trace.minute(50);
          total.requests += mine.requests;
          total.errors += mine.errors;
          total.oldRequests += old.requests;
          total.oldErrors += old.errors;
        }
      }
      near(total.errors / total.requests, 0.03, `${kind}, new`);
      near(total.oldErrors / total.oldRequests, 0.01, `${kind}, old`);
    }
  });
});
