import { setTimeout as delay } from "node:timers/promises";
import { atATime } from "../../aws/at-a-time";
import type { ObjectStore } from "../../aws/s3";
import { batchOf, type Draft, draftOf, draftsIn, pendingPath } from "./drafts";
import type { LogEntry } from "./entry";
import { emptyRoot, leafHash } from "./hashing";
import { idsIn, KnownEntries } from "./known-entries";
import { LogFiles } from "./log-files";
import { type Checkpoint, checkpointText, type LogKey, NoteRefused, readCheckpoint, signedNote } from "./note";
import type { LockedCopy } from "./locked";
import { type OutsideWitness, type Seen, verifyAgainst } from "./outside";
import { ProofRefused, type TreeHead, verifyConsistency } from "./proofs";
import { remakeLog } from "./remake";
import {
  entriesOf,
  type FileReader,
  type LogFile,
  LogFileDamaged,
  TiledTree,
  tilePath,
  tileWidth,
  TreeWriter,
  writeBundle,
} from "./tiles";
import { checkpointPath, type KnownHead, type LogCheck, type VerifyOptions } from "./verify";
import { type Witness, Witnesses } from "./witnesses";

/** Writers that met each other so often did not merely meet. */
const maxTries = 50;
const pauseMs = { min: 10, max: 300 };

/** The log is not what was written: nothing may be concluded from it, and nothing is added to it. */
export class LogBroken extends Error {
  constructor(
    where: string,
    readonly problems: readonly string[],
  ) {
    super(`the log ${where} is broken: ${problems.join("; ")}`);
    this.name = "LogBroken";
  }
}

/** Other writers were faster every time; what was not added yet can be added by the same call again. */
class LogBusy extends Error {
  constructor(where: string) {
    super(`the log ${where} was written by others ${maxTries} times in a row`);
    this.name = "LogBusy";
  }
}

export interface LogArgs {
  readonly store: Pick<ObjectStore, "get" | "getWithTag" | "putIf" | "list" | "delete">;
  readonly bucket: string;
  /** Ends in a slash; everything of the log lies below. */
  readonly prefix: string;
  readonly key: LogKey;
  /** Signs by the log's key, ECDSA over the SHA-256: DER. */
  readonly sign: (text: Buffer) => Promise<Buffer>;
  /** The writers' own note of the newest checkpoint, beside the log. */
  readonly witness: Witness;
  /** Who remembers what it was shown, and is nobody who writes the log. */
  readonly outside: OutsideWitness;
  /** What lies under a lock; undefined where nothing does. */
  readonly locked: LockedCopy | undefined;
}

export interface AppendOptions {
  /**
   * What an entry is whose id is there with other bytes: the log is broken, or, for whoever may say the same thing
   * twice in different words, told already.
   */
  readonly known?: "same" | "told";
  /**
   * Whether the new checkpoint is witnessed at once; without it a later one is. For entries about the witnessing itself,
   * which would never end.
   */
  readonly witnessed?: boolean;
}

export interface LogVerifyOptions extends VerifyOptions {
  /** Whether all that lies under a lock is read as well, not the newest checkpoint there alone. */
  readonly locked?: boolean | undefined;
}

/** The log as a writer found it. */
interface Opened {
  readonly head: TreeHead;
  /** Of the checkpoint; undefined while there is none. */
  readonly tag: string | undefined;
  readonly tree: TreeWriter;
  /** How many entries the witness outside has seen. */
  readonly outside: number;
  /** Whether nothing of it lies under a lock yet. */
  readonly unlocked: boolean;
}

/**
 * A log that only grows: a Merkle tree over its entries (RFC 6962), kept as C2SP's tlog-tiles, with a signed checkpoint.
 *
 * Whoever writes the object `pending/<size>` first has the places from `size` on; S3 lets nobody write it again. What
 * follows (bundles, tiles, index, checkpoint) comes from it alone, so that whoever finds it there, after its writer was
 * killed, brings it to its end. An entry whose id is there is not added again.
 */
export class TransparencyLog {
  private readonly known: KnownEntries;
  private readonly witnesses: Witnesses;
  private readonly files: LogFiles;

  constructor(private readonly args: LogArgs) {
    this.witnesses = new Witnesses(args.key, args.witness, args.outside, args.locked);
    this.files = new LogFiles(args.store, args.bucket, args.prefix);
    this.known = new KnownEntries(this.files);
  }

