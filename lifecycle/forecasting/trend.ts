import { type Point, whiten, type Whitening, whitening } from "./autocorrelation";

/** How a level changes: by as much each day, or once. */
export type Change = "slope" | "step";

/**
 * What may be going on in a series: its level stays, has a slope since some day, or has made a step. Every combination of a day, of how
 * steep slopes are and of how strongly days remember each other is one model; each is fitted by generalised least
 * squares, and weighed by how well it explains the series (its marginal likelihood: any level, the noise's size by
 * Jeffreys' prior, the slope by a normal prior in units of the noise; Raftery, Madigan and Hoeting, "Bayesian model
 * averaging for linear regression models", JASA 92, 1997). So an estimate knows what is not known: whether and when a
 * trend began, how autocorrelated the noise is, how large.
 */
export interface Fit {
  /** Share of belief, all together 1. */
  readonly weight: number;
  /** Autocorrelation from a day to the next. */
  readonly phi: number;
  /** Undefined where the level stays. */
  readonly change: Change | undefined;
  /** Last day of the old level. */
  readonly begin: number;
  readonly level: number;
  /** Change a day, or the size of the step. */
  readonly size: number;
  /** In units of the noise's variance, as the other two. */
  readonly levelVariance: number;
  readonly sizeVariance: number;
  readonly covariance: number;
  /** Estimate of the noise's variance. */
  readonly noiseVariance: number;
  readonly degrees: number;
}

export interface TrendPrior {
  /** Belief that nothing changes, before any data. */
  readonly steady: number;
  /** Typical slopes of what changes, in standard deviations of the noise a day; each alike. */
  readonly slopes: readonly number[];
  /** Belief that the change is a step, and typical steps, in standard deviations of the noise. */
  readonly step: number;
  readonly steps: readonly number[];
  /** Belief that a known change, such as a release, was a step and all there was. */
  readonly knownStep: number;
  /** Autocorrelations from a day to the next, and belief in each before any data; the beliefs add up to 1. */
  readonly phis: readonly (readonly [phi: number, belief: number])[];
  /** Least days that a slope must have lasted, and that must have followed a step. */
  readonly minDays: number;
  readonly minStepDays: number;
}

/**
 * Suspicious on purpose: a warning needs 80 per cent, three days in a row, and with this prior quiet series are warned
 * as rarely as they may be (docs/forecasts.md has the table).
 */
export const suspicious: TrendPrior = {
  steady: 0.25,
  slopes: [0.12, 0.4],
  step: 0.1,
  steps: [4],
  knownStep: 0.5,
  phis: [
    [0, 0.2],
    [0.2, 0.2],
    [0.4, 0.2],
    [0.6, 0.2],
    [0.75, 0.15],
    [0.9, 0.05],
  ],
  minDays: 5,
  minStepDays: 2,
};

/** Models that are so much less likely than the best (e to the power of -9) say nothing. */
const negligible = 9;

/**
 * All models of a series that matter, the weights adding up to 1.
 * @param points at least three.
 * @param known days after which the level may well have made a step, such as those of releases.
 */
export function fitTrends(
  points: readonly Point[],
  prior: TrendPrior = suspicious,
  known: readonly number[] = [],
): Fit[] {
  const candidates = candidatesOf(points, prior, known);
  const found: Solution[] = [];
  for (const [phi, belief] of prior.phis) found.push(...fitWith(points, candidates, phi, belief));
  const most = found.reduce((max, { logWeight }) => Math.max(max, logWeight), -Infinity);
  const likely = found.filter(({ logWeight }) => logWeight > most - negligible);
  const total = likely.reduce((sum, { logWeight }) => sum + Math.exp(logWeight - most), 0);
  return likely.map((solution) => fitOf(solution, Math.exp(solution.logWeight - most) / total, points.length - 1));
}

/** The same models under another belief that nothing changes: intervals are neutral, warnings suspicious. */
export function believing(fits: readonly Fit[], steady: number, before: number = suspicious.steady): Fit[] {
  const factor = steady / (1 - steady) / (before / (1 - before));
  const weighed = fits.map((fit) => (fit.change === undefined ? { ...fit, weight: fit.weight * factor } : fit));
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  return weighed.map((fit) => ({ ...fit, weight: fit.weight / total }));
}

/** A change that a model may have, before any data. */
interface Candidate {
  readonly change: Change | undefined;
  readonly begin: number;
  /** Standard deviation of its size, in those of the noise. */
  readonly scale: number;
  readonly belief: number;
}

