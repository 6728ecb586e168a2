import { caraCumulative, caraThreshold, driftOnly, never, ours, periodic, type Policy } from "./policies";
import { days, type Kind, kinds, lossesOf, oracleCost, randomOf, type Year, yearOf } from "./streams";

/** Standard deviation of a day's labelled sample, points: the slack of `worthOf`. */
const noisePoints = 2;
/** Prices of a training, point-days: a day at 10 points lost, times 0.3 to 100. */
const prices = [3, 10, 30, 100, 300, 1000] as const;

export interface Comparison {
  readonly policy: string;
  /** Mean cost over the oracle's mean, over all prices; 1 is the oracle. */
  readonly ratio: number;
  /** The same by price. */
  readonly byPrice: readonly number[];
  /** Trainings in a quiet year, mean. */
  readonly quiet: number;
}

export interface Compared {
  readonly prices: readonly number[];
  readonly rows: readonly Comparison[];
  /** Share of kinds and prices in which ours costs at most 1.25 times the oracle. */
  readonly nearOracle: number;
}

interface Outcome {
  readonly cost: number;
  readonly trainings: number;
}

/** A year under a policy. */
function live(year: Year, policy: Policy, price: number): Outcome {
  const loss = lossesOf(year);
  let [trained, cost, trainings] = [0, 0, 0];
  let observed: number[] = [];
  for (let day = 0; day < days; day += 1) {
    if (day > 0 && policy.decide(observed)) {
      [trained, observed] = [day, []];
      cost += price;
      trainings += 1;
    }
    const lost = loss(trained, day);
    cost += lost;
    observed.push(Math.max(0, lost + year.noise[day]!));
  }
  return { cost, trainings };
}

/**
 * Policies on the same years. Those with a parameter get the one that does best on other years of the same mix, for each
 * price: nobody knows which kind of year is to come.
 * @param perKind years of each kind. @param seed of all of them.
 */
export function compare(perKind: number, seed: number): Compared {
  const random = randomOf(seed);
  const draw = () => kinds.flatMap((kind) => Array.from({ length: perKind }, () => yearOf(kind, noisePoints, random)));
  const [tuning, years] = [draw(), draw()];
  const ratios = new Map<string, number[]>();
  const quiet = new Map<string, number[]>();
  let near = 0;
  for (const price of prices) {
    const best = years.map((year) => oracleCost(year, price));
    for (const policy of policiesFor(price, tuning)) {
      const outcomes = years.map((year) => live(year, policy, price));
      append(ratios, policy.name, mean(outcomes.map(({ cost }) => cost)) / mean(best));
      const trainings = outcomes.flatMap(({ trainings: count }, index) =>
        years[index]!.kind === "quiet" ? count : [],
      );
      append(quiet, policy.name, mean(trainings));
      if (policy.name === "ours") near += nearOf(years, outcomes, best);
    }
  }
  const rows = [...ratios].map(([policy, byPrice]) => ({
    policy,
    ratio: mean(byPrice),
    byPrice,
    quiet: mean(quiet.get(policy)!),
  }));
  return {
    prices,
    rows: rows.sort((one, other) => one.ratio - other.ratio),
    nearOracle: near / (prices.length * kinds.length),
  };
}

function policiesFor(price: number, tuning: readonly Year[]): Policy[] {
  const tuned = (candidates: readonly Policy[]) => leastCost(candidates, tuning, price);
  return [
    ours(price),
    never,
    periodic(7),
    periodic(30),
    periodic(90),
    { ...tuned([5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180].map(periodic)), name: "periodic, tuned" },
    driftOnly(noisePoints),
    tuned([1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30].map(caraThreshold)),
    tuned([0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20].map((factor) => caraCumulative(factor * price))),
  ];
}

function leastCost(candidates: readonly Policy[], years: readonly Year[], price: number): Policy {
  const costs = candidates.map((policy) => mean(years.map((year) => live(year, policy, price).cost)));
  return candidates[costs.indexOf(Math.min(...costs))]!;
}

/** Kinds in which the mean cost is at most 1.25 times the oracle's; in a quiet year both are nothing. */
function nearOf(years: readonly Year[], outcomes: readonly Outcome[], best: readonly number[]): number {
  const of = (kind: Kind, values: readonly number[]) => mean(values.filter((_, index) => years[index]!.kind === kind));
  return kinds.filter((kind) => {
    const cost = of(
      kind,
      outcomes.map((outcome) => outcome.cost),
    );
    return cost <= 1.25 * of(kind, best);
  }).length;
}

function append(all: Map<string, number[]>, name: string, value: number): void {
  all.set(name, [...(all.get(name) ?? []), value]);
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
