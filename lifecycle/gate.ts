import { trialEnvironment } from "../contract/environments";
import {
  type Champion,
  championChecks,
  type Check,
  type ComparisonPolicy,
  type Evaluation,
  isUnknown,
  type Unknown,
} from "./comparison";
import { decisionChecks, type DecisionFacts } from "./decision-checks";
import type { GoldenComparison } from "./golden";
import { cardCheck, type CardFacts, type CardPolicy } from "./model-card";
import type { Decision } from "./verdict";

/** What is known of a model package when somebody wants it released. */
export interface CandidateFacts {
  /** `Approved`, `Rejected`, `PendingManualApproval`. */
  readonly approval: string;
  /**
   * Mean average precision at IoU 0.5 on the held-out test split, 0..1; undefined when the package carries no
   * evaluation.
   */
  readonly map50: number | undefined;
  /** SHA-256 of the model archive as the pipeline measured it, hexadecimal. */
  readonly recordedSha256: string | undefined;
  /** SHA-256 of the archive as it lies in S3 now. */
  readonly actualSha256: string;
  /**
   * The container image as the package names it, and by its digest; undefined where it names none, or one that is not
   * there.
   */
  readonly image: { readonly name: string | undefined; readonly uri: string | undefined };
}

/** All that is known of a package before it is released over a champion. */
export interface Candidate extends CandidateFacts {
  readonly evaluation: Evaluation | Unknown;
  readonly golden: Pick<GoldenComparison, "verdict" | "share" | "images" | "reasons"> | Unknown;
  /** What was decided about it, and whether it still is what was decided about. */
  readonly decision: DecisionFacts;
  /** What the card in the package says. */
  readonly card: CardFacts;
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
  /**
   * A signed decision about these very bytes must be there; or nobody has decided yet, and a trial is to show what
   * there is to decide about.
   */
  readonly decision: "demanded" | "not-asked";
  readonly card: CardPolicy;
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
  decision: "demanded",
  card: { demanded: true, intendedUses: {} },
};

/**
 * The approval statuses that environments take. What a person approved may go everywhere. Staging also tries what still
 * waits for that decision, when it is asked for a trial, so that the decision can be made on evidence. Nothing takes
 * what was rejected.
 */
export function acceptedApprovals(environments: readonly string[], trial: boolean): readonly string[] {
  return trial && environments.every((name) => name === trialEnvironment)
    ? ["Approved", "PendingManualApproval"]
    : ["Approved"];
}

export interface GateDecision extends Decision<"release" | "refuse"> {
  readonly checks: readonly Check[];
}

/**
 * Decides whether a model package may be released by what its registry says: approved, evaluated, above the bar, and
 * still the very bytes that were evaluated. Who approved, and what, the decision says (`gateCandidate`).
 * @param minMap50 lowest acceptable mAP50, 0..1.
 * @internal tests ask the package's part of the gate alone.
 */
export function gateRelease(candidate: CandidateFacts, minMap50: number): Decision<"release" | "refuse"> {
  const against = packageChecks(candidate, minMap50, gateDefaults.approvals).filter(({ ok }) => !ok);
  if (against.length > 0) return { verdict: "refuse", reasons: against.map(({ text }) => text) };
  return {
    verdict: "release",
    reasons: [`approved, mAP50 ${candidate.map50!.toFixed(3)} >= ${minMap50.toFixed(3)}, archive digest verified`],
  };
}

/**
 * Decides whether a package may take the champion's place: what `gateRelease` asks, and that it is not worse, overall,
 * in any slice, in latency or in size. What is not known speaks against it. The reasons are those against, or, of a
 * release, all.
 */
export function gateCandidate(candidate: Candidate, champion: Champion, policy: GatePolicy): GateDecision {
  const { evaluation, actualSha256 } = candidate;
  const checks = [
    ...packageChecks(candidate, policy.minMap50, policy.approvals),
    ...(policy.decision === "not-asked" ? [] : decisionChecks(candidate.decision)),
    evaluationCheck(candidate),
    cardCheck(candidate.card, actualSha256, evaluation, policy.card),
    ...(isUnknown(evaluation)
      ? []
      : [
          ...championChecks(evaluation, actualSha256, champion, policy),
          ceilingCheck(evaluation, policy.maxLatencyP99Ms),
        ]),
    goldenCheck(candidate.golden, policy.golden),
  ];
  const against = checks.filter(({ ok }) => !ok);
  return {
    verdict: against.length > 0 ? "refuse" : "release",
    reasons: (against.length > 0 ? against : checks).map(({ text }) => text),
    checks,
  };
}

