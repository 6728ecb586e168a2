import { studentCdf } from "../statistics/special";
import { power } from "./autocorrelation";
import { type Fit, progress } from "./trend";

/** What a model says of a day: a t distribution. */
export interface Estimate {
  readonly mean: number;
  readonly deviation: number;
  readonly degrees: number;
}

/** What all models say, each with its weight. */
export type Mixture = readonly (Estimate & { readonly weight: number })[];

/** The level of a day, present or future, without its noise. */
export function levelOn(fit: Fit, day: number): Estimate {
  const done = progress(fit.change, fit.begin, day);
  return estimate(fit, fit.level + fit.size * done, varianceOf(fit, 1, done));
}

/**
 * The value that will be measured on a day after the last one: the level, its noise, and what it inherits from the last
 * value.
 */
export function valueOn(fit: Fit, last: { readonly day: number; readonly value: number }, day: number): Estimate {
  const { change, begin, level, size, phi } = fit;
  const carry = power(phi, day - last.day);
  const before = progress(change, begin, last.day);
  const then = progress(change, begin, day);
  const mean = level + size * then + carry * (last.value - level - size * before);
  return estimate(fit, mean, varianceOf(fit, 1 - carry, then - carry * before) + 1 - carry * carry);
}

/** The value of a day of which nothing but the level is known: what is to be expected of any day. */
export function anyValueOn(fit: Fit, day: number): Estimate {
  const { mean, deviation, degrees } = levelOn(fit, day);
  return { mean, deviation: Math.hypot(deviation, Math.sqrt(fit.noiseVariance)), degrees };
}

function estimate({ noiseVariance, degrees }: Fit, mean: number, unitVariance: number): Estimate {
  return { mean, deviation: Math.sqrt(noiseVariance * unitVariance), degrees };
}

/** Of a combination of level and change, in units of the noise's variance. */
function varianceOf({ levelVariance, covariance, sizeVariance }: Fit, one: number, done: number): number {
  return one * one * levelVariance + 2 * one * done * covariance + done * done * sizeVariance;
}

/** What all models say together. */
export function mixture(fits: readonly Fit[], say: (fit: Fit) => Estimate): Mixture {
  return fits.map((fit) => ({ ...say(fit), weight: fit.weight }));
}

/** Chance to lie above a value. */
export function chanceAbove(mixed: Mixture, value: number): number {
  return mixed.reduce((sum, { weight, mean, deviation, degrees }) => {
    // Without any spread, the value is the mean.
    const t = deviation > 0 ? (mean - value) / deviation : (mean - value) * Infinity || -Infinity;
    return sum + weight * studentCdf(t, degrees);
  }, 0);
}

export function meanOf(mixed: Mixture): number {
  return mixed.reduce((sum, { weight, mean }) => sum + weight * mean, 0);
}

/** Halves the range to a millionth. */
const halvings = 24;

/** The value below which a share lies, by bisection. @param share above 0 and below 1. */
export function quantile(mixed: Mixture, share: number): number {
  const spread = Math.max(...mixed.map(({ deviation }) => deviation));
  let [low, high] = [Math.min(...mixed.map(({ mean }) => mean)), Math.max(...mixed.map(({ mean }) => mean))];
  for (let step = spread || 1; chanceAbove(mixed, low) < 1 - share; step *= 2) low -= step;
  for (let step = spread || 1; chanceAbove(mixed, high) > 1 - share; step *= 2) high += step;
  for (let half = 0; half < halvings; half++) {
    const middle = (low + high) / 2;
    if (chanceAbove(mixed, middle) > 1 - share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
