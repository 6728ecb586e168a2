import { clusteredMean, noClusters, tallyOf, together } from "../../../lifecycle/statistics/clusters";
import {
  boundedMeanSequence,
  type Interval,
  meanSequence,
  nothingBounded,
  rateSequence,
  withBounded,
} from "../../../lifecycle/statistics/confidence-sequence";
import { comparePairs } from "../../../lifecycle/statistics/paired";
import { quantileSequence } from "../../../lifecycle/statistics/quantiles";
import { Random } from "../random";

/** Of confidence sequences of 95 %, the share of runs in which one ever left out the truth, of 20 looks. */
export function missesOf(
  runs: number,
  seed: number,
): Readonly<Record<"mean" | "bounded mean" | "rate" | "quantile", number>> {
  const random = new Random(seed);
  const missed = { mean: 0, "bounded mean": 0, rate: 0, quantile: 0 };
  for (let run = 0; run < runs; run++) {
    const wrong = new Set<keyof typeof missed>();
    const check = (kind: keyof typeof missed, { low, high }: Interval, truth: number): void => {
      if (truth < low || truth > high) wrong.add(kind);
    };
    let [tally, bounded, failures] = [noClusters, nothingBounded, 0];
    const latencies: number[] = [];
    for (let look = 1; look <= 20; look++) {
      // Many perfect images and a tail of bad ones: mean 0.8.
      const scores = Array.from({ length: 50 }, () => (random.chance(0.6) ? 1 : random.uniform()));
      tally = together(tally, tallyOf(scores.map((score) => [score])));
      bounded = scores.reduce(withBounded, bounded);
      failures += random.binomial(50, 0.02);
      latencies.push(...scores.map(() => Math.exp(random.normal())));
      const estimate = clusteredMean(tally)!;
      check("mean", meanSequence(estimate, 0.05, 10 / look / estimate.variance), 0.8);
      check("bounded mean", boundedMeanSequence(bounded, 0.05, 500), 0.8);
      check("rate", rateSequence(failures, 50 * look, 0.05, 500), 0.02);
      const sorted = Float64Array.from(latencies).sort();
      check("quantile", quantileSequence([...sorted], 0.9, 0.05, 500), Math.exp(1.2815515655446004));
    }
    for (const kind of wrong) missed[kind]++;
  }
  return {
    mean: missed.mean / runs,
    "bounded mean": missed["bounded mean"] / runs,
    rate: missed.rate / runs,
    quantile: missed.quantile / runs,
  };
}

/** How many times fewer labels a shadow test needs where both models' scores have this correlation. */
export function savingsOf(correlation: number, images: number, seed: number): number {
  const random = new Random(seed);
  const scores = Array.from({ length: images }, (_, image) => {
    const shared = Math.sqrt(correlation) * random.normal();
    const own = (): number => shared + Math.sqrt(1 - correlation) * random.normal();
    return { flight: String(image), champion: own(), challenger: own() };
  });
  return comparePairs(scores).savings!;
}
