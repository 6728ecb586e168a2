import { createHash } from "node:crypto";
import { z } from "zod";
import { documentSchema } from "../contract/documents";
import type { Evaluation } from "../lifecycle/comparison";
import { canonicalJson } from "../lifecycle/canonical";
import { rolloutOutcome } from "../lifecycle/rollout/outcome";
import type { LedgerEntry } from "./chain";
import type { Ledger } from "./ledger";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hexadecimal");
const share = z.number().min(0).max(1);
const interval = z.tuple([z.number(), z.number()]);

/** Scores on the held-out test split; see ml/README.md, "Evaluation". */
const evaluationSummary = z.strictObject({
  map50: share,
  map: share,
  /** mAP50 over the champion's; absent without a champion. */
  map50Gain: z.number().optional(),
  /** 95 % interval of the gain, paired bootstrap over images. */
  map50GainCi95: interval.optional(),
  latencyMs: z.strictObject({ p50: z.number().positive(), p99: z.number().positive() }),
  modelBytes: z.number().int().positive(),
});

const release = z.strictObject({
  schema: z.literal(documentSchema.release),
  environment: z.string().min(1),
  releaseId: z.string().regex(/^r-[0-9a-f]{12}$/, "not a release id (r- and 12 hexadecimal digits)"),
  modelPackageArn: z.string().startsWith("arn:"),
  /** Of the model archive. */
  modelSha256: sha256,
  imageUri: z.string().min(1),
  imageDigest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
  /** Of the data set's manifest. */
  datasetDigest: z.string().min(1).optional(),
  /** Of the program that was rolled out. */
  gitCommit: z
    .string()
    .regex(/^[0-9a-f]{40}$/, "not a Git commit in full")
    .optional(),
  evaluation: evaluationSummary.optional(),
  /** Who decided about the package, by the signed decision; absent where nobody had yet (trials). */
  decision: z
    .strictObject({
      arn: z.string().startsWith("arn:"),
      /** The source identity where the registry knows it, else the name that the decider's session has. */
      person: z.string().min(1),
      at: z.iso.datetime(),
      why: z.string(),
      /** Of the decision, by which it is found among the registry's `approvals/`. */
      decisionSha256: sha256,
    })
    .optional(),
  /** Who changed the package since somebody decided about it; absent when nobody did. */
  touchedBy: z
    .strictObject({
      arn: z.string().startsWith("arn:"),
      person: z.string().min(1).optional(),
      at: z.iso.datetime().optional(),
    })
    .optional(),
  /** `not-run`: the release ended before the pack was asked. */
  policyPack: z.strictObject({ version: z.string().min(1), result: z.enum(["passed", "blocked", "not-run"]) }),
  kind: z.enum(["promote", "rollback"]),
  /**
   * `rolled-back`: came up, and was taken back by alarm or test; `failed`: did not come up; `rejected`: the gate said
   * no.
   */
  outcome: z.enum(["live", "rejected", "rolled-back", "failed"]),
  reasons: z.array(z.string()),
  /** What both configurations' traffic proved during the update; absent where nothing was compared. */
  rollout: rolloutOutcome.optional(),
  endpointConfigName: z.string().min(1).optional(),
  /** ISO 8601 in UTC, service time. */
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** What was live before; absent for the first release. */
  previousReleaseId: z.string().optional(),
});

/** What is known of one attempt to make a release live. Never changed; a later attempt is a record of its own. */
export type ReleaseRecord = Readonly<z.infer<typeof release>>;

/** A record as it stands in the ledger. */
export type RecordedRelease = ReleaseRecord & { readonly entry: Pick<LedgerEntry, "sequence" | "hash" | "by"> };

/** What makes a release the same release, wherever and whenever it is rolled out. */
export type ReleaseContent = Pick<ReleaseRecord, "modelPackageArn" | "modelSha256" | "imageUri">;

/** A record that breaks its schema or contradicts itself; nothing was written. */
export class InvalidRelease extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`not a release record: ${problems.join("; ")}`);
    this.name = "InvalidRelease";
  }
}

/** A prefix that several releases share. */
export class AmbiguousRelease extends Error {
  constructor(
    text: string,
    readonly releaseIds: readonly string[],
  ) {
    super(`${text} means several releases: ${releaseIds.join(", ")}`);
    this.name = "AmbiguousRelease";
  }
}

const kindOfEntry = "release";

/**
 * The release's id: `r-` and 48 bits of the SHA-256 over its content, so that the same content has the same id
 * everywhere.
 */
export function releaseId({ modelPackageArn, modelSha256, imageUri }: ReleaseContent): string {
  return `r-${createHash("sha256")
    .update(canonicalJson([modelPackageArn, modelSha256, imageUri]))
    .digest("hex")
    .slice(0, 12)}`;
}