/** No change, and every change, each day and size alike; the beliefs add up to 1. */
function candidatesOf(points: readonly Point[], prior: TrendPrior, known: readonly number[]): Candidate[] {
  const of = (change: Change, begins: readonly number[], scales: readonly number[], belief: number): Candidate[] => {
    const each = belief / (begins.length * scales.length);
    return begins.flatMap((begin) => scales.map((scale) => ({ change, begin, scale, belief: each })));
  };
  const rest = known.length > 0 ? 1 - prior.knownStep : 1;
  const moving = rest * (1 - prior.steady);
  return [
    { change: undefined, begin: points[0]!.day, scale: 1, belief: rest * prior.steady },
    ...of("slope", candidateDays(points, prior.minDays), prior.slopes, moving * (1 - prior.step)),
    ...of("step", candidateDays(points, prior.minStepDays), prior.steps, moving * prior.step),
    ...of("step", known, prior.steps, prior.knownStep),
  ];
}

/** Days after which the level may have changed: every other one at first, ever fewer further back, and the first. */
function candidateDays(points: readonly Point[], minDays: number): number[] {
  const first = points[0]!.day;
  const last = points.at(-1)!.day;
  const days: number[] = [];
  for (let back = minDays; last - back > first; back += back < 30 ? 2 : back < 60 ? 4 : 10) days.push(last - back);
  return last - first >= minDays ? [...days, first] : days;
}

/** How much of a change has happened by a day. */
export function progress(change: Change | undefined, begin: number, day: number): number {
  if (change === undefined || day <= begin) return 0;
  return change === "step" ? 1 : day - begin;
}

/** Least squares of one model, before its weight is known among the others. */
interface Solution {
  readonly candidate: Candidate;
  readonly logWeight: number;
  readonly phi: number;
  readonly level: number;
  readonly size: number;
  readonly residual: number;
  /** Sums of squares and products of the whitened columns, the change's with its prior. */
  readonly oo: number;
  readonly oc: number;
  readonly cc: number;
}

/** All models of one autocorrelation. */
function fitWith(points: readonly Point[], candidates: readonly Candidate[], phi: number, share: number): Solution[] {
  const white = whitening(points, phi);
  const y = whiten(
    points.map(({ value }) => value),
    white,
  );
  const one = whiten(new Float64Array(points.length).fill(1), white);
  const [yy, yo, oo] = [dot(y, y), dot(y, one), dot(one, one)];
  const degrees = points.length - 1;
  return candidates.map((candidate) => {
    const { change, scale, belief } = candidate;
    const [yc, oc, plain] = change === undefined ? [0, 0, 0] : changeProducts(points, candidate, y, one, white);
    const precision = 1 / (scale * scale);
    const cc = plain + precision;
    const determinant = oo * cc - oc * oc;
    const level = (cc * yo - oc * yc) / determinant;
    const size = (oo * yc - oc * yo) / determinant;
    const residual = positive(yy - level * yo - size * yc, yy);
    const logDeterminant = white.logDeterminant + Math.log(determinant / precision);
    const logWeight = Math.log(share * belief) - 0.5 * (logDeterminant + degrees * Math.log(residual));
    return { candidate, logWeight, phi, level, size, residual, oo, oc, cc };
  });
}

/**
 * Products with the column that says how much of the change has happened: with the values, with the level's column,
 * with itself. Whitened on the way; this is the costly part of a fit.
 */
function changeProducts(
  points: readonly Point[],
  { change, begin }: Candidate,
  y: Float64Array,
  one: Float64Array,
  { carry, scale }: Whitening,
): [yc: number, oc: number, cc: number] {
  let [yc, oc, cc] = [0, 0, 0];
  for (let index = points.length - 1; index >= 0; index--) {
    const now = progress(change, begin, points[index]!.day);
    if (now === 0) break;
    const inherited = index === 0 ? 0 : carry[index]! * progress(change, begin, points[index - 1]!.day);
    const c = (now - inherited) / scale[index]!;
    yc += y[index]! * c;
    oc += one[index]! * c;
    cc += c * c;
  }
  return [yc, oc, cc];
}

function fitOf({ candidate, phi, level, size, residual, oo, oc, cc }: Solution, weight: number, degrees: number): Fit {
  const { change, begin } = candidate;
  const shared = { weight, phi, change, begin, level, noiseVariance: residual / degrees, degrees };
  if (change === undefined) return { ...shared, size: 0, levelVariance: 1 / oo, sizeVariance: 0, covariance: 0 };
  const determinant = oo * cc - oc * oc;
  return {
    ...shared,
    size,
    levelVariance: cc / determinant,
    sizeVariance: oo / determinant,
    covariance: -oc / determinant,
  };
}

/** What is left of a sum of squares; a series without any noise has next to nothing left, never less. */
function positive(residual: number, all: number): number {
  return Math.max(residual, 1e-12 * all, Number.MIN_VALUE);
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += one[index]! * other[index]!;
  return sum;
}