  /** By which its checkpoints are verified. */
  get key(): LogKey {
    return this.args.key;
  }

  /** Reads the log's files. */
  get read(): FileReader {
    return this.files.read;
  }

  /** What the witness outside remembers, and where it is; undefined when nothing was shown to it yet. */
  async seenOutside(): Promise<{ readonly by: string; readonly seen: Seen } | undefined> {
    const seen = await this.args.outside.read();
    return seen && { by: this.args.outside.by, seen };
  }

  /**
   * Makes the log's files again from what lies under the lock.
   * @returns the newest checkpoint there; undefined where nothing lies there.
   * @throws NoteRefused, LogFileDamaged.
   */
  async remake(write: (file: LogFile) => Promise<void>): Promise<Checkpoint | undefined> {
    return this.args.locked && remakeLog(this.args.locked, this.args.key, write);
  }

  /**
   * Adds entries in their order, each once: what is there already, byte for byte, counts as added.
   * @throws EntryRefused; LogBroken when the log is not what was signed and witnessed, or has an id with another entry;
   * LogBusy after many conflicts.
   */
  async append(
    entries: readonly Omit<LogEntry, "schema">[],
    { known = "same", witnessed = true }: AppendOptions = {},
  ): Promise<void> {
    let left: Draft[] = entries.map(draftOf);
    for (let tries = 0; left.length > 0 && tries < maxTries; tries += 1) {
      const opened = await this.open();
      const begun = await this.read(pendingPath(opened.head.size));
      if (begun) {
        const drafts = await this.damageTold(() => draftsIn(opened.head.size, begun));
        await this.integrate(opened, drafts, witnessed);
        continue;
      }
      left = await this.damageTold(() => this.known.missing(left, opened.head.size, known));
      const batch = batchOf(left);
      if (batch.length === 0) return;
      const pending = { path: pendingPath(opened.head.size), body: writeBundle(batch.map(({ bytes }) => bytes)) };
      if (await this.files.writeNew(pending)) {
        await this.integrate(opened, batch, witnessed);
        left = left.slice(batch.length);
        tries = 0;
      } else await delay(Math.random() * Math.min(pauseMs.max, pauseMs.min * 2 ** tries));
    }
    if (left.length > 0) throw new LogBusy(this.where);
  }

  /** Index of the entry with an id. @throws LogBroken. */
  async indexOf(id: string): Promise<number | undefined> {
    const found = await this.files.exactly(checkpointPath);
    if (!found) return undefined;
    try {
      const { size } = readCheckpoint(found.toString("utf8"), this.args.key);
      return (await this.known.find([id], size)).get(id);
    } catch (error) {
      throw error instanceof NoteRefused || error instanceof LogFileDamaged ? this.broken(error.message) : error;
    }
  }

  /** Checks the whole log against its key and all of its witnesses; one that nobody wrote to yet is fine. */
  async verify({ known = [], each, locked = false }: LogVerifyOptions = {}): Promise<LogCheck> {
    // Heard first: the log may be ahead of them, never behind.
    const heard = await this.witnesses.hear();
    const problems = [...heard.problems, ...(locked ? await this.problemsUnderLock() : [])];
    const nothing = known.length === 0 && heard.heads.length === 0 && problems.length === 0;
    if (nothing && !(await this.read(checkpointPath))) return { ok: true, problems: [] };
    return verifyAgainst({ ...heard, problems }, this.read, this.args.key, { known, each });
  }

  private async problemsUnderLock(): Promise<string[]> {
    try {
      await this.remake(() => Promise.resolve());
      return [];
    } catch (error) {
      if (error instanceof NoteRefused || error instanceof LogFileDamaged) return [error.message];
      throw error;
    }
  }