function packageChecks(candidate: CandidateFacts, minMap50: number, approvals: readonly string[]): Check[] {
  const { approval, map50, recordedSha256: recorded, actualSha256: actual, image } = candidate;
  const good = map50 !== undefined && map50 >= minMap50;
  return [
    approvalCheck(approval, approvals),
    {
      name: "bar",
      ok: good,
      value: map50 ?? null,
      bound: minMap50,
      text:
        map50 === undefined
          ? "the package carries no evaluation (map50)"
          : `mAP50 ${map50.toFixed(3)} is ${good ? "at least" : "below"} the bar of ${minMap50.toFixed(3)}`,
    },
    {
      name: "digest",
      ok: Boolean(recorded) && recorded === actual,
      value: actual,
      bound: recorded ?? null,
      text: !recorded
        ? "the package does not record the SHA-256 of its model archive"
        : recorded === actual
          ? "archive digest verified"
          : `the model archive is not the one that was evaluated: recorded ${recorded}, found ${actual}`,
    },
    {
      name: "image",
      ok: Boolean(image.uri),
      value: image.uri ?? null,
      bound: image.name ?? null,
      text: !image.name
        ? "the package names no container image"
        : image.uri
          ? `served by ${image.uri}`
          : `there is no container image ${image.name} in a repository of ECR`,
    },
  ];
}

function approvalCheck(approval: string, accepted: readonly string[]): Check {
  const ok = accepted.includes(approval);
  const text = !ok
    ? `the package is ${approval || "without approval status"}, not ${accepted.join(" or ")}`
    : approval === "Approved"
      ? "approved"
      : "not decided yet: tried where candidates are tried";
  return { name: "approval", ok, value: approval, bound: accepted.join(" or "), text };
}

/** The pipeline writes mAP50 into the registry as text; rounding of it is no contradiction. */
const sameMap50Within = 1e-3;

/** The evaluation must be of these bytes, and say what the registry says. */
function evaluationCheck({ evaluation, actualSha256, map50 }: Candidate): Check {
  const about = (ok: boolean, value: string | null, text: string): Check => ({
    name: "evaluation",
    ok,
    value,
    bound: actualSha256,
    text,
  });
  if (isUnknown(evaluation)) return about(false, null, `the evaluation is not known: ${evaluation.unknown}`);
  const evaluated = evaluation.archiveSha256;
  if (evaluated !== actualSha256)
    return about(false, evaluated, `the evaluation is of another archive: ${evaluated}, found ${actualSha256}`);
  if (map50 !== undefined && !(Math.abs(evaluation.map50 - map50) <= sameMap50Within))
    return about(
      false,
      evaluated,
      `the registry says mAP50 ${map50.toFixed(3)}, the evaluation ${evaluation.map50.toFixed(3)}`,
    );
  return about(true, evaluated, "the evaluation is of this archive");
}

function ceilingCheck({ latencyMs: { p99 } }: Evaluation, most: number): Check {
  const ok = p99 <= most && p99 > 0;
  return {
    name: "latency-ceiling",
    ok,
    value: p99,
    bound: most,
    text: `p99 latency ${p99} ms is ${ok ? "at most" : "not within"} ${most} ms`,
  };
}

function goldenCheck(golden: Candidate["golden"], policy: GatePolicy["golden"]): Check {
  if (policy === "asked-later")
    return {
      name: "golden",
      ok: true,
      value: null,
      bound: null,
      text: "the golden set is asked later, on the endpoint",
    };
  const about = (ok: boolean, value: number | null, text: string): Check => ({
    name: "golden",
    ok,
    value,
    bound: policy.minShare,
    text,
  });
  if (isUnknown(golden)) return about(false, null, `the golden set was not answered: ${golden.unknown}`);
  const { verdict, share, images, reasons } = golden;
  if (verdict === "absurd" || images.length === 0) return about(false, share, `golden set: ${reasons.join("; ")}`);
  const ok = share >= policy.minShare;
  return about(
    ok,
    share,
    `${(share * 100).toFixed(0)} % of ${images.length} golden images agree, ${(policy.minShare * 100).toFixed(0)} % must`,
  );
}
