import { createHash, createPublicKey, verify } from "node:crypto";
import { canonicalJson } from "../../lifecycle/canonical";

/** A plain file of a model archive. */
export interface ArchivedFile {
  readonly path: string;
  readonly sha256: string;
}

/** An in-toto statement (in-toto attestation framework, "Statement v1"). */
export interface Statement {
  readonly _type: "https://in-toto.io/Statement/v1";
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: object;
}

/** A signed payload (DSSE, "envelope"). */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid?: string; readonly sig: string }[];
}

const statementType = "application/vnd.in-toto+json";

/** What is signed: the payload with its type, so that it is taken for nothing else (DSSE, "pre-authentication encoding"). */
function preAuthentication(type: string, payload: Buffer): Buffer {
  const header = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(header), payload]);
}

/** The bytes of a statement: canonical, so that the same statement is always the same bytes. */
const payloadOf = (statement: Statement): Buffer => Buffer.from(canonicalJson(statement));

/** @param sign over the pre-authentication encoding; ECDSA with SHA-256, DER. */
export async function sealed(
  statement: Statement,
  keyid: string,
  sign: (bytes: Buffer) => Promise<Buffer>,
): Promise<Envelope> {
  const payload = payloadOf(statement);
  const signature = await sign(preAuthentication(statementType, payload));
  return {
    payloadType: statementType,
    payload: payload.toString("base64"),
    signatures: [{ keyid, sig: signature.toString("base64") }],
  };
}

/** Whether an envelope holds exactly a statement, signed by a key. @param publicKey DER, SubjectPublicKeyInfo. */
export function holds(envelope: Envelope, statement: Statement, publicKey: Buffer): boolean {
  const payload = payloadOf(statement);
  if (envelope.payloadType !== statementType || envelope.payload !== payload.toString("base64")) return false;
  const key = createPublicKey({ key: publicKey, format: "der", type: "spki" });
  const bytes = preAuthentication(statementType, payload);
  return envelope.signatures.some(({ sig }) => verify("sha256", bytes, key, Buffer.from(sig, "base64")));
}

/**
 * A signature in a bundle, as OpenSSF's model signing writes it for a key of one's own (sigstore bundle v0.3 with a
 * public key's hint and no transparency log: its place has our own).
 * @param publicKey DER, SubjectPublicKeyInfo.
 */
export function bundleOf({ payloadType, payload, signatures }: Envelope, publicKey: Buffer): object {
  // By the key's PEM, as `model_signing verify key` computes it.
  const pem = createPublicKey({ key: publicKey, format: "der", type: "spki" }).export({ format: "pem", type: "spki" });
  const hint = createHash("sha256").update(pem).digest("hex");
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: { payloadType, payload, signatures: signatures.map(({ sig }) => ({ sig, keyid: "" })) },
  };
}
