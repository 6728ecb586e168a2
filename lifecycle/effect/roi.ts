import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";
import type { KpiDefinition } from "../../contract/kpi";
import type { Interval } from "../statistics/confidence-sequence";
import { normalQuantile } from "../statistics/special";
import { type Estimate, level } from "./result";

/** What a release did to one KPI, and what that is worth. */
export interface Benefit {
  readonly kpi: Pick<KpiDefinition, "name" | "better" | "usd">;
  /** Absent where nothing better than grade D is known. */
  readonly estimate: Pick<Estimate, "mean" | "low" | "high" | "grade"> | undefined;
  /** Images or days of the period, as the KPI counts; undefined where nobody knows. */
  readonly exposed: number | undefined;
}

/** What the release cost beyond what would have been spent without it. */
export interface Cost {
  readonly name: string;
  /** USD; undefined where the price is unknown. */
  readonly amount: number | undefined;
  /** Where it is not known exactly, from and to. */
  readonly range?: readonly [low: number, high: number];
  /** Share of what it consists of that has a price, 0 to 1. */
  readonly coverage: number;
  readonly known: "billed" | "estimated" | "assumed";
  /** Once, such as training, or as long as the period lasts. */
  readonly when: "once" | "period";
}

export interface RoiQuestion {
  readonly periodDays: number;
  readonly benefits: readonly Benefit[];
  readonly costs: readonly Cost[];
}

/** Intervals of what was drawn. */
export interface Spread {
  readonly median: number;
  readonly interval80: Interval;
  readonly interval95: Interval;
}

/** How much the net changes when one input goes from its 5 % to its 95 % quantile and all others stay in the middle. */
export interface TornadoBar extends Interval {
  readonly input: string;
  readonly known: "measured" | Cost["known"];
}

export type Roi =
  | {
      readonly verdict: "stated";
      /** USD, by closed form. */
      readonly expected: {
        readonly benefit: number;
        readonly cost: number;
        readonly net: number;
        readonly deviation: number;
      };
      readonly net: Spread;
      /** Net over cost; absent where nothing was spent. */
      readonly roi?: Spread;
      /** Chance that the net is above 0. */
      readonly positive: number;
      /** Days until the benefit has paid what was spent once, at the middle of all inputs; absent where it never does. */
      readonly paybackDays?: number;
      /** The widest first. */
      readonly tornado: readonly TornadoBar[];
    }
  | { readonly verdict: "withheld"; readonly reasons: readonly string[] };

/** Less of the cost must not be without a price. */
const leastCoverage = 0.95;
const draws = 10_000;
const seed = 20_261_130;

/** A value that is not known exactly. */
interface Input {
  readonly name: string;
  readonly known: TornadoBar["known"];
  /** Where it lies with the chance `p`. */
  quantile(p: number): number;
  readonly mean: number;
  readonly variance: number;
}

/**
 * What the release is worth: benefit = effect × what was exposed × value of a unit, less what it cost, from 10,000 draws
 * of everything that is not known exactly (Latin hypercube, always the same). Withheld, and never 0, where an effect is
 * no more than an association, or where too much has no price.
 */
export function roiOf({ periodDays, benefits, costs }: RoiQuestion): Roi {
  const reasons = [...benefits.flatMap(missingOfBenefit), ...costs.flatMap(missingOfCost)];
  if (benefits.length === 0) reasons.push("no KPI has a value in USD");
  if (costs.length === 0) reasons.push("nothing is known of what it cost");
  if (!(periodDays > 0)) reasons.push("the period has no days");
  if (reasons.length > 0) return { verdict: "withheld", reasons };
  const gains = benefits.map(gainOf);
  const spent = costs.map((cost) => ({ input: costInput(cost), when: cost.when }));
  const inputs = [...gains.flatMap(({ effect, value }) => [effect, value]), ...spent.map(({ input }) => input)];
  const benefitAt = (at: (input: Input) => number): number =>
    gains.reduce((sum, { effect, value, factor }) => sum + at(effect) * at(value) * factor, 0);
  const costAt = (at: (input: Input) => number): number => spent.reduce((sum, { input }) => sum + at(input), 0);
  const middle = (input: Input): number => input.quantile(0.5);
  const sample = draw(inputs);
  const nets: number[] = [];
  const rois: number[] = [];
  for (let index = 0; index < draws; index++) {
    const at = (input: Input): number => sample.get(input)![index]!;
    const cost = costAt(at);
    nets.push(benefitAt(at) - cost);
    if (cost > 0) rois.push(nets.at(-1)! / cost);
  }
  const mean = (input: Input): number => input.mean;
  const variance =
    gains.reduce((sum, { effect, value, factor }) => sum + factor ** 2 * productVariance(effect, value), 0) +
    spent.reduce((sum, { input }) => sum + input.variance, 0);
  const once = spent.reduce((sum, { input, when }) => sum + (when === "once" ? middle(input) : 0), 0);
  const daily = (benefitAt(middle) - costAt(middle) + once) / periodDays;
  return {
    verdict: "stated",
    expected: {
      benefit: benefitAt(mean),
      cost: costAt(mean),
      net: benefitAt(mean) - costAt(mean),
      deviation: Math.sqrt(variance),
    },
    net: spreadOfDraws(nets),
    ...(rois.length === draws ? { roi: spreadOfDraws(rois) } : {}),
    positive: nets.filter((net) => net > 0).length / draws,
    ...(daily > 0 ? { paybackDays: once / daily } : {}),
    tornado: inputs
      .map((input) => barOf(input, (at) => benefitAt(at) - costAt(at)))
      .toSorted((one, other) => other.high - other.low - (one.high - one.low)),
  };
}

