import type { LockedCopy } from "./locked";
import { type LogKey, NoteRefused, readCheckpoint } from "./note";
import { type OutsideWitness, type Testimony, testimonyOf } from "./outside";
import type { TiledTree } from "./tiles";
import type { TreeHead } from "./proofs";
import type { KnownHead } from "./verify";

/** Where a log's newest checkpoint is noted beside it, by who writes it. */
export interface Witness {
  /** Undefined when none was noted yet. */
  read(): Promise<TreeHead | undefined>;
  note(head: TreeHead): Promise<void>;
}

/** What a log's witnesses say. */
export interface Heard extends Testimony {
  /** Whether nothing lies under a lock yet. */
  readonly unlocked: boolean;
}

/** A log's witnesses: its writers' own note, who remembers it outside and is none of them, and what lies under a lock. */
export class Witnesses {
  constructor(
    private readonly key: LogKey,
    private readonly own: Witness,
    private readonly outside: OutsideWitness,
    private readonly locked: LockedCopy | undefined,
  ) {}

  /** @throws ParameterDamaged. */
  async hear(): Promise<Heard> {
    const [own, seen, kept] = await Promise.all([this.own.read(), this.outside.read(), this.locked?.newest()]);
    const problems: string[] = [];
    const heads: KnownHead[] = own ? [own] : [];
    if (kept !== undefined)
      try {
        const { size, root } = readCheckpoint(kept, this.key);
        heads.push({ size, root, by: "its locked copy" });
      } catch (error) {
        if (!(error instanceof NoteRefused)) throw error;
        problems.push(`the newest checkpoint of the locked copy: ${error.message}`);
      }
    const unlocked = kept === undefined;
    const told: Testimony = seen
      ? testimonyOf(this.outside.by, seen, this.key)
      : { heads: [], outside: 0, problems: [] };
    return { ...told, heads: [...heads, ...told.heads], problems: [...problems, ...told.problems], unlocked };
  }

  /**
   * Notes a checkpoint here and shows it outside, with proofs that it goes on from what was seen there, and from the one
   * before it: others may have shown that one meanwhile.
   */
  async note(head: TreeHead, note: string, tree: TiledTree, earlier: readonly number[]): Promise<void> {
    await this.own.note(head);
    const sizes = [...new Set(earlier)].filter((size) => size > 0);
    const proofs = await Promise.all(
      sizes.map(async (size) => ({
        size,
        hashes: (await tree.consistency(size)).map((hash) => hash.toString("base64")),
      })),
    );
    await this.outside.show({ key: this.key.text, note, proofs });
  }
}
