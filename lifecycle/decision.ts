import { createHash, createPublicKey, verify } from "node:crypto";
import { z } from "zod";
import { documentSchema } from "../contract/documents";
import { prefixes } from "../contract/places";
import { canonicalJson } from "./canonical";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hexadecimal");

/** What a decision is about. Null is what could not be found: a rejection may be about that, an approval may not. */
const digests = z.strictObject({
  /** Of the model archive. */
  archiveSha256: sha256.nullable(),
  /**
   * What serves the model: registry and repository without a tag, and the digest behind the tag that the package names.
   */
  image: z
    .strictObject({ repository: z.string().min(1), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) })
    .nullable(),
  /** Of the evaluation document, byte for byte. */
  evaluationSha256: sha256.nullable(),
  /** Of the manifest of the dataset that the evaluation was made on, as the evaluation says. */
  datasetDigest: z.string().min(1).nullable(),
  /** Of what the package says of itself, member by member; see `contentDigests`. */
  content: z.record(z.string(), sha256),
});

const decision = z.strictObject({
  schema: z.literal(documentSchema.decision),
  packageArn: z
    .string()
    .regex(/^arn:[\w-]+:sagemaker:[\w-]+:\d{12}:model-package\/[\w-]+\/\d+$/, "not the ARN of a model package version"),
  verdict: z.enum(["Approved", "Rejected"]),
  /** As long as the registry takes it (UpdateModelPackage, `ApprovalDescription`). */
  why: z.string().trim().min(1).max(1024),
  /** ARN of the caller who decided, as STS knows it. */
  by: z.string().startsWith("arn:"),
  /** The caller's own name: of the user, or of the session. */
  person: z.string().min(1),
  /** ISO 8601 in UTC, service time. */
  at: z.iso.datetime(),
  /** ARN of the key that signs. */
  keyArn: z.string().startsWith("arn:"),
  digests,
});

const signed = z.strictObject({ decision, algorithm: z.literal("ECDSA_SHA_256"), signature: z.base64().min(1) });

/** What a decision is about, by digest. */
export type DecidedDigests = Readonly<z.infer<typeof digests>>;
/** What somebody decided about a model package. */
export type PackageDecision = Readonly<z.infer<typeof decision>>;
/** The same with the signature under it (DER, base64), as it lies in the registry's bucket. */
export type SignedDecision = Readonly<z.infer<typeof signed>>;

/** A decision that cannot be one; nothing was signed. */
export class InvalidDecision extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`not a decision: ${problems.join("; ")}`);
    this.name = "InvalidDecision";
  }
}

/** Checks a decision before it is signed. @throws InvalidDecision with all that is wrong with it. */
export function decide(input: Omit<PackageDecision, "schema">): PackageDecision {
  const parsed = decision.safeParse({ schema: documentSchema.decision, ...input });
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error)),
    ...(input.verdict === "Approved" ? missing(input.digests) : []),
  ];
  if (problems.length > 0) throw new InvalidDecision(problems);
  return parsed.data!;
}

/**
 * Checks what somebody gives to decide, before anything is read.
 * @throws InvalidDecision with all that is wrong with it.
 */
export function checkWords(words: Pick<PackageDecision, "packageArn" | "why">): void {
  const parsed = decision.pick({ packageArn: true, why: true }).safeParse(words);
  if (!parsed.success) throw new InvalidDecision(problemsOf(parsed.error));
}

/** What an approval has to be about and is not. */
function missing({ archiveSha256, image, evaluationSha256, datasetDigest }: DecidedDigests): string[] {
  const needed = {
    "model archive": archiveSha256,
    "container image": image,
    evaluation: evaluationSha256,
    "dataset of the evaluation": datasetDigest,
  };
  return Object.entries(needed).flatMap(([what, digest]) =>
    digest === null ? [`the digest of the ${what} is not known`] : [],
  );
}

/** The 32 bytes that are signed: SHA-256 of the canonical JSON. */
export function decisionDigest(document: PackageDecision): Buffer {
  return createHash("sha256").update(canonicalJson(document), "utf8").digest();
}

/**
 * Where a decision lies below `approvals/`: its name follows from its content, so that none can lie as an earlier or
 * later one, or twice.
 */
export function decisionKey(document: PackageDecision): string {
  return `${decisionFolder(document.packageArn)}${document.at}-${decisionDigest(document).toString("hex").slice(0, 16)}.json`;
}

/**
 * Where all decisions about a package lie: `approvals/<group>/<version>/`.
 * @throws InvalidDecision when it is no version of a group.
 */
export function decisionFolder(packageArn: string): string {
  const [, group, version] = /:model-package\/([\w-]+)\/(\d+)$/.exec(packageArn) ?? [];
  if (!group) throw new InvalidDecision([`packageArn: ${packageArn} is not the ARN of a model package version`]);
  return `${prefixes.approvals}${group}/${version}/`;
}

/** How a signed decision is written: canonical JSON. */
export function writeDecision(one: SignedDecision): string {
  return `${canonicalJson(one)}\n`;
}

/**
 * Reads a signed decision; the signature is not looked at (`verifyDecision`).
 * @returns what is wrong, or the decision.
 */
export function readDecision(text: string): SignedDecision | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not JSON: ${(error as Error).message}` };
  }
  const parsed = signed.safeParse(value);
  return parsed.success ? parsed.data : { problem: problemsOf(parsed.error).join("; ") };
}

/** The key that decisions of an environment are signed with. */
export interface DecisionKey {
  readonly arn: string;
  /** DER, SubjectPublicKeyInfo, as GetPublicKey answers. */
  readonly publicKey: Uint8Array;
}

/**
 * Whether a decision was signed by the key, without asking KMS. A decision that names another key was not, whatever it
 * carries.
 */
export function verifyDecision({ decision: document, signature }: SignedDecision, key: DecisionKey): boolean {
  if (document.keyArn !== key.arn) return false;
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key.publicKey), format: "der", type: "spki" });
    // Node hashes what it is given, so it gets the text whose hash KMS signed.
    return (
      publicKey.asymmetricKeyDetails?.namedCurve === "prime256v1" &&
      verify("sha256", Buffer.from(canonicalJson(document), "utf8"), publicKey, Buffer.from(signature, "base64"))
    );
  } catch {
    return false;
  }
}

function problemsOf({ issues }: z.ZodError): string[] {
  return issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`);
}
