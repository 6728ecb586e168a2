import type { Check, Unknown } from "./comparison";
import {
  type DecidedDigests,
  decisionDigest,
  decisionKey,
  type DecisionKey,
  type SignedDecision,
  verifyDecision,
} from "./decision";
import { changedMembers } from "./package-content";

/** The newest decision about a package, as it lies in the registry's bucket. */
export interface FoundDecision extends SignedDecision {
  /** Key of the object. */
  readonly key: string;
}

/** Who changed a package last, as the registry knows it. */
export interface LastModifier {
  /** Of the session, the user or the Studio profile. */
  readonly arn: string;
  readonly sourceIdentity?: string | undefined;
  /** ISO 8601 in UTC. */
  readonly at?: string | undefined;
}

/** What is known of the decision about a package, and of the package as it is now. */
export interface DecisionFacts {
  readonly packageArn: string;
  /** Undefined when nobody decided; unknown when the newest one cannot be read. */
  readonly decision: FoundDecision | Unknown | undefined;
  readonly key: DecisionKey | Unknown;
  readonly now: DecidedDigests;
  /** Undefined when the registry does not tell. */
  readonly touchedBy: LastModifier | undefined;
}

/**
 * Somebody approved exactly this: the newest decision is signed, says Approved, is about what is there now, and nobody
 * else has touched the package since.
 */
export function decisionChecks(facts: DecisionFacts): Check[] {
  const { decision, key, packageArn } = facts;
  if (decision === undefined)
    return [
      about(
        "decision",
        false,
        null,
        "there is no signed decision about the package: approve it by `peregrine approve`",
      ),
    ];
  if ("unknown" in decision)
    return [about("decision", false, null, `the newest decision cannot be read: ${decision.unknown}`)];
  if ("unknown" in key) return [about("signature", false, null, `the decision cannot be verified: ${key.unknown}`)];
  const { decision: document } = decision;
  const own = decision.key === decisionKey(document) && document.packageArn === packageArn;
  const approved = document.verdict === "Approved";
  return [
    about(
      "decision",
      own,
      decision.key,
      own
        ? `decided by ${document.person} on ${document.at}: ${document.why}`
        : `the decision ${decision.key} was made about something else, or at another time: ${decisionKey(document)}`,
    ),
    verifyDecision(decision, key)
      ? about("signature", true, document.keyArn, "signed by the environment's key")
      : about(
          "signature",
          false,
          document.keyArn,
          `the decision ${decision.key} is not signed by the environment's key ${key.arn}`,
        ),
    about(
      "verdict",
      approved,
      document.verdict,
      approved ? "the newest decision approves it" : `the newest decision is ${document.verdict}: ${document.why}`,
    ),
    ...digestChecks(document.digests, facts),
    lastModifierCheck(document, facts.touchedBy),
  ];
}

/** Checks that fail only where what an approver decided about is not what is there. */
const aboutDecision: ReadonlySet<string> = new Set([
  "decision",
  "signature",
  "verdict",
  "decided-archive",
  "decided-image",
  "decided-evaluation",
  "decided-dataset",
  "decided-content",
  "untouched",
]);

/**
 * Whether a gate's checks show that no decision covers a package as it is now: somebody edited it, or set the status
 * without deciding.
 * @param checks all of the gate's.
 */
export function contradictsDecision(checks: readonly Pick<Check, "name" | "ok">[]): boolean {
  return checks.some(({ name, ok }) => !ok && aboutDecision.has(name));
}

/** SHA-256 of the decision, hexadecimal, by which a record names it. */
export function decisionSha256({ decision }: SignedDecision): string {
  return decisionDigest(decision).toString("hex");
}

function digestChecks(decided: DecidedDigests, { now, touchedBy }: DecisionFacts): Check[] {
  const same = (name: string, what: string, then: string | null, found: string | null): Check => {
    const ok = then !== null && then === found;
    return {
      name,
      ok,
      value: found,
      bound: then,
      text: ok
        ? `${what} is the one that was decided about`
        : `${what} is not the one that was decided about: ${then ?? "none"} then, ${found ?? "none"} now; approve it again`,
    };
  };
  const changed = changedMembers(decided.content, now.content);
  return [
    same("decided-archive", "the model archive", decided.archiveSha256, now.archiveSha256),
    same("decided-image", "the container image", imageOf(decided), imageOf(now)),
    same("decided-evaluation", "the evaluation", decided.evaluationSha256, now.evaluationSha256),
    same("decided-dataset", "the dataset of the evaluation", decided.datasetDigest, now.datasetDigest),
    about(
      "decided-content",
      changed.length === 0,
      changed.join(", ") || null,
      changed.length === 0
        ? "the package says what it said then"
        : `edited after approval by ${touchedBy?.arn ?? "somebody whom the registry does not name"}: ${changed.join(", ")}; approve it again`,
    ),
  ];
}

/** Image by digest, as it is released. */
export function imageOf({ image }: Pick<DecidedDigests, "image">): string | null {
  return image && `${image.repository}@${image.digest}`;
}

/**
 * Setting the status is the last touch of a decision, so whoever touched the package last must be who decided. Where
 * the registry does not say who it was, the digests alone speak: what they cover is all that an update can change.
 */
function lastModifierCheck({ by }: { readonly by: string }, touchedBy: LastModifier | undefined): Check {
  if (!touchedBy) return about("untouched", true, null, "the registry does not say who changed the package last");
  const ok = samePrincipal(by, touchedBy);
  return about(
    "untouched",
    ok,
    touchedBy.arn,
    ok
      ? "nobody else has changed the package since"
      : `changed after the decision of ${by} by ${touchedBy.arn}${touchedBy.at ? ` on ${touchedBy.at}` : ""}; approve it again`,
  );
}

/**
 * The same role or user, and the same person where both ARNs name a session. A role's own ARN, without session, is
 * believed to be possible in the registry.
 */
function samePrincipal(by: string, { arn, sourceIdentity }: LastModifier): boolean {
  const [decided, touched] = [principalOf(by), principalOf(arn)];
  if (decided.name !== touched.name || decided.account !== touched.account || decided.kind !== touched.kind)
    return false;
  if (touched.session !== undefined) return touched.session === decided.session;
  return sourceIdentity === undefined || sourceIdentity === decided.session;
}

function principalOf(arn: string): { account: string; kind: string; name: string; session?: string | undefined } {
  const [, , , , account = "", ...rest] = arn.split(":");
  const [kind = "", ...path] = rest.join(":").split("/");
  if (kind === "assumed-role") return { account, kind: "role", name: path[0] ?? "", session: path[1] };
  return { account, kind, name: path.at(-1) ?? "" };
}

function about(name: string, ok: boolean, value: string | null, text: string): Check {
  return { name, ok, value, bound: null, text };
}
