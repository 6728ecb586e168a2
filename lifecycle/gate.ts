import { type Champion, championChecks, type Check, type ComparisonPolicy, type Evaluation, isUnknown, type Unknown } from "./comparison";
import type { GoldenComparison } from "./golden";

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
  /** ARN of who changed the package last; undefined when the registry does not tell. */
  readonly modifiedBy?: string | undefined;
}

/** All that is known of a package before it is released over a champion. */
export interface Candidate extends CandidateFacts {
  readonly evaluation: Evaluation | Unknown;
  readonly golden: Pick<GoldenComparison, "verdict" | "share" | "images" | "reasons"> | Unknown;
}

export interface GatePolicy extends ComparisonPolicy {
  /** Lowest acceptable mAP50, 0..1. */
  readonly minMap50: number;
  /** p99 of the latency may not exceed this, whatever the champion's is. */
  readonly maxLatencyP99Ms: number;
  /** Lowest share of golden images that must agree, 0..1; or the golden set is asked later, on the endpoint itself. */
  readonly golden: { readonly minShare: number } | "asked-later";
  /** Approval statuses that may be released; see `acceptedApprovals`. */
  readonly approvals: readonly string[];
}

export const gateDefaults: Omit<GatePolicy, "minMap50"> = {
  nonInferiorityMargin: 0.02,
  sliceMargin: 0.05,
  minSliceBoxes: 20,
  latencyRatio: 1.5,
  maxLatencyP99Ms: 500,
  sizeRatio: 2,
  golden: { minShare: 0.8 },
  approvals: ["Approved"],
};

/**
 * The approval statuses that environments take. What a person approved may go everywhere. Staging also tries what still waits for
 * that decision, when it is asked for a trial, so that the decision can be made on evidence. Nothing takes what was rejected.
 */
export function acceptedApprovals(environments: readonly string[], trial: boolean): readonly string[] {
  return trial && environments.every((name) => name === "staging") ? ["Approved", "PendingManualApproval"] : ["Approved"];
}

export interface GateDecision extends Decision<"release" | "refuse"> {
  readonly checks: readonly Check[];
}

/**
 * Decides whether a model package may be released at all: approved by a person, evaluated, above the bar, and still the
 * very bytes that were evaluated.
 * @param minMap50 lowest acceptable mAP50, 0..1.
 */
export function gateRelease(candidate: CandidateFacts, minMap50: number): Decision<"release" | "refuse"> {
  const against = packageChecks(candidate, minMap50, gateDefaults.approvals).filter(({ ok }) => !ok);
  if (against.length > 0) return { verdict: "refuse", reasons: against.map(({ text }) => text) };
  return { verdict: "release", reasons: [`approved, mAP50 ${candidate.map50!.toFixed(3)} >= ${minMap50.toFixed(3)}, archive digest verified`] };
}

/**
 * Decides whether a package may take the champion's place: what `gateRelease` asks, and that it is not worse, overall, in any slice, in
 * latency or in size. What is not known speaks against it. The reasons are those against, or, of a release, all.
 */
export function gateCandidate(candidate: Candidate, champion: Champion, policy: GatePolicy): GateDecision {
  const { evaluation, actualSha256 } = candidate;
  const checks = [
    ...packageChecks(candidate, policy.minMap50, policy.approvals),
    evaluationCheck(candidate),
    ...(isUnknown(evaluation) ? [] : [...championChecks(evaluation, actualSha256, champion, policy), ceilingCheck(evaluation, policy.maxLatencyP99Ms)]),
    goldenCheck(candidate.golden, policy.golden),
  ];
  const against = checks.filter(({ ok }) => !ok);
  return { verdict: against.length > 0 ? "refuse" : "release", reasons: (against.length > 0 ? against : checks).map(({ text }) => text), checks };
}

