import type { KpiRow } from "../../contract/kpi";
import { type ClusterTally, clusteredMean, type MeanEstimate, tallyOf } from "../statistics/clusters";
import { meanSequence } from "../statistics/confidence-sequence";
import { degreesOf } from "../statistics/difference";
import { ratioPValue } from "../statistics/sample-ratio";
import { studentCdf } from "../statistics/special";
import { studentQuantile } from "../statistics/student";
import { detectableBy } from "./interrupted";
import { alpha, type Rung } from "./result";

/** An experiment whose units were assigned by lot. */
export interface Randomised {
  readonly id: string;
  readonly unit: "flight" | "request";
  /** What each arm was to get, in any unit. */
  readonly weights: Readonly<Record<"champion" | "challenger", number>>;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** It ended because of what was seen: an ordinary interval would be too sure. */
  readonly early: boolean;
}

/** Units that each arm needs: below, variances are guesses. */
const leastUnits = 10;
/** A split that is off by more than chance would make it once in so many experiments proves nothing. */
const splitAlpha = 0.001;

/**
 * Challenger less champion, by units that were assigned by lot: means of all rows with the variance of units
 * (cluster-robust), adjusted by what the same units were like before (CUPED; Deng, Xu, Kohavi and Walker, WSDM 2013).
 * @param rows with unit and arm. @param history mean of the same KPI by unit, from before the experiment.
 */
export function randomisedEffect(
  rows: readonly KpiRow[],
  { unit, weights, early }: Pick<Randomised, "unit" | "weights" | "early">,
  history: ReadonlyMap<string, number> = new Map(),
): Rung {
  const units = unitsOf(rows);
  const both = [...units.values()].filter((arms) => arms.size > 1).length;
  const only = [...units].flatMap(([name, arms]) => (arms.size === 1 ? [{ name, ...[...arms.values()][0]! }] : []));
  const arms = {
    champion: only.filter(({ arm }) => arm === "champion"),
    challenger: only.filter(({ arm }) => arm === "challenger"),
  };
  const reasons = (["champion", "challenger"] as const).flatMap((arm) =>
    arms[arm].length < leastUnits ? [`${arms[arm].length} ${unit}s of the ${arm} alone; ${leastUnits} are needed`] : [],
  );
  if (reasons.length > 0) return { reasons };
  const served = [arms.champion.length, arms.challenger.length];
  const split = ratioPValue({ served, weights: [weights.champion, weights.challenger] });
  if (split < splitAlpha)
    return {
      reasons: [
        `the split is not as designed: ${served.join(" and ")} ${unit}s, p ${split.toPrecision(2)} (sample ratio mismatch)`,
      ],
    };
  const adjusted = cuped(only, history);
  const estimates = (["champion", "challenger"] as const).map((arm) =>
    clusteredMean(weightedTally(adjusted.units.filter((one) => one.arm === arm))),
  ) as [MeanEstimate, MeanEstimate];
  const [champion, challenger] = estimates;
  const variance = champion.variance + challenger.variance;
  if (variance === 0) return { reasons: ["the values never vary"] };
  const mean = challenger.mean - champion.mean;
  const deviation = Math.sqrt(variance);
  const degrees = Math.max(1, degreesOf(challenger, champion) - adjusted.covariates);
  const reach = deviation * studentQuantile(1 - alpha / 2, degrees);
  const fixed = { low: mean - reach, high: mean + reach };
  const always = meanSequence({ mean, variance, units: only.length }, alpha, 1 / variance);
  return {
    grade: "A",
    method: `Randomised by ${unit}: difference of means, variance robust to ${unit}s${adjusted.covariates > 0 ? `, adjusted by ${adjusted.known} ${unit}s' values of before (CUPED: variance down by ${Math.round(100 * adjusted.saved)} %)` : ""}${early ? "; the experiment ended because of what was seen, so the interval is one that holds at all times" : ""}.`,
    mean,
    ...(early ? always : fixed),
    pValue: 2 * studentCdf(-Math.abs(mean / deviation), degrees),
    detectable: detectableBy(deviation, degrees),
    n: {
      [`${unit}s of the champion`]: champion.units,
      [`${unit}s of the challenger`]: challenger.units,
      ...(both > 0 ? { [`${unit}s that both answered, left out`]: both } : {}),
    },
    assumptions: [
      `${unit}s do not influence each other`,
      "what was true in the experiment is true of all traffic afterwards",
    ],
  };
}

