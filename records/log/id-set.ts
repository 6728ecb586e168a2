import { createHash } from "node:crypto";

/** Words of 32 bits that are kept of an id's hash. */
const words = 2;
/** How many of a table's slots are taken at most. */
const fullness = 0.75;

/**
 * Ids that were seen, by 64 bits of their hashes in one flat table: eleven bytes of memory for each. Somebody who looks
 * for them finds two ids that agree in so much, so that what it takes for one that was seen has to be looked at again.
 */
export class IdSet {
  private slots: number;
  private table: Uint32Array;
  private size = 0;

  /** @param expected how many there will be; more are taken, too. */
  constructor(expected: number) {
    this.slots = Math.ceil(expected / fullness) + 16;
    this.table = new Uint32Array(this.slots * words);
  }

  /** @returns false for an id whose hash is there already. */
  add(id: string): boolean {
    if (this.size >= this.slots * fullness) this.grow();
    const hash = createHash("sha256").update(id, "utf8").digest();
    // Zero marks a free slot.
    const added = this.put(hash.readUInt32LE(0) || 1, hash.readUInt32LE(4));
    if (added) this.size += 1;
    return added;
  }

  private put(high: number, low: number): boolean {
    for (let slot = Math.floor((high / 2 ** 32) * this.slots); ; slot = (slot + 1) % this.slots) {
      const at = slot * words;
      if (this.table[at] === 0) {
        this.table[at] = high;
        this.table[at + 1] = low;
        return true;
      }
      if (this.table[at] === high && this.table[at + 1] === low) return false;
    }
  }

  private grow(): void {
    const before = this.table;
    this.slots *= 2;
    this.table = new Uint32Array(this.slots * words);
    for (let at = 0; at < before.length; at += words) if (before[at] !== 0) this.put(before[at]!, before[at + 1]!);
  }
}
