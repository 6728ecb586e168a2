import type { Recorder } from "./figures";
import { compare, type Measured } from "./retraining/compare";

/** Years of each kind; more narrow the means, and take longer. */
const perKind = 50;
const seed = 20261129;

/** What retraining policies cost on simulated years, beside one that knows the whole year. */
export function benchRetraining(record: Recorder): Promise<void> {
  const { prices, rows, nearOracle, byKind } = compare(perKind, seed);
  const our = rows.find(({ policy }) => policy === "ours")!;
  const best = rows.find(({ policy }) => policy !== "ours")!;
  record.about = `Simulated years of 365 days, ${perKind} of each kind (quiet, abrupt, gradual, recurring), at ${prices.length} prices of a training (${prices.join(", ")} point-days). A day's labelled sample errs by 2 points. A training learns the week before it. Cost is what is lost, in point-days, and the trainings; 1 is what one pays who knows the whole year. What stands after ± is the standard error. Policies with a parameter have the one that did best on other years of the same mix; ours has the same parameters at every price.`;
  record.figure("cost of the retraining policy over the oracle's", our.ratio.value, "", {
    text: "at most every other policy's",
    met: our.ratio.value <= best.ratio.value,
  });
  record.figure("its standard error", our.ratio.error, "");
  record.figure("the best other policy's", best.ratio.value, "");
  record.figure("retrainings in a quiet year", our.quiet, "", { text: "0", met: our.quiet === 0 });
  record.figure("kinds and prices at no more than 1.25 times the oracle's cost", nearOracle * 100, "%", {
    text: "at least 80",
    met: nearOracle >= 0.8,
  });
  record.table = {
    columns: ["policy", "cost over the oracle's", ...prices.map((price) => `at ${price}`), "trainings in a quiet year"],
    rows: [
      ...rows.map(({ policy, ratio, byPrice, quiet }) => [
        policy,
        shown(ratio),
        ...byPrice.map(shown),
        quiet.toFixed(1),
      ]),
      ...byKind.map(({ kind, ratios }) => [
        `ours, ${kind} years`,
        "",
        ...ratios.map((ratio) => (ratio ? shown(ratio) : "both nothing")),
        "",
      ]),
    ],
  };
  return Promise.resolve();
}

function shown({ value, error }: Measured): string {
  return `${value.toFixed(2)} ± ${error.toFixed(2)}`;
}