  /** The log's state, checked as far as adding to it needs. */
  private async open(): Promise<Opened> {
    const { heads, outside, unlocked, problems } = await this.witnesses.hear();
    if (problems.length > 0) throw new LogBroken(this.where, problems);
    const found = await this.files.checkpoint();
    if (!found) {
      const had = Math.max(0, ...heads.map(({ size }) => size));
      if (had > 0) throw this.broken(`it has no checkpoint, and had ${had} entries`);
      return { head: { size: 0, root: emptyRoot() }, tag: undefined, tree: new TreeWriter(), outside, unlocked };
    }
    try {
      const head = readCheckpoint(found.body.toString("utf8"), this.args.key);
      const tree = await TreeWriter.open(this.read, head.size);
      if (!tree.root().equals(head.root)) throw this.broken("its tiles do not lead to the root of its checkpoint");
      for (const known of heads) await this.mustContinue(known, head);
      return { head, tag: found.tag, tree, outside, unlocked };
    } catch (error) {
      if (error instanceof NoteRefused || error instanceof LogFileDamaged) throw this.broken(error.message);
      throw error;
    }
  }

  /** No checkpoint is signed that an earlier one contradicts. */
  private async mustContinue(witnessed: KnownHead, head: Checkpoint): Promise<void> {
    const says = witnessed.by === undefined ? "" : `, as ${witnessed.by} says`;
    if (witnessed.size > head.size)
      throw this.broken(`it has ${head.size} entries, and had ${witnessed.size}${says}: its end is missing`);
    try {
      const proof = await new TiledTree(this.read, head.size).consistency(witnessed.size);
      verifyConsistency(witnessed, head, proof);
    } catch (error) {
      if (error instanceof ProofRefused)
        throw this.broken(`its first ${witnessed.size} entries are not those that were witnessed${says}`);
      throw error;
    }
  }

  private bundle(index: number, size: number): Promise<Buffer[]> {
    return this.damageTold(() => entriesOf(this.read, size, index));
  }

  /** Adds what has its places already. Whoever else does the same writes the same. */
  private async integrate(
    { head, tag, tree, outside, unlocked }: Opened,
    batch: readonly Draft[],
    witnessed: boolean,
  ): Promise<void> {
    let open = head.size % tileWidth > 0 ? await this.bundle(Math.floor(head.size / tileWidth), head.size) : [];
    if (
      !open.every((bytes, at) => leafHash(bytes).equals(tree.openLeaves[at]!)) ||
      open.length !== tree.openLeaves.length
    )
      throw this.broken("its last bundle does not have the hashes of its tile");
    const files: LogFile[] = [];
    const first = Math.floor(head.size / tileWidth);
    open = [...open, ...batch.map(({ bytes }) => bytes)];
    for (let at = 0; at < open.length; at += tileWidth) {
      const some = open.slice(at, at + tileWidth);
      files.push({ path: tilePath("entries", first + at / tileWidth, some.length), body: writeBundle(some) });
    }
    for (const { bytes } of batch) files.push(...tree.append(leafHash(bytes)));
    files.push(...tree.partials());
    files.push(...(await this.known.index.filesOf(head.size, tree.size, idsIn(open))));
    await this.damageTold(() => atATime(files, (file) => this.files.writeOnce(file)));
    await this.damageTold(() => this.lockEntries(unlocked ? 0 : head.size, head.size, batch));
    const next = { size: tree.size, root: tree.root() };
    const text = checkpointText({ origin: this.args.key.name, ...next });
    const signature = await this.args.sign(Buffer.from(text, "utf8"));
    const note = signedNote(text, this.args.key, signature);
    await this.args.locked?.keepCheckpoint(next.size, note);
    // Who was faster wrote the same tree, and notes it.
    if (!(await this.files.putCheckpoint(note, tag))) return;
    if (witnessed) await this.witnesses.note(next, note, new TiledTree(this.read, next.size), [outside, head.size]);
    await this.files.removePartials(head.size, files);
  }

  /** Puts what was appended under the lock, before it is signed; all that was there before, where nothing lies there yet. */
  private async lockEntries(from: number, size: number, batch: readonly Draft[]): Promise<void> {
    const { locked } = this.args;
    if (!locked) return;
    for (let at = from; at < size; at += tileWidth)
      await locked.keepEntries(at, await this.bundle(at / tileWidth, size));
    await locked.keepEntries(
      size,
      batch.map(({ bytes }) => bytes),
    );
  }

  private async damageTold<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof LogFileDamaged ? this.broken(error.message) : error;
    }
  }

  private broken(why: string): LogBroken {
    return new LogBroken(this.where, [why]);
  }

  private get where(): string {
    return this.files.where;
  }
}
