import { caraCumulative, caraThreshold, driftOnly, never, ours, periodic, type Policy } from "./policies";
import { days, type Kind, kinds, lossesOf, oracleCost, randomOf, type Year, yearOf } from "./streams";

/** Standard deviation of a day's labelled sample, points: the slack of `worthOf`. */
const noisePoints = 2;
/** Prices of a training, point-days: a day at 10 points lost, times 0.3 to 100. */
const prices = [3, 10, 30, 100, 300, 1000] as const;

/** A figure and its standard error. */
export interface Measured {
  readonly value: number;
  readonly error: number;
}

export interface Comparison {
  readonly policy: string;
  /** Mean cost over the oracle's mean, over all prices; 1 is the oracle. */
  readonly ratio: Measured;
  /** The same by price. */
  readonly byPrice: readonly Measured[];
  /** Trainings in a quiet year, mean. */
  readonly quiet: number;
}

export interface Compared {
  readonly prices: readonly number[];
  readonly rows: readonly Comparison[];
  /** Share of kinds and prices in which ours costs at most 1.25 times the oracle. */
  readonly nearOracle: number;
  /** What ours costs over the oracle, by kind and price; of a kind that costs the oracle nothing, undefined. */
  readonly byKind: readonly { readonly kind: Kind; readonly ratios: readonly (Measured | undefined)[] }[];
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
  const costs = new Map<string, number[][]>();
  const quiet = new Map<string, number[]>();
  const best = prices.map((price) => years.map((year) => oracleCost(year, price)));
  for (const price of prices)
    for (const policy of policiesFor(price, tuning)) {
      const outcomes = years.map((year) => live(year, policy, price));
      append(
        costs,
        policy.name,
        outcomes.map(({ cost }) => cost),
      );
      const trainings = outcomes.flatMap(({ trainings: count }, index) =>
        years[index]!.kind === "quiet" ? count : [],
      );
      append(quiet, policy.name, mean(trainings));
    }
  const rows = [...costs].map(([policy, byPrice]) => ({
    policy,
    ratio: meanRatio(byPrice, best, years),
    byPrice: byPrice.map((cost, index) => meanRatio([cost], [best[index]!], years)),
    quiet: mean(quiet.get(policy)!),
  }));
  const byKind = kinds.map((kind) => {
    const own = years.filter((year) => year.kind === kind);
    const of = (values: readonly number[]) => values.filter((_, index) => years[index]!.kind === kind);
    const ratios = prices.map((_, index) => {
      const [cost, least] = [of(costs.get("ours")![index]!), of(best[index]!)];
      // In a quiet year both are nothing.
      return mean(cost) === mean(least) ? undefined : meanRatio([cost], [least], own);
    });
    return { kind, ratios };
  });
  const near = byKind.flatMap(({ ratios }) => ratios).filter((ratio) => ratio === undefined || ratio.value <= 1.25);
  return {
    prices,
    rows: rows.sort((one, other) => one.ratio.value - other.ratio.value),
    nearOracle: near.length / (prices.length * kinds.length),
    byKind,
  };
}

/**
 * Mean over prices of mean cost over the oracle's mean cost. Its error is that of a ratio estimate (Cochran, Sampling
 * Techniques, 1977, section 6.3), over years within their kinds: there are as many of each kind by design.
 */
function meanRatio(
  costs: readonly (readonly number[])[],
  best: readonly (readonly number[])[],
  years: readonly Year[],
): Measured {
  const ratios = costs.map((cost, index) => mean(cost) / mean(best[index]!));
  const residuals = years.map((_, year) =>
    mean(costs.map((cost, index) => (cost[year]! - ratios[index]! * best[index]![year]!) / mean(best[index]!))),
  );
  const variance = kinds.reduce((sum, kind) => {
    const own = residuals.filter((_, index) => years[index]!.kind === kind);
    const centre = mean(own);
    const squares = own.reduce((total, value) => total + (value - centre) ** 2, 0);
    return sum + (own.length > 1 ? (squares / (own.length - 1)) * own.length : 0);
  }, 0);
  return { value: mean(ratios), error: Math.sqrt(variance) / years.length };
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

function append<Value>(all: Map<string, Value[]>, name: string, value: Value): void {
  all.set(name, [...(all.get(name) ?? []), value]);
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
