import { createHash } from "node:crypto";

/** Words of 32 bits that are kept of an id's hash: 128 bits tell as many ids apart as there will ever be. */
const words = 4;

/** Ids that were seen, by their hashes in one flat table: a million take some 32 MB. */
export class IdSet {
  private slots: number;
  private table: Uint32Array;
  private size = 0;

  /** @param expected how many there will be; more are taken, too. */
  constructor(expected: number) {
    this.slots = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 1.5)));
    this.table = new Uint32Array(this.slots * words);
  }

  /** @returns false for an id that is there already. */
  add(id: string): boolean {
    if (this.size * 4 > this.slots * 3) this.grow();
    const hash = createHash("sha256").update(id, "utf8").digest();
    // Zero marks a free slot.
    const key = Uint32Array.from({ length: words }, (_, at) => hash.readUInt32LE(at * 4) || 1);
    const added = this.put(key);
    if (added) this.size += 1;
    return added;
  }

  private put(key: Uint32Array): boolean {
    for (let slot = key[0]! & (this.slots - 1); ; slot = (slot + 1) & (this.slots - 1)) {
      const from = slot * words;
      if (this.table[from] === 0) {
        this.table.set(key, from);
        return true;
      }
      let same = true;
      for (let at = 0; at < words && same; at += 1) same = this.table[from + at] === key[at];
      if (same) return false;
    }
  }

  private grow(): void {
    const before = this.table;
    this.slots *= 2;
    this.table = new Uint32Array(this.slots * words);
    for (let from = 0; from < before.length; from += words)
      if (before[from] !== 0) this.put(before.subarray(from, from + words));
  }
}