function missingOfBenefit({ kpi: { name, usd }, estimate, exposed }: Benefit): string[] {
  return [
    ...(usd && usd.every(Number.isFinite) ? [] : [`what a unit of ${name} is worth is not known`]),
    ...(estimate && [estimate.mean, estimate.low, estimate.high].every(Number.isFinite)
      ? []
      : [`the effect on ${name} is not known by better evidence than association`]),
    ...(exposed !== undefined && Number.isFinite(exposed) ? [] : [`how much ${name} was exposed to is not known`]),
  ];
}

function missingOfCost({ name, amount, range = [0, 0], coverage }: Cost): string[] {
  if (amount === undefined || ![amount, ...range].every(Number.isFinite)) return [`the price of ${name} is not known`];
  if (!Number.isFinite(coverage)) return [`how much of the cost of ${name} has a price is not known`];
  if (coverage < leastCoverage)
    return [`${Math.floor(100 * coverage)} % of the cost of ${name} has a price; ${100 * leastCoverage} % are needed`];
  return [];
}

function gainOf({ kpi, estimate, exposed }: Benefit): { effect: Input; value: Input; factor: number } {
  const { mean, low, high } = estimate!;
  // Of the normal value with the same interval.
  const deviation = (high - low) / 2 / normalQuantile((1 + level) / 2);
  return {
    effect: {
      name: `effect on ${kpi.name}`,
      known: "measured",
      quantile: (p) => (p === 0.5 ? mean : mean + deviation * normalQuantile(p)),
      mean,
      variance: deviation ** 2,
    },
    value: uniform(`value of ${kpi.name}`, "assumed", kpi.usd!),
    factor: (kpi.better === "higher" ? 1 : -1) * exposed!,
  };
}

function costInput({ name, amount, range, known }: Cost): Input {
  return uniform(`cost of ${name}`, known, range ?? [amount!, amount!]);
}

function uniform(name: string, known: Input["known"], [low, high]: readonly [number, number]): Input {
  return {
    name,
    known,
    quantile: (p) => low + p * (high - low),
    mean: (low + high) / 2,
    variance: (high - low) ** 2 / 12,
  };
}

/** Of a product of independent values (Goodman, Journal of the American Statistical Association 55, 1960). */
function productVariance(one: Input, other: Input): number {
  return one.variance * other.variance + one.variance * other.mean ** 2 + other.variance * one.mean ** 2;
}

/** One value from each of as many strata as there are draws, in a random order (McKay, Beckman and Conover, 1979). */
function draw(inputs: readonly Input[]): Map<Input, Float64Array> {
  const random = mersenne(seed);
  return new Map(
    inputs.map((input) => {
      const values = Float64Array.from({ length: draws }, (_, index) => input.quantile((index + 0.5) / draws));
      for (let index = draws - 1; index > 0; index--) {
        const other = Math.floor(uniformFloat64(random) * (index + 1));
        [values[index], values[other]] = [values[other]!, values[index]!];
      }
      return [input, values] as const;
    }),
  );
}

function spreadOfDraws(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (p: number): number => {
    const place = p * (sorted.length - 1);
    const [below, share] = [Math.floor(place), place % 1];
    const low = sorted[below]!;
    return share === 0 ? low : low + share * (sorted[below + 1]! - low);
  };
  const between = (share: number): Interval => ({ low: at((1 - share) / 2), high: at((1 + share) / 2) });
  return { median: at(0.5), interval80: between(0.8), interval95: between(0.95) };
}

function barOf(input: Input, netAt: (at: (input: Input) => number) => number): TornadoBar {
  const ends = [0.05, 0.95].map((p) => netAt((one) => one.quantile(one === input ? p : 0.5)));
  return { input: input.name, known: input.known, low: Math.min(...ends), high: Math.max(...ends) };
}
