import { normalCdf, normalQuantile } from "./special";
import { signChange } from "./solve";

/**
 * Group-sequential tests: looks at planned or unplanned times, each spending a part of the error chance (Lan and DeMets,
 * Biometrika 70, 1983). Chances by recursive numerical integration (Armitage, McPherson and Rowe, JRSS A 132, 1969;
 * Jennison and Turnbull, Group Sequential Methods, chapter 19). `z` is the standardised difference of a look,
 * `information` 1 / its variance: z of two looks correlate by √(I₁/I₂).
 */
export interface Stage {
  /** Above 0, more than at the look before; only ratios count but for `drift`. */
  readonly information: number;
  /** The test ends where z is at or above it. */
  readonly upper: number;
  /** Or at or below it; -Infinity for none. */
  readonly lower: number;
}

/** Share of the error chance that is spent at a share `t` of the information: α tᵠ (Kim and DeMets, 1987). */
export function spent(alpha: number, t: number, phi: number): number {
  return alpha * Math.min(1, Math.max(0, t)) ** phi;
}

/** Chances to end at each look. */
export interface Crossings {
  readonly upper: readonly number[];
  readonly lower: readonly number[];
}

/**
 * @param drift the difference that is true, in the unit whose variance is 1 / information: z has the mean drift √I.
 */
export function crossings(stages: readonly Stage[], drift: number): Crossings {
  const upper: number[] = [];
  const lower: number[] = [];
  let density: Density | undefined;
  stages.forEach(({ information, upper: high, lower: low }, look) => {
    const step = stepTo(density, information, drift);
    upper.push(step.above(high));
    lower.push(low === -Infinity ? 0 : step.below(low));
    density = between(step, low, high, information, stages[look + 1]?.information);
  });
  return { upper, lower };
}

/** What a spending plan asks of each look. */
export interface SpendingPlan {
  /** Of each look, increasing. */
  readonly information: readonly number[];
  /** Error chance spent up to and with each look, on one side; never falls. */
  readonly spent: readonly number[];
}

/** Beyond it a look practically cannot end the test: what ldbounds and Spotify's solver truncate at. */
export const widestBound = 8;
/** Of a bound. */
const precision = 1e-9;
const maxRounds = 20;
/** So little spending is none. */
const leastSpending = 1e-12;

/** Upper bounds of z that spend as planned while the lower side is open; a symmetric test mirrors them. */
export function spendingBounds(plan: SpendingPlan): number[] {
  const bounds: number[] = [];
  let density: Density | undefined;
  let used = 0;
  plan.information.forEach((information, look) => {
    const step = stepTo(density, information, 0);
    const wanted = plan.spent[look]! - used;
    const open = wanted < leastSpending || step.above(widestBound) >= wanted;
    const bound = open ? widestBound : boundOf(step, wanted);
    used += step.above(bound);
    bounds.push(bound);
    density = between(step, -Infinity, bound, information, plan.information[look + 1]);
  });
  return bounds;
}

/** Newton's method on the logarithm of the tail, which is nearly a parabola; bisection where that leaves the range. */
function boundOf(step: Step, wanted: number): number {
  let z = Math.min(widestBound, -normalQuantile(Math.min(wanted, 0.5)));
  for (let round = 0; round < maxRounds; round++) {
    const tail = step.above(z);
    const move = (tail / step.density(z)) * Math.log(tail / wanted);
    z += move;
    if (!(Math.abs(z) < widestBound)) break;
    if (Math.abs(move) < precision) return z;
  }
  return signChange((place) => wanted - step.above(place), -widestBound, widestBound, precision);
}

/** Density of z at a look, of the runs that go on: points with the weights of Simpson's rule. */
interface Density {
  readonly information: number;
  readonly z: Float64Array;
  readonly mass: Float64Array;
}

/** From the runs that go on after a look to the next one. */
interface Step {
  readonly mean: number;
  above(z: number): number;
  below(z: number): number;
  density(z: number): number;
}

/** Deviations from its mean within which all of a normal value lies, for our purpose. */
const reach = 8.5;
/** Points of the grid in a deviation of z; and in one of the next step, which is small where looks lie close. */
const fineness = { z: 24, step: 6 } as const;
const normalise = 1 / Math.sqrt(2 * Math.PI);

function stepTo(before: Density | undefined, information: number, drift: number): Step {
  const root = Math.sqrt(information);
  const mean = drift * root;
  if (!before)
    return {
      mean,
      above: (z) => normalCdf(mean - z),
      below: (z) => normalCdf(z - mean),
      density: (z) => normalise * Math.exp(-((z - mean) ** 2) / 2),
    };
  const gained = information - before.information;
  const spread = Math.sqrt(gained);
  const slope = Math.sqrt(before.information) / spread;
  // Given z before, the score z √I moves by drift Δ on average, with variance Δ.
  const offset = (z: number): number => (z * root - drift * gained) / spread;
  const total = (of: (standardised: number) => number): number => {
    let sum = 0;
    for (let index = 0; index < before.z.length; index++) sum += before.mass[index]! * of(before.z[index]! * slope);
    return sum;
  };
  const first = before.z[0] ?? 0;
  const spacing = (before.z[1] ?? 1) - first;
  return {
    mean,
    above: (z) => total((from) => normalCdf(from - offset(z))),
    below: (z) => total((from) => normalCdf(offset(z) - from)),
    density: (z) => {
      const to = offset(z);
      const nearest = Math.max(0, Math.ceil(((to - reach) / slope - first) / spacing));
      const farthest = Math.min(before.z.length - 1, ((to + reach) / slope - first) / spacing);
      let sum = 0;
      for (let index = nearest; index <= farthest; index++)
        sum += before.mass[index]! * Math.exp(-((to - before.z[index]! * slope) ** 2) / 2);
      return ((normalise * root) / spread) * sum;
    },
  };
}

/**
 * Density of z between the bounds of a look, on an even grid that is fine enough for the step that follows.
 * @param next information of the next look; without one, nobody asks.
 */
function between(
  step: Step,
  low: number,
  high: number,
  information: number,
  next: number | undefined,
): Density | undefined {
  if (next === undefined) return undefined;
  const [from, to] = [Math.max(low, step.mean - reach), Math.min(high, step.mean + reach)];
  const finest = Math.min(1 / fineness.z, Math.sqrt(next / information - 1) / fineness.step);
  const pairs = to > from ? Math.ceil((to - from) / finest / 2) : 0;
  const spacing = (to - from) / (2 * pairs);
  const z = Float64Array.from({ length: pairs > 0 ? 2 * pairs + 1 : 0 }, (_, index) => from + index * spacing);
  const mass = z.map((place, index) => {
    const weight = index === 0 || index === 2 * pairs ? 1 : index % 2 === 1 ? 4 : 2;
    return ((weight * spacing) / 3) * step.density(place);
  });
  return { information, z, mass };
}
