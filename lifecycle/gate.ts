/** A decision a person can read: what, and why. */
export interface Decision<Verdict extends string> {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** What is known of a model package when somebody wants it released. */
export interface CandidateFacts {
  /** `Approved`, `Rejected`, `PendingManualApproval`. */
  readonly approval: string;
  /** Mean average precision at IoU 0.5 on the held-out test split, 0..1; undefined when the package carries no evaluation. */
  readonly map50: number | undefined;
  /** SHA-256 of the model archive as the pipeline measured it, hexadecimal. */
  readonly recordedSha256: string | undefined;
  /** SHA-256 of the archive as it lies in S3 now. */
  readonly actualSha256: string;
  readonly imageUri: string | undefined;
}

/**
 * Decides whether a model package may be released at all: approved by a person, evaluated, above the bar, and still the
 * very bytes that were evaluated.
 * @param minMap50 lowest acceptable mAP50, 0..1.
 */
export function gateRelease(candidate: CandidateFacts, minMap50: number): Decision<"release" | "refuse"> {
  const against: string[] = [];
  if (candidate.approval !== "Approved") against.push(`the package is ${candidate.approval || "without approval status"}, not Approved`);
  if (candidate.map50 === undefined) against.push("the package carries no evaluation (map50)");
  else if (!(candidate.map50 >= minMap50)) against.push(`mAP50 ${candidate.map50.toFixed(3)} is below the bar of ${minMap50.toFixed(3)}`);
  if (!candidate.recordedSha256) against.push("the package does not record the SHA-256 of its model archive");
  else if (candidate.recordedSha256 !== candidate.actualSha256)
    against.push(`the model archive is not the one that was evaluated: recorded ${candidate.recordedSha256}, found ${candidate.actualSha256}`);
  if (!candidate.imageUri) against.push("the package names no container image");
  if (against.length > 0) return { verdict: "refuse", reasons: against };
  return { verdict: "release", reasons: [`approved, mAP50 ${candidate.map50!.toFixed(3)} >= ${minMap50.toFixed(3)}, archive digest verified`] };
}