/** What a record keeps of an evaluation. */
export function summaryOf({
  map50,
  map,
  comparison,
  latencyMs: { p50, p99 },
  modelBytes,
}: Evaluation): NonNullable<ReleaseRecord["evaluation"]> {
  const gain = comparison && {
    map50Gain: comparison.map50Gain,
    map50GainCi95: [...comparison.map50GainCi95] as [number, number],
  };
  return { map50, map, ...gain, latencyMs: { p50, p99 }, modelBytes };
}

/**
 * Writes a record into its environment's ledger.
 * @param by ARN of who released.
 * @throws InvalidRelease; LedgerBroken, LedgerBusy of the ledger.
 */
export async function recordRelease(
  ledger: Pick<Ledger, "append">,
  record: ReleaseRecord,
  by: string,
): Promise<LedgerEntry> {
  const parsed = release.safeParse(record);
  const problems = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  if (problems.length > 0) throw new InvalidRelease(problems);
  // A member that is absent and one that is undefined are the same in JSON.
  const body = JSON.parse(JSON.stringify(parsed.data)) as Record<string, never>;
  return ledger.append({ at: record.endedAt, by, kind: kindOfEntry, subject: record.releaseId, body });
}

function contradictions(record: ReleaseRecord): string[] {
  const problems: string[] = [];
  const id = releaseId(record);
  if (record.releaseId !== id) problems.push(`releaseId: ${record.releaseId} is not the id of its content, ${id}`);
  if (Date.parse(record.endedAt) < Date.parse(record.startedAt))
    problems.push(`endedAt: ${record.endedAt} is before startedAt ${record.startedAt}`);
  if (record.outcome !== "live" && record.reasons.length === 0)
    problems.push(`reasons: a release that is ${record.outcome} needs a reason`);
  if (record.outcome === "live" && record.rollout?.verdict === "roll back")
    problems.push("rollout: a release that is proven to be worse is not live");
  if (record.outcome === "live" && !record.endpointConfigName)
    problems.push("endpointConfigName: a live release runs one");
  return problems;
}

/**
 * All attempts of an environment, oldest first.
 * @throws LedgerBroken; InvalidRelease when an intact entry is no record we know.
 */
export async function listReleases(ledger: Pick<Ledger, "entries">, environment: string): Promise<RecordedRelease[]> {
  const entries = (await ledger.entries()).filter(({ kind }) => kind === kindOfEntry);
  return entries.map(readEntry).filter((one) => one.environment === environment);
}

function readEntry({ sequence, hash, by, body }: LedgerEntry): RecordedRelease {
  const parsed = release.safeParse(body);
  if (!parsed.success)
    throw new InvalidRelease(
      parsed.error.issues.map(({ path, message }) => `ledger entry ${sequence}: ${path.join(".")}: ${message}`),
    );
  return { ...parsed.data, entry: { sequence, hash, by } };
}

/**
 * The latest record of the release that somebody names: its newest attempt that went live, else its newest attempt.
 * @param named a release id, the beginning of one (with or without `r-`), or a model package's ARN.
 * @throws AmbiguousRelease when several releases are meant.
 */
export function findRelease(releases: readonly RecordedRelease[], named: string): RecordedRelease | undefined {
  const wanted = named.startsWith("r-") ? named : `r-${named}`;
  const meant = releases.filter(
    (one) => one.modelPackageArn === named || (named !== "" && one.releaseId.startsWith(wanted)),
  );
  const ids = [...new Set(meant.map((one) => one.releaseId))];
  if (ids.length > 1) throw new AmbiguousRelease(named, ids);
  return meant.findLast(({ outcome }) => outcome === "live") ?? meant.at(-1);
}

/** What is live now, by the records. */
export function liveRelease(releases: readonly RecordedRelease[]): RecordedRelease | undefined {
  return history(releases).at(-1);
}

/**
 * What a rollback from a release returns to: what was live before it first took its present place. Undefined when
 * nothing was, or it never went live.
 */
export function lastLiveBefore(releases: readonly RecordedRelease[], releaseId: string): RecordedRelease | undefined {
  const stack = history(releases);
  const at = stack.findLastIndex((one) => one.releaseId === releaseId);
  return at > 0 ? stack[at - 1] : undefined;
}

/**
 * The releases that led to the present one, oldest first. A promotion adds one; going back removes those after the one
 * that is live again, so that rolling back twice goes back twice instead of to and fro.
 */
function history(releases: readonly RecordedRelease[]): RecordedRelease[] {
  let stack: RecordedRelease[] = [];
  for (const one of releases.filter(({ outcome }) => outcome === "live")) {
    const known = stack.findLastIndex(({ releaseId }) => releaseId === one.releaseId);
    const again = known >= 0 && (one.kind !== "promote" || known === stack.length - 1);
    stack = again ? [...stack.slice(0, known), one] : [...stack, one];
  }
  return stack;
}
