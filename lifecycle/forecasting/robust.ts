/** Middle value; the mean of the two middle ones of an even number. @param values at least one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Makes the median absolute deviation of normal values their standard deviation. */
const normalConsistency = 1.4826;

/** Standard deviation that a few wild values do not move: the median absolute deviation, scaled. */
export function spreadOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const middle = median(values);
  return normalConsistency * median(values.map((value) => Math.abs(value - middle)));
}
