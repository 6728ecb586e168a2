/**
 * Student's t distribution, as far as forecasts need it: the chance to be below a value. By the regularised incomplete
 * beta function, its continued fraction evaluated by the modified Lentz method (Press et al., Numerical Recipes, 3rd
 * edition, section 6.4; DLMF 8.17.22). Compared with SciPy's values to 1e-10 (`test/lifecycle/forecasting/student.spec.ts`).
 */

/** Chance that a t-distributed value lies below `t`. @param degrees of freedom, above 0. */
export function studentCdf(t: number, degrees: number): number {
  if (t === Infinity) return 1;
  if (t === -Infinity) return 0;
  const tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** The last parameters' constant: a forecast asks for the same degrees of freedom hundreds of times. */
let known = { a: NaN, b: NaN, logBeta: NaN };

function logBeta(a: number, b: number): number {
  if (known.a !== a || known.b !== b) known = { a, b, logBeta: logGamma(a) + logGamma(b) - logGamma(a + b) };
  return known.logBeta;
}

/** I_x(a, b), 0 <= x <= 1. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b));
  // The fraction converges fast on the left of the mean only; the other side is its mirror.
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const tiny = 1e-300;
const precision = 1e-15;
const maxTerms = 500;

function betaFraction(x: number, a: number, b: number): number {
  const safe = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= maxTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < precision) break;
  }
  return fraction;
}

/** Lanczos' approximation, g = 7, nine terms (Godfrey's coefficients): relative error below 1e-14 above 0.5. */
const lanczos: readonly number[] = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function logGamma(x: number): number {
  const shifted = x - 1;
  const base = shifted + 7.5;
  const sum = lanczos.slice(1).reduce((total, term, index) => total + term / (shifted + index + 1), lanczos[0]!);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}
