import type { Recorder } from "./figures";
import { compare } from "./retraining/compare";

/** Years of each kind; more narrow the means, and take longer. */
const perKind = 12;
const seed = 20261129;

/** What retraining policies cost on simulated years, beside one that knows the whole year. */
export function benchRetraining(record: Recorder): Promise<void> {
  const { prices, rows, nearOracle } = compare(perKind, seed);
  const our = rows.find(({ policy }) => policy === "ours")!;
  const others = rows.filter(({ policy }) => policy !== "ours");
  const best = Math.min(...others.map(({ ratio }) => ratio));
  record.about = `Simulated years of 365 days, ${perKind} of each kind (quiet, abrupt, gradual, recurring), at ${prices.length} prices of a training (${prices.join(", ")} point-days). A day's labelled sample errs by 2 points. A training learns the week before it. Cost is what is lost, in point-days, and the trainings; 1 is what one pays who knows the whole year. Policies with a parameter have the one that did best on other years of the same mix.`;
  record.figure("cost of the retraining policy over the oracle's", our.ratio, "", {
    text: "at most every other policy's",
    met: our.ratio <= best,
  });
  record.figure("the best other policy's", best, "");
  record.figure("retrainings in a quiet year", our.quiet, "", { text: "0", met: our.quiet === 0 });
  record.figure("kinds and prices at no more than 1.25 times the oracle's cost", nearOracle * 100, "%");
  record.table = {
    columns: ["policy", "cost over the oracle's", ...prices.map((price) => `at ${price}`), "trainings in a quiet year"],
    rows: rows.map(({ policy, ratio, byPrice, quiet }) => [
      policy,
      ratio.toFixed(2),
      ...byPrice.map((one) => one.toFixed(2)),
      quiet.toFixed(1),
    ]),
  };
  return Promise.resolve();
}
