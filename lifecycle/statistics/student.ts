import { asStudent } from "./difference";
import { signChange } from "./solve";
import { normalQuantile, studentCdf } from "./special";

/** The value that a t-distributed one lies below with chance `p`. @param degrees of freedom, above 0. */
export function studentQuantile(p: number, degrees: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  let high = Math.max(1, degrees > 5 ? 2 * asStudent(normalQuantile(p), degrees) : 2);
  // By the lower tail, which keeps its digits.
  const missing = (t: number): number => 1 - p - studentCdf(-t, degrees);
  while (missing(high) < 0) high *= 2;
  return signChange(missing, 0, high, 1e-12 * high);
}
