import { createHash, randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Parts by the first byte of an id's hash; equal ids are in the same part. */
const parts = 256;
/** Hashes of a part that memory holds before they go to the file: with all parts one megabyte. */
const blockHashes = 512;
/** More that are there twice say no more. */
const maxDoubled = 1000;

/** What has seen some hashes of a part. */
interface Part {
  readonly open: BigUint64Array;
  filled: number;
  /** Numbers of its blocks in the file. */
  readonly blocks: number[];
}

/**
 * Ids that were seen, in as much memory for a million of them as for a hundred thousand: 64 bits of each one's hash, by
 * parts, in a temporary file once they are many. The hashes begin with a secret, so that nobody can look for ids that
 * agree; those that do by chance have to be looked at again.
 */
export class SeenIds {
  private readonly secret = randomBytes(32);
  private readonly parts: (Part | undefined)[] = [];
  private file: { readonly descriptor: number; readonly folder: string } | undefined;
  private blocks = 0;

  add(id: string): void {
    const hash = this.hashOf(id);
    const part = (this.parts[partOf(hash)] ??= { open: new BigUint64Array(blockHashes), filled: 0, blocks: [] });
    part.open[part.filled] = hash;
    part.filled += 1;
    if (part.filled === blockHashes) this.putAway(part);
  }

  /**
   * Says of an id whether it may be one that was added more than once, and of very many such ids knows some alone;
   * undefined where there is none.
   */
  doubled(): ((id: string) => boolean) | undefined {
    const found = new Set<bigint>();
    for (const part of this.parts) {
      if (!part) continue;
      const hashes = this.hashesOf(part).sort();
      for (let at = 1; at < hashes.length && found.size < maxDoubled; at += 1)
        if (hashes[at] === hashes[at - 1]) found.add(hashes[at]!);
    }
    return found.size === 0 ? undefined : (id) => found.has(this.hashOf(id));
  }

  /** Takes the temporary file away. */
  close(): void {
    if (!this.file) return;
    closeSync(this.file.descriptor);
    rmSync(this.file.folder, { recursive: true, force: true });
    this.file = undefined;
  }

  private putAway(part: Part): void {
    this.file ??= openFile();
    writeSync(this.file.descriptor, part.open, 0, part.open.byteLength, this.blocks * part.open.byteLength);
    part.blocks.push(this.blocks);
    this.blocks += 1;
    part.filled = 0;
  }

  private hashesOf({ blocks, filled, open }: Part): BigUint64Array {
    const all = new BigUint64Array(blocks.length * blockHashes + filled);
    for (const [at, block] of blocks.entries()) {
      const into = all.subarray(at * blockHashes, (at + 1) * blockHashes);
      const read = readSync(this.file!.descriptor, into, 0, into.byteLength, block * into.byteLength);
      if (read !== into.byteLength) throw new Error(`the temporary file of ids ended after ${read} bytes of a block`);
    }
    all.set(open.subarray(0, filled), blocks.length * blockHashes);
    return all;
  }

  private hashOf(id: string): bigint {
    return createHash("sha256").update(this.secret).update(id, "utf8").digest().readBigUInt64LE(24);
  }
}

const partOf = (hash: bigint): number => Number(hash & BigInt(parts - 1));

function openFile(): { readonly descriptor: number; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "peregrine-ids-"));
  return { descriptor: openSync(join(folder, "ids"), "w+", 0o600), folder };
}
