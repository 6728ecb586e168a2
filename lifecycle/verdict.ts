/** A decision a person can read: what, and why. */
export interface Decision<Verdict extends string> {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}
