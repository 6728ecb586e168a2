import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { hashBytes } from "./hashing";
import type { TreeHead } from "./proofs";

/** What a log says of itself: how long it is, and the root over its entries (C2SP tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  /** Name of the log, which no other has. */
  readonly origin: string;
}

/** A note or a checkpoint that is not what it should be; nothing may be concluded from it. */
export class NoteRefused extends Error {
  constructor(why: string) {
    super(`the checkpoint is refused: ${why}`);
    this.name = "NoteRefused";
  }
}

/** Type of an ECDSA signature (C2SP signed-note, "Signature types"). */
const ecdsaType = 0x02;

/** Who signs checkpoints: a log's name, and its public key on the curve P-256. */
export class LogKey {
  private readonly key: KeyObject;

  /** @param publicKey DER, SubjectPublicKeyInfo. @throws Error of OpenSSL when it is none. */
  constructor(
    readonly name: string,
    readonly publicKey: Buffer,
  ) {
    if (!/^[^\s+]+$/u.test(name)) throw new NoteRefused(`${JSON.stringify(name)} cannot be the name of a key`);
    this.key = createPublicKey({ key: publicKey, format: "der", type: "spki" });
  }

  /** Reads what `text` wrote. @throws NoteRefused. */
  static parse(text: string): LogKey {
    const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/u.exec(text) ?? [];
    const bytes = decode(encoded ?? "");
    if (name === undefined || bytes?.[0] !== ecdsaType)
      throw new NoteRefused("the key is not `name+id+key` with an ECDSA key");
    try {
      const key = new LogKey(name, bytes.subarray(1));
      if (key.id.toString("hex") === id) return key;
    } catch {
      // Said below.
    }
    throw new NoteRefused("the key is damaged");
  }

  /** One line that a verifier can be given: name, id, type and key, as Go's `note` package writes them. */
  get text(): string {
    const key = Buffer.concat([Buffer.of(ecdsaType), this.publicKey]).toString("base64");
    return `${this.name}+${this.id.toString("hex")}+${key}`;
  }

  /** Four bytes that tell keys apart; of ECDSA keys the beginning of their SHA-256. */
  get id(): Buffer {
    return createHash("sha256").update(this.publicKey).digest().subarray(0, 4);
  }

  /** @param signature DER, over the SHA-256 of the text. */
  verifies(text: string, signature: Buffer): boolean {
    try {
      return verify("sha256", Buffer.from(text, "utf8"), this.key, signature);
    } catch {
      return false;
    }
  }
}

/** What is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString("base64")}\n`;
}

/** A text with one signature. @param signature DER. */
export function signedNote(text: string, key: LogKey, signature: Buffer): string {
  return `${text}\n— ${key.name} ${Buffer.concat([key.id, signature]).toString("base64")}\n`;
}

/**
 * Reads a checkpoint that the key signed. Signatures of others are passed over (C2SP signed-note, "Signatures").
 * @throws NoteRefused.
 */
export function readCheckpoint(note: string, key: LogKey): Checkpoint {
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n") || /[\u0000-\u0009\u000b-\u001f\ufffd]/u.test(note))
    throw new NoteRefused("it is no signed note");
  const text = note.slice(0, split + 1);
  const signatures = note
    .slice(split + 2, -1)
    .split("\n")
    .map(readSignature);
  const ours = signatures.filter(({ name, bytes }) => name === key.name && bytes.subarray(0, 4).equals(key.id));
  if (ours.length === 0) throw new NoteRefused(`${key.name} did not sign it`);
  if (!ours.every(({ bytes }) => key.verifies(text, bytes.subarray(4))))
    throw new NoteRefused(`the signature is not one of ${key.name}`);
  const [origin, size, root, ...others] = text.slice(0, -1).split("\n");
  const hash = decode(root ?? "");
  if (origin !== key.name) throw new NoteRefused(`it is one of ${origin}, not of ${key.name}`);
  if (!/^(0|[1-9]\d{0,14})$/.test(size ?? "") || hash?.length !== hashBytes || others.length > 0)
    throw new NoteRefused("it is not origin, size and root");
  return { origin, size: Number(size), root: hash };
}

function readSignature(line: string): { readonly name: string; readonly bytes: Buffer } {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
  const bytes = decode(encoded ?? "");
  if (name === undefined || !bytes || bytes.length < 5)
    throw new NoteRefused(`${JSON.stringify(line)} is no signature`);
  return { name, bytes };
}

/** Base64 (RFC 4648, section 4) in its one spelling; Node reads others as well. */
export function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
