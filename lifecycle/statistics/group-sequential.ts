import { normalCdf } from "./special";
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
    density = step.within(low, high, stages[look + 1]?.information);
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
    const bound = open ? widestBound : signChange((z) => wanted - step.above(z), -widestBound, widestBound, precision);
    used += step.above(bound);
    bounds.push(bound);
    density = step.within(-Infinity, bound, plan.information[look + 1]);
  });
  return bounds;
}

/** Density of z at a look, of the runs that go on: points with the weights of Simpson's rule. */
interface Density {
  readonly information: number;
  readonly z: Float64Array;
  readonly mass: Float64Array;
}

interface Step {
  above(z: number): number;
  below(z: number): number;
  /** @param next information of the look that the density is for. */
  within(low: number, high: number, next: number | undefined): Density | undefined;
}

/** Deviations from its mean within which all of a normal value lies, for our purpose. */
const reach = 8.5;
/** Points of the grid in a deviation of z; and in one of the next step, which is small where looks lie close. */
const fineness = { z: 24, step: 6 } as const;
const normalise = 1 / Math.sqrt(2 * Math.PI);

function stepTo(before: Density | undefined, information: number, drift: number): Step {
  const root = Math.sqrt(information);
  const mean = drift * root;
  const within =
    (at: (z: number) => number): Step["within"] =>
    (low, high, next) =>
      next === undefined
        ? undefined
        : densityOf(at, Math.max(low, mean - reach), Math.min(high, mean + reach), information, next);
  if (!before)
    return {
      above: (z) => normalCdf(mean - z),
      below: (z) => normalCdf(z - mean),
      within: within((z) => normalise * Math.exp(-((z - mean) ** 2) / 2)),
    };
  const gained = information - before.information;
  const spread = Math.sqrt(gained);
  const slope = Math.sqrt(before.information) / spread;
  // Given z before, the score z √I moves by drift Δ on average, with variance Δ.
  const offset = (z: number): number => (z * root - drift * gained) / spread;
  const total = (of: (index: number) => number): number => {
    let sum = 0;
    for (let index = 0; index < before.z.length; index++) sum += before.mass[index]! * of(index);
    return sum;
  };
  const scale = (normalise * root) / spread;
  const first = before.z[0] ?? 0;
  const spacing = (before.z[1] ?? 1) - first;
  return {
    above: (z) => total((index) => normalCdf(before.z[index]! * slope - offset(z))),
    below: (z) => total((index) => normalCdf(offset(z) - before.z[index]! * slope)),
    within: within((z) => {
      const from = Math.max(0, Math.ceil(((offset(z) - reach) / slope - first) / spacing));
      const to = Math.min(before.z.length - 1, ((offset(z) + reach) / slope - first) / spacing);
      let sum = 0;
      for (let index = from; index <= to; index++)
        sum += before.mass[index]! * Math.exp(-((offset(z) - before.z[index]! * slope) ** 2) / 2);
      return scale * sum;
    }),
  };
}

/** On an even grid, fine enough for the density and for the step that follows. */
function densityOf(at: (z: number) => number, low: number, high: number, information: number, next: number): Density {
  const finest = Math.min(1 / fineness.z, Math.sqrt(next / information - 1) / fineness.step);
  const pairs = high > low ? Math.ceil((high - low) / finest / 2) : 0;
  const spacing = (high - low) / (2 * pairs);
  const z = Float64Array.from({ length: pairs > 0 ? 2 * pairs + 1 : 0 }, (_, index) => low + index * spacing);
  const mass = z.map((place, index) => {
    const weight = index === 0 || index === 2 * pairs ? 1 : index % 2 === 1 ? 4 : 2;
    return ((weight * spacing) / 3) * at(place);
  });
  return { information, z, mass };
}
