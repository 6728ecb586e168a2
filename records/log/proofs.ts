import { foldRight, nodeHash, splitOf } from "./hashing";

/** Gives the root of the perfect subtree over the entries from `index * 2 ** level` on, `2 ** level` of them. */
export type NodeReader = (level: number, index: number) => Promise<Buffer>;

/** A claim about a tree that its hashes do not bear out. */
export class ProofRefused extends Error {
  constructor(why: string) {
    super(`the proof does not hold: ${why}`);
    this.name = "ProofRefused";
  }
}

/**
 * Root of the entries from `from` to before `to`; `from` is a multiple of a power of two that is not below their number.
 */
export async function rangeRoot(node: NodeReader, from: number, to: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = from, left = to - from; left > 0;) {
    const level = Math.floor(Math.log2(left));
    const width = 2 ** level;
    parts.push(await node(level, at / width));
    at += width;
    left -= width;
  }
  return foldRight(parts);
}

/** Hashes by which an entry's hash leads to the root of a tree of `size` entries (RFC 6962, section 2.1.1). */
export async function inclusionProof(node: NodeReader, index: number, size: number): Promise<Buffer[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`entry ${index} is not among ${size} entries`);
  const hashes: Buffer[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    const inLeft = index < middle;
    hashes.unshift(await (inLeft ? rangeRoot(node, middle, to) : rangeRoot(node, from, middle)));
    [from, to] = inLeft ? [from, middle] : [middle, to];
  }
  return hashes;
}

/** Hashes that show a tree of `size` entries to begin with the tree of `earlier` entries (RFC 6962, section 2.1.2). */
export async function consistencyProof(node: NodeReader, earlier: number, size: number): Promise<Buffer[]> {
  if (!(earlier >= 0 && earlier <= size)) throw new RangeError(`${earlier} entries are not among ${size} entries`);
  if (earlier === 0 || earlier === size) return [];
  const hashes: Buffer[] = [];
  let [from, to] = [0, size];
  // Whether the subtree at hand is the whole earlier tree, whose root the verifier has.
  let whole = true;
  while (earlier !== to) {
    const middle = from + splitOf(to - from);
    if (earlier <= middle) {
      hashes.unshift(await rangeRoot(node, middle, to));
      to = middle;
    } else {
      hashes.unshift(await rangeRoot(node, from, middle));
      from = middle;
      whole = false;
    }
  }
  if (!whole) hashes.unshift(await rangeRoot(node, from, to));
  return hashes;
}

/**
 * Checks an inclusion proof (RFC 9162, section 2.1.3.2).
 * @throws ProofRefused.
 */
export function verifyInclusion(
  { index, size, root }: { readonly index: number; readonly size: number; readonly root: Buffer },
  leaf: Buffer,
  hashes: readonly Buffer[],
): void {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size))
    throw new ProofRefused(`entry ${index} is not among ${size} entries`);
  let [at, last, found] = [index, size - 1, leaf];
  for (const hash of hashes) {
    if (last === 0) throw new ProofRefused("it has too many hashes");
    if (at % 2 === 1 || at === last) {
      found = nodeHash(hash, found);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else found = nodeHash(found, hash);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw new ProofRefused("it has too few hashes");
  if (!found.equals(root)) throw new ProofRefused("it leads to another root");
}

/** A tree as somebody knows it. */
export interface TreeHead {
  /** How many entries it has. */
  readonly size: number;
  readonly root: Buffer;
}

/**
 * Checks that the later tree begins with the earlier one (RFC 9162, section 2.1.4.2).
 * @throws ProofRefused.
 */
export function verifyConsistency(earlier: TreeHead, later: TreeHead, hashes: readonly Buffer[]): void {
  if (earlier.size > later.size) throw new ProofRefused(`${earlier.size} entries are not among ${later.size}`);
  if (earlier.size === later.size || earlier.size === 0) {
    if (hashes.length > 0) throw new ProofRefused("it has too many hashes");
    if (earlier.size > 0 && !earlier.root.equals(later.root)) throw new ProofRefused("the roots differ");
    return;
  }
  const path = Number.isInteger(Math.log2(earlier.size)) ? [earlier.root, ...hashes] : [...hashes];
  const seed = path.shift();
  if (!seed) throw new ProofRefused("it has too few hashes");
  let [at, last] = [earlier.size - 1, later.size - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  let [before, after] = [seed, seed];
  for (const hash of path) {
    if (last === 0) throw new ProofRefused("it has too many hashes");
    if (at % 2 === 1 || at === last) {
      before = nodeHash(hash, before);
      after = nodeHash(hash, after);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else after = nodeHash(after, hash);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw new ProofRefused("it has too few hashes");
  if (!before.equals(earlier.root)) throw new ProofRefused("it leads to another earlier root");
  if (!after.equals(later.root)) throw new ProofRefused("it leads to another root");
}
