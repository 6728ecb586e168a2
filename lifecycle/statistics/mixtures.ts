import { gammaCdf, gammaTail, logGamma, logIncompleteBeta, logNormalCdf } from "./special";
import { firstPositive, signChange } from "./solve";

/**
 * Mixture supermartingales of Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform, nonparametric, nonasymptotic
 * confidence sequences", Annals of Statistics 49(2), 2021 (arXiv 1810.08240): Propositions 5 to 9. `s` is the sum of
 * deviations so far, `v` its intrinsic time (variance process). The chance that `s` is ever above `bound(v, alpha)` is
 * at most `alpha`, however often one looks.
 */
export interface Mixture {
  /** Logarithm of the supermartingale: evidence against "the deviations have no positive mean". */
  logValue(s: number, v: number): number;
  /** The value of `s` at which the evidence is 1 / alpha. */
  bound(v: number, alpha: number): number;
}

/** When a mixture is to be tightest: at intrinsic time `v`, for error chance `alpha`. */
export interface Tuning {
  readonly v: number;
  /** 0.05 where nothing is said. */
  readonly alpha?: number;
}

const usualAlpha = 0.05;

/**
 * The mixing parameter that makes the two-sided normal mixture tightest at `v`: the closed approximation of the same
 * paper's section 3.5, ρ = v / (2 ln(1/α) + ln(1 + 2 ln(1/α))). One-sided mixtures take it with 2α.
 */
export function bestRho({ v, alpha = usualAlpha }: Tuning): number {
  const twice = 2 * Math.log(1 / alpha);
  return v / (twice + Math.log(1 + twice));
}

function oneSidedRho({ v, alpha = usualAlpha }: Tuning): number {
  return bestRho({ v, alpha: 2 * alpha });
}

/** Two-sided normal mixture (equation 14): `s` may be of either sign, the bound holds for its absolute value. */
export function normalMixture(tuning: Tuning): Mixture {
  return normalMixtureOf(bestRho(tuning));
}

/**
 * The same by its parameter. With ρ = σ²/τ² and sums of values with deviation σ it is the mSPRT of Johari, Pekelis and
 * Walsh (arXiv 1512.04922) with mixing variance τ².
 */
export function normalMixtureOf(rho: number): Mixture {
  return {
    logValue: (s, v) => 0.5 * Math.log(rho / (v + rho)) + (s * s) / (2 * (v + rho)),
    bound: (v, alpha) => Math.sqrt((v + rho) * (Math.log1p(v / rho) + 2 * Math.log(1 / alpha))),
  };
}

/** One-sided normal mixture (Proposition 6). */
export function oneSidedNormalMixture(tuning: Tuning): Mixture {
  const rho = oneSidedRho(tuning);
  return searched((s, v) => {
    const scale = v + rho;
    return 0.5 * Math.log((4 * rho) / scale) + (s * s) / (2 * scale) + logNormalCdf(s / Math.sqrt(scale));
  });
}

/**
 * Gamma-exponential mixture (Proposition 9), for sub-exponential sums of scale `c`: by its empirical-Bernstein form
 * (Theorem 4) for any values in a range of width `c`.
 */
export function gammaExponentialMixture(tuning: Tuning, c: number): Mixture {
  const shape = oneSidedRho(tuning) / c ** 2;
  const constant = shape * Math.log(shape) - logGamma(shape) - Math.log(gammaCdf(shape, shape));
  return searched((s, v) => {
    const time = v / c ** 2 + shape;
    const reached = (c * s + v) / c ** 2;
    const tail = Math.log(gammaCdf(time, reached + shape));
    return constant + logGamma(time) + tail - time * Math.log(reached + shape) + reached;
  });
}

/** Gamma-Poisson mixture (Proposition 10 in its extended version), for sub-Poisson sums of scale `c`. */
export function gammaPoissonMixture(tuning: Tuning, c: number): Mixture {
  const shape = oneSidedRho(tuning) / c ** 2;
  const constant = shape * Math.log(shape) - logGamma(shape) - Math.log(gammaTail(shape, shape));
  return searched((s, v) => {
    const time = v / c ** 2 + shape;
    const reached = s / c + time;
    return constant + logGamma(reached) + Math.log(gammaTail(reached, time)) - reached * Math.log(time) + v / c ** 2;
  });
}

/**
 * Beta-binomial mixture (Propositions 7 and 8), for sums of centred values that are `-g` or `h`: of Bernoulli values
 * with chance p, g = p and h = 1 - p.
 */
export function betaBinomialMixture(tuning: Tuning, g: number, h: number, sides: 1 | 2): Mixture {
  const rho = sides === 1 ? oneSidedRho(tuning) : bestRho(tuning);
  // Below, the mixing density is wider than the range of the mean.
  const r = Math.max(rho - g * h, 1e-3 * g * h);
  const upTo = sides === 1 ? h / (g + h) : 1;
  const beta = (down: number, up: number) => logIncompleteBeta(down / (g * (g + h)), up / (h * (g + h)), upTo);
  const constant = beta(r, r);
  const logValue = (s: number, v: number): number =>
    (v / (g * h)) * Math.log(g + h) -
    ((v + h * s) / (h * (g + h))) * Math.log(g) -
    ((v - g * s) / (g * (g + h))) * Math.log(h) +
    beta(r + v - g * s, r + v + h * s) -
    constant;
  // All values were `h` at most: a sum cannot be above v / g.
  return searched(logValue, (v) => v / g);
}

/** A mixture whose bound is looked for, up to what `s` can be at all. */
function searched(logValue: (s: number, v: number) => number, most: (v: number) => number = () => Infinity): Mixture {
  return {
    logValue,
    bound: (v, alpha) => {
      const missing = (s: number): number => logValue(s, v) - Math.log(1 / alpha);
      const ceiling = Math.min(most(v), firstPositive(missing, Math.max(v, 1e-12)));
      return missing(ceiling) <= 0 ? ceiling : signChange(missing, 0, ceiling);
    },
  };
}

/** Riemann's zeta function at 1.4. */
const zeta = 3.1055472779775806;
const exponent = 1.4;
const ratio = 2;

/**
 * Polynomial stitched bound (Theorem 1, equation 10; s = 1.4, η = 2): no tuning to a time, and as narrow as the law of
 * the iterated logarithm allows in the long run; wider than a mixture where that is tuned.
 * @param least intrinsic time from which on it grows; before, it is flat.
 * @param c scale of a sub-gamma sum; 0 for a sub-Gaussian one.
 */
export function stitchedBound(v: number, alpha: number, least: number, c = 0): number {
  const time = Math.max(v, least);
  const level =
    exponent * Math.log(Math.log((ratio * time) / least)) +
    Math.log(zeta / Math.log(ratio) ** exponent) +
    Math.log(1 / alpha);
  const slope = (ratio ** 0.25 + ratio ** -0.25) / Math.SQRT2;
  const shift = ((Math.sqrt(ratio) + 1) / 2) * c * level;
  return Math.sqrt(slope ** 2 * time * level + shift ** 2) + shift;
}
