import { mixtureBounds } from "../../../lifecycle/statistics/confidence-sequence";
import { spendingBounds, spent } from "../../../lifecycle/statistics/group-sequential";
import { normalMixtureOf } from "../../../lifecycle/statistics/mixtures";
import { nonInferiority } from "../../../lifecycle/statistics/non-inferiority";
import { fixedPower } from "../../../lifecycle/statistics/power";
import { normalQuantile } from "../../../lifecycle/statistics/special";
import { Random } from "../random";

/** Two arms of normal values, compared at evenly spread looks: what tests do when nothing, or `effect`, is true. */
const units = 504;
const effect = 0.2;
const alpha = 0.05;

export interface Test {
  readonly name: string;
  /** z that ends it at each look. @param information of each look for a deviation of 1. */
  bounds(information: readonly number[]): number[];
}

const largest = (information: readonly number[]): number => information.at(-1)!;

export const tests: readonly Test[] = [
  { name: "peeking", bounds: (looks) => looks.map(() => -normalQuantile(alpha / 2)) },
  { name: "Bonferroni", bounds: (looks) => looks.map(() => -normalQuantile(alpha / 2 / looks.length)) },
  {
    name: "group-sequential",
    bounds: (information) =>
      spendingBounds({ information, spent: information.map((at) => spent(alpha / 2, at / largest(information), 2)) }),
  },
  { name: "always-valid", bounds: (information) => mixtureBounds(information, alpha, largest(information)) },
  {
    name: "mSPRT, tau 0.2",
    // Information of the difference is half the units; ρ = 1 / τ² in it.
    bounds: (information) => information.map((at) => normalMixtureOf(1 / 0.2 ** 2).bound(at, alpha) / Math.sqrt(at)),
  },
];

export interface Operation {
  readonly falsePositives: number;
  readonly power: number;
  /** Units an arm until the end, where the effect is true. */
  readonly meanUnits: number;
}

export function operationOf({ bounds }: Test, looks: number, runs: number, seed: number): Operation {
  const information = Array.from({ length: looks }, (_, look) => (((look + 1) / looks) * units) / 2);
  const at = bounds(information);
  const random = new Random(seed);
  const ends = (drift: number): { crossed: number; upper: number; used: number } => {
    let [crossed, upper, used] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      let [score, before, look] = [0, 0, 0];
      for (; look < looks; look++) {
        const gained = information[look]! - before;
        before = information[look]!;
        score += drift * gained + Math.sqrt(gained) * random.normal();
        if (Math.abs(score) / Math.sqrt(before) < at[look]!) continue;
        crossed++;
        if (score > 0) upper++;
        break;
      }
      used += (units * Math.min(look + 1, looks)) / looks;
    }
    return { crossed: crossed / runs, upper: upper / runs, used: used / runs };
  };
  const [none, some] = [ends(0), ends(effect)];
  return { falsePositives: none.crossed, power: some.upper, meanUnits: some.used };
}

/** Share of truly equal pairs that a one-sided sequence proves to be no worse by 0.2 deviations. @param times as many units. */
export function nonInferiorPromotions(times: number, looks: number, runs: number, seed: number): number {
  const random = new Random(seed);
  const most = (times * units) / 2;
  const information = Array.from({ length: looks }, (_, look) => ((look + 1) / looks) * most);
  let proven = 0;
  for (let run = 0; run < runs; run++) {
    let [score, before] = [0, 0];
    const found = information.some((at) => {
      score += Math.sqrt(at - before) * random.normal();
      before = at;
      const difference = { mean: score / at, variance: 1 / at, units: 2 * at };
      return nonInferiority(difference, effect, alpha, units / 2).verdict === "no worse";
    });
    if (found) proven++;
  }
  return proven / runs;
}

/** Power of a test with one look, at the end. */
export function powerOfOneLook(): number {
  return fixedPower({ variance: 2 / units, alpha, sides: 2 }, effect);
}
