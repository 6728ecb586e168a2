/** An end of an attempt to get a better model. */
export interface Attempt {
  /** When it started, or when the candidate was registered: ISO 8601, UTC. */
  readonly at: string;
  /** `undecided` says nothing yet: it runs, was stopped by a person, or its candidate waits. */
  readonly outcome: "failed" | "successful" | "undecided";
}

/** What became of a pipeline execution: one that succeeded is judged by its candidate. */
export function executionOutcome(status: string): Attempt["outcome"] {
  return status === "Failed" ? "failed" : "undecided";
}

/** What became of a candidate. */
export function candidateOutcome(approval: string): Attempt["outcome"] {
  if (approval === "Rejected") return "failed";
  return approval === "Approved" ? "successful" : "undecided";
}

/** Failures since the last success, the newest attempt first counted. */
export function failuresInARow(attempts: readonly Attempt[]): number {
  const newestFirst = [...attempts].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  const success = newestFirst.findIndex(({ outcome }) => outcome === "successful");
  return newestFirst.slice(0, success < 0 ? undefined : success).filter(({ outcome }) => outcome === "failed").length;
}
