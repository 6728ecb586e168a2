/** Steps of a bisection: an interval as wide as a double's range shrinks below its precision in fewer. */
const maxSteps = 200;

/**
 * Where a function that need not be smooth changes its sign: bisection.
 * @param f has different signs at `low` and `high`, or is 0 at one of them.
 * @param precision of the place; down to the last digits where nothing is said.
 */
export function signChange(f: (x: number) => number, low: number, high: number, precision = 0): number {
  const rising = f(high) > 0;
  let [left, right] = [low, high];
  for (let step = 0; step < maxSteps && right - left > precision; step++) {
    const middle = (left + right) / 2;
    if (middle <= left || middle >= right) break;
    if (f(middle) > 0 === rising) right = middle;
    else left = middle;
  }
  return (left + right) / 2;
}

/** The smallest power of two, from `start` on, at which `f` is above 0. @returns Infinity where there is none. */
export function firstPositive(f: (x: number) => number, start = 1): number {
  for (let x = start; Number.isFinite(x); x *= 2) if (f(x) > 0) return x;
  return Infinity;
}

const golden = (Math.sqrt(5) - 1) / 2;

/** Where a function with one valley is lowest (golden-section search), to a part in a million of the interval. */
export function lowest(f: (x: number) => number, low: number, high: number): number {
  let [left, right] = [low, high];
  let [a, b] = [right - golden * (right - left), left + golden * (right - left)];
  let [atA, atB] = [f(a), f(b)];
  while (right - left > 1e-9 * (high - low)) {
    if (atA < atB) {
      [right, b, atB] = [b, a, atA];
      a = right - golden * (right - left);
      atA = f(a);
    } else {
      [left, a, atA] = [a, b, atB];
      b = left + golden * (right - left);
      atB = f(b);
    }
  }
  return (left + right) / 2;
}