function packageChecks(candidate: CandidateFacts, minMap50: number, approvals: readonly string[]): Check[] {
  const { approval, map50, recordedSha256: recorded, actualSha256: actual, imageUri } = candidate;
  const good = map50 !== undefined && map50 >= minMap50;
  return [
    approvalCheck(approval, approvals),
    untouchedCheck(candidate),
    {
      name: "bar", ok: good, value: map50 ?? null, bound: minMap50,
      text: map50 === undefined ? "the package carries no evaluation (map50)" : `mAP50 ${map50.toFixed(3)} is ${good ? "at least" : "below"} the bar of ${minMap50.toFixed(3)}`,
    },
    {
      name: "digest", ok: Boolean(recorded) && recorded === actual, value: actual, bound: recorded ?? null,
      text: !recorded
        ? "the package does not record the SHA-256 of its model archive"
        : recorded === actual
          ? "archive digest verified"
          : `the model archive is not the one that was evaluated: recorded ${recorded}, found ${actual}`,
    },
    { name: "image", ok: Boolean(imageUri), value: imageUri ?? null, bound: null, text: imageUri ? `served by ${imageUri}` : "the package names no container image" },
  ];
}

function approvalCheck(approval: string, accepted: readonly string[]): Check {
  const ok = accepted.includes(approval);
  const text = !ok ? `the package is ${approval || "without approval status"}, not ${accepted.join(" or ")}` : approval === "Approved" ? "approved" : "not decided yet: tried where candidates are tried";
  return { name: "approval", ok, value: approval, bound: accepted.join(" or "), text };
}

/** Sessions of the platform's roles that decide: approvers alone (release builds reject, and a rejection is no approval). */
const decides = /:assumed-role\/peregrine-[a-z]+-approver\//;
/** Sessions of the platform's roles, and profiles of Studio. Whoever else there is administers the account. */
const ours = /:assumed-role\/peregrine-|:user-profile\//;

/**
 * An approval is about the package as it was then. Any update of it since, whatever it changed, is somebody else's word behind the approver's:
 * the last one who touched an approved package must be who decides.
 */
function untouchedCheck({ approval, modifiedBy }: CandidateFacts): Check {
  const touched = approval === "Approved" && modifiedBy !== undefined && ours.test(modifiedBy) && !decides.test(modifiedBy);
  const text = touched ? `the package was edited after its approval by ${modifiedBy}: have it approved again` : "nobody has edited the package since it was decided about";
  return { name: "untouched", ok: !touched, value: modifiedBy ?? null, bound: null, text };
}

/** The pipeline writes mAP50 into the registry as text; rounding of it is no contradiction. */
const sameMap50Within = 1e-3;

/** The evaluation must be of these bytes, and say what the registry says. */
function evaluationCheck({ evaluation, actualSha256, map50 }: Candidate): Check {
  const about = (ok: boolean, value: string | null, text: string): Check => ({ name: "evaluation", ok, value, bound: actualSha256, text });
  if (isUnknown(evaluation)) return about(false, null, `the evaluation is not known: ${evaluation.unknown}`);
  const evaluated = evaluation.archiveSha256;
  if (evaluated !== actualSha256) return about(false, evaluated, `the evaluation is of another archive: ${evaluated}, found ${actualSha256}`);
  if (map50 !== undefined && !(Math.abs(evaluation.map50 - map50) <= sameMap50Within))
    return about(false, evaluated, `the registry says mAP50 ${map50.toFixed(3)}, the evaluation ${evaluation.map50.toFixed(3)}`);
  return about(true, evaluated, "the evaluation is of this archive");
}

function ceilingCheck({ latencyMs: { p99 } }: Evaluation, most: number): Check {
  const ok = p99 <= most && p99 > 0;
  return { name: "latency-ceiling", ok, value: p99, bound: most, text: `p99 latency ${p99} ms is ${ok ? "at most" : "not within"} ${most} ms` };
}

function goldenCheck(golden: Candidate["golden"], policy: GatePolicy["golden"]): Check {
  if (policy === "asked-later") return { name: "golden", ok: true, value: null, bound: null, text: "the golden set is asked later, on the endpoint" };
  const about = (ok: boolean, value: number | null, text: string): Check => ({ name: "golden", ok, value, bound: policy.minShare, text });
  if (isUnknown(golden)) return about(false, null, `the golden set was not answered: ${golden.unknown}`);
  const { verdict, share, images, reasons } = golden;
  if (verdict === "absurd" || images.length === 0) return about(false, share, `golden set: ${reasons.join("; ")}`);
  const ok = share >= policy.minShare;
  return about(ok, share, `${(share * 100).toFixed(0)} % of ${images.length} golden images agree, ${(policy.minShare * 100).toFixed(0)} % must`);
}