interface Unit {
  readonly name: string;
  readonly arm: string;
  /** Values with the images behind them. */
  readonly values: readonly { readonly value: number; readonly weight: number }[];
}

/** By unit and arm. */
function unitsOf(rows: readonly KpiRow[]): Map<string, Map<string, Omit<Unit, "name">>> {
  const units = new Map<string, Map<string, { arm: string; values: { value: number; weight: number }[] }>>();
  for (const { unit, arm, value, weight = 1 } of rows) {
    if (unit === undefined || arm === undefined) continue;
    const own = units.get(unit) ?? new Map<string, { arm: string; values: { value: number; weight: number }[] }>();
    const known = own.get(arm) ?? { arm, values: [] };
    known.values.push({ value, weight });
    units.set(unit, own.set(arm, known));
  }
  return units;
}

const meanOf = ({ values }: Unit): number =>
  values.reduce((sum, { value, weight }) => sum + value * weight, 0) /
  values.reduce((sum, { weight }) => sum + weight, 0);

/**
 * Values without what the unit's own past explains. Units without a past are a stratum of their own, which nothing is
 * taken from.
 */
function cuped(
  units: readonly Unit[],
  history: ReadonlyMap<string, number>,
): { units: readonly Unit[]; known: number; covariates: number; saved: number } {
  const known = units.filter(({ name }) => history.has(name));
  const past = known.map(({ name }) => history.get(name)!);
  const meanPast = average(past);
  // Within arms, so that an effect is not taken for a dependence.
  const own = new Map(units.map((one) => [one.name, meanOf(one)]));
  const meanOfArm = new Map(
    ["champion", "challenger"].map((arm) => [
      arm,
      average(known.filter((one) => one.arm === arm).map(({ name }) => own.get(name)!)),
    ]),
  );
  const left = known.map(({ name, arm }) => own.get(name)! - meanOfArm.get(arm)!);
  const squares = past.reduce((sum, x) => sum + (x - meanPast) ** 2, 0);
  if (known.length < 2 * leastUnits || squares === 0) return { units, known: 0, covariates: 0, saved: 0 };
  const product = past.reduce((sum, x, index) => sum + (x - meanPast) * left[index]!, 0);
  const theta = product / squares;
  const all = left.reduce((sum, y) => sum + y * y, 0);
  const shifted = units.map((one) => {
    const x = history.get(one.name);
    const shift = x === undefined ? 0 : theta * (x - meanPast);
    return { ...one, values: one.values.map(({ value, weight }) => ({ value: value - shift, weight })) };
  });
  return { units: shifted, known: known.length, covariates: 1, saved: all > 0 ? product ** 2 / squares / all : 0 };
}

/** As `tallyOf`, of values that each stand for several images. */
function weightedTally(units: readonly Unit[]): ClusterTally {
  const tally = { ...tallyOf([]) } as { -readonly [Key in keyof ClusterTally]: number };
  for (const { values } of units) {
    const size = values.reduce((sum, { weight }) => sum + weight, 0);
    const sum = values.reduce((total, { value, weight }) => total + value * weight, 0);
    tally.clusters++;
    tally.values += size;
    tally.sum += sum;
    tally.squares += values.reduce((total, { value, weight }) => total + weight * value * value, 0);
    tally.sumSquares += sum * sum;
    tally.sumSizes += sum * size;
    tally.sizeSquares += size ** 2;
  }
  return tally;
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
