import { createHash } from "node:crypto";

/** Bytes of a SHA-256. */
export const hashBytes = 32;

const leafPrefix = Buffer.of(0x00);
const nodePrefix = 0x01;

/** Hash of an entry (RFC 6962, section 2.1): SHA-256 of a zero byte and the entry. */
export function leafHash(entry: Buffer): Buffer {
  return createHash("sha256").update(leafPrefix).update(entry).digest();
}

// One buffer for all: hashing a million pairs must not make a million of them.
const pair = Buffer.alloc(1 + 2 * hashBytes, nodePrefix);

/** Hash of two subtrees (RFC 6962, section 2.1): SHA-256 of a one byte and both hashes. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(pair, 1);
  right.copy(pair, 1 + hashBytes);
  return createHash("sha256").update(pair).digest();
}

/** Root of a tree without entries: SHA-256 of nothing. */
export function emptyRoot(): Buffer {
  return createHash("sha256").digest();
}

/** The largest power of two below `size`, which is at least 2. */
export function splitOf(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** Root of a range of subtrees of shrinking size, largest first: folded from the right. */
export function foldRight(hashes: readonly Buffer[]): Buffer {
  const last = hashes.at(-1);
  if (!last) return emptyRoot();
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}
