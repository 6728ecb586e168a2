import { randomBytes } from "node:crypto";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * A unique id as IAM makes them: `AROA`, `AIDA`, `AGPA`, `ANPA`, `AIPA` for entities, `AKIA` and `ASIA` for access
 * keys.
 */
export function uniqueId(prefix: string): string {
  return prefix + letterString(prefix.endsWith("IA") ? 16 : 17);
}

/** 40 characters, as a secret access key has. */
export function secretKey(): string {
  return randomBytes(30).toString("base64");
}

/** A session token: opaque to its holder. */
export function sessionToken(): string {
  return randomBytes(192).toString("base64");
}

function letterString(length: number): string {
  return Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join("");
}
