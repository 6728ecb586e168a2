import type { Interval } from "./confidence-sequence";
import { signChange } from "./solve";
import { studentCdf } from "./special";
import { studentQuantile } from "./student";

/** What is believed of a value under one of several models: Student's t around a mean. */
export interface StudentPart {
  /** All together 1. */
  readonly weight: number;
  readonly mean: number;
  readonly deviation: number;
  readonly degrees: number;
}

/** Chance that the value lies below `x`. */
function mixtureCdf(parts: readonly StudentPart[], x: number): number {
  return parts.reduce(
    (sum, { weight, mean, deviation, degrees }) => sum + weight * studentCdf((x - mean) / deviation, degrees),
    0,
  );
}

export function mixtureMean(parts: readonly StudentPart[]): number {
  return parts.reduce((sum, { weight, mean }) => sum + weight * mean, 0);
}

/** Deviation of the parts' middles and of each around its own, without what Student's tails add. */
export function mixtureDeviation(parts: readonly StudentPart[]): number {
  const middle = mixtureMean(parts);
  return Math.sqrt(
    parts.reduce((sum, { weight, mean, deviation }) => sum + weight * (deviation ** 2 + (mean - middle) ** 2), 0),
  );
}

/** Twice the smaller tail beyond 0. */
export function mixturePValue(parts: readonly StudentPart[]): number {
  const below = mixtureCdf(parts, 0);
  const above = mixtureCdf(
    parts.map((part) => ({ ...part, mean: -part.mean })),
    0,
  );
  return Math.min(1, 2 * Math.min(below, above));
}

/** With the same chance on either side. @param level such as 0.95. */
export function mixtureInterval(parts: readonly StudentPart[], level: number): Interval {
  return { low: mixtureQuantile(parts, (1 - level) / 2), high: mixtureQuantile(parts, (1 + level) / 2) };
}

function mixtureQuantile(parts: readonly StudentPart[], p: number): number {
  const ends = parts.map(({ mean, deviation, degrees }) => mean + deviation * studentQuantile(p, degrees));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  if (low === high) return low;
  return signChange((x) => mixtureCdf(parts, x) - p, low, high, 1e-9 * (high - low));
}
