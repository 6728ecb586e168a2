/**
 * p-values of several questions, so that of those that are answered with yes at most a share α is wrong (Benjamini and
 * Hochberg, Journal of the Royal Statistical Society B 57, 1995).
 * @returns in the same order, each no smaller than it was.
 */
export function adjustedPValues(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((one, other) => pValues[other]! - pValues[one]!);
  const adjusted = [...pValues];
  let least = 1;
  order.forEach((place, index) => {
    least = Math.min(least, (pValues[place]! * pValues.length) / (pValues.length - index));
    adjusted[place] = least;
  });
  return adjusted;
}
