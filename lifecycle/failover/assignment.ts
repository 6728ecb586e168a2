import { createHash } from "node:crypto";
import { championVariant } from "../../contract/variants";

/** A variant of an endpoint, with its share of the traffic. */
export interface WeightedVariant {
  readonly name: string;
  /** Relative to the others' weights. */
  readonly weight: number;
}

/**
 * The variant that answers all images of a flight as long as an experiment runs; undefined where there is nothing to
 * choose. A flight's place between 0 and 1 is fixed, and the champion has the upper end: while a challenger's share
 * grows, flights move to it and none moves back.
 * @param experiment names the experiment: another one draws anew.
 */
export function assignVariant(
  unit: string,
  experiment: string,
  variants: readonly WeightedVariant[],
): string | undefined {
  if (variants.length < 2) return undefined;
  const ordered = [...variants].sort(
    (one, other) =>
      Number(one.name === championVariant) - Number(other.name === championVariant) || (one.name < other.name ? -1 : 1),
  );
  const total = ordered.reduce((sum, { weight }) => sum + weight, 0);
  if (total <= 0) return undefined;
  const place = placeOf(unit, experiment) * total;
  let end = 0;
  for (const { name, weight } of ordered) {
    end += weight;
    if (place < end) return name;
  }
  // Sums of weights round.
  return ordered.findLast(({ weight }) => weight > 0)!.name;
}

/** Uniform in [0, 1): 48 bits of a hash. */
function placeOf(unit: string, experiment: string): number {
  return (
    createHash("sha256")
      .update(JSON.stringify([experiment, unit]))
      .digest()
      .readUIntBE(0, 6) /
    2 ** 48
  );
}
