import { setTimeout as delay } from "node:timers/promises";
import { atATime } from "../../aws/at-a-time";
import type { ObjectStore, S3Location } from "../../aws/s3";
import { type LogEntry, readEntry, writeEntry } from "./entry";
import { emptyRoot, leafHash } from "./hashing";
import { IdIndex } from "./id-index";
import { type Checkpoint, checkpointText, type LogKey, NoteRefused, readCheckpoint, signedNote } from "./note";
import type { LockedCopy } from "./locked";
import type { OutsideWitness } from "./outside";
import { ProofRefused, type TreeHead, verifyConsistency } from "./proofs";
import {
  beginningOf,
  entriesOf,
  type FileReader,
  type LogFile,
  LogFileDamaged,
  openPaths,
  readBundle,
  TiledTree,
  tilePath,
  tileWidth,
  TreeWriter,
  writeBundle,
} from "./tiles";
import { checkpointPath, type KnownHead, type LogCheck, type VerifyOptions, verifyLog } from "./verify";
import { type Witness, Witnesses } from "./witnesses";

/** What one step adds at most, entries and bytes; more is added in several. */
const maxBatch = { entries: 65_536, bytes: 16 << 20 };
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

/** An entry that is to be added. */
interface Draft {
  readonly id: string;
  readonly bytes: Buffer;
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
  private readonly ids: IdIndex;
  private readonly witnesses: Witnesses;

  constructor(private readonly args: LogArgs) {
    this.witnesses = new Witnesses(args.key, args.witness, args.outside, args.locked);
    this.ids = new IdIndex(
      (path) => this.args.store.get(this.at(path)),
      async (index) => idsIn(await this.bundle(index, (index + 1) * tileWidth)),
    );
  }

  /** By which its checkpoints are verified. */
  get key(): LogKey {
    return this.args.key;
  }

  /** Reads the log's files. Of a partial one that was taken away the beginning of the full one is the same. */
  readonly read: FileReader = async (path) =>
    (await this.args.store.get(this.at(path))) ?? (await this.partOfFull(path));

  /**
   * Adds entries in their order, each once: what is there already, byte for byte, counts as added.
   * @throws EntryRefused; LogBroken when the log is not what was signed and witnessed, or has an id with another entry;
   * LogBusy after many conflicts.
   */
  async append(
    entries: readonly Omit<LogEntry, "schema">[],
    { known = "same", witnessed = true }: AppendOptions = {},
  ): Promise<void> {
    let left: Draft[] = entries.map((entry) => ({ id: entry.id, bytes: writeEntry(entry) }));
    for (let tries = 0; left.length > 0 && tries < maxTries; tries += 1) {
      const opened = await this.open();
      const begun = await this.read(pendingPath(opened.head.size));
      if (begun) {
        await this.integrate(opened, this.draftsIn(opened.head.size, begun), witnessed);
        continue;
      }
      left = await this.missing(left, opened.head.size, known);
      const batch = batchOf(left);
      if (batch.length === 0) return;
      const { outcome } = await this.args.store.putIf(
        this.at(pendingPath(opened.head.size)),
        writeBundle(batch.map(({ bytes }) => bytes)),
        { absent: true },
        "application/octet-stream",
      );
      if (outcome === "written") {
        await this.integrate(opened, batch, witnessed);
        left = left.slice(batch.length);
        tries = 0;
      } else await delay(Math.random() * Math.min(pauseMs.max, pauseMs.min * 2 ** tries));
    }
    if (left.length > 0) throw new LogBusy(this.where);
  }

  /** Index of the entry with an id. @throws LogBroken. */
  async indexOf(id: string): Promise<number | undefined> {
    const found = await this.args.store.get(this.at(checkpointPath));
    if (!found) return undefined;
    try {
      return (await this.find([id], readCheckpoint(found.toString("utf8"), this.args.key).size)).get(id);
    } catch (error) {
      throw error instanceof NoteRefused ? this.broken(error.message) : error;
    }
  }

  /** Checks the whole log against its key and both of its witnesses; one that nobody wrote to yet is fine. */
  async verify({ known = [], each }: VerifyOptions = {}): Promise<LogCheck> {
    // Heard first: the log may be ahead of them, never behind.
    const { heads, problems, witnessed } = await this.witnesses.hear();
    const nothing = known.length === 0 && heads.length === 0 && problems.length === 0;
    if (nothing && !(await this.read(checkpointPath))) return { ok: true, problems: [] };
    const check = await verifyLog(this.read, this.args.key, { known: [...known, ...heads], each });
    return {
      ...check,
      ok: check.ok && problems.length === 0,
      problems: [...problems, ...check.problems],
      ...(witnessed ? { witnessed } : {}),
    };
  }

  /** The log's state, checked as far as adding to it needs. */
  private async open(): Promise<Opened> {
    const { heads, outside, unlocked, problems } = await this.witnesses.hear();
    if (problems.length > 0) throw new LogBroken(this.where, problems);
    const found = await this.args.store.getWithTag(this.at(checkpointPath));
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

  /** Those that the log does not have. */
  private async missing(
    drafts: readonly Draft[],
    size: number,
    another: NonNullable<AppendOptions["known"]>,
  ): Promise<Draft[]> {
    const known = await this.find(
      drafts.map(({ id }) => id),
      size,
    );
    const bundles = new Map<number, Promise<Buffer[]>>();
    const seen = new Map<string, Buffer>();
    const missing: Draft[] = [];
    for (const draft of drafts) {
      const index = known.get(draft.id);
      if (another === "told" && (index !== undefined || seen.has(draft.id))) continue;
      let there = seen.get(draft.id);
      if (index !== undefined) {
        const bundle = Math.floor(index / tileWidth);
        if (!bundles.has(bundle)) bundles.set(bundle, this.bundle(bundle, size));
        there = (await bundles.get(bundle))?.[index % tileWidth] ?? Buffer.alloc(0);
      }
      if (!there) missing.push(draft);
      else if (!there.equals(draft.bytes)) throw this.broken(`it has another entry with the id ${draft.id}`);
      seen.set(draft.id, draft.bytes);
    }
    return missing;
  }

  /** Indices of those ids that the log has. */
  private async find(ids: readonly string[], size: number): Promise<Map<string, number>> {
    const found = await this.ids.find(ids, size).catch((error: unknown) => {
      throw error instanceof LogFileDamaged ? this.broken(error.message) : error;
    });
    const open = Math.floor(size / tileWidth);
    const wanted = new Set(ids);
    if (size % tileWidth > 0)
      for (const [at, id] of idsIn(await this.bundle(open, size)).entries())
        if (wanted.has(id)) found.set(id, open * tileWidth + at);
    return found;
  }

  private async bundle(index: number, size: number): Promise<Buffer[]> {
    try {
      return await entriesOf(this.read, size, index);
    } catch (error) {
      throw error instanceof LogFileDamaged ? this.broken(error.message) : error;
    }
  }

  /** What somebody laid down to follow the first `size` entries. */
  private draftsIn(size: number, pending: Buffer): Draft[] {
    return readBundle(pendingPath(size), pending).map((bytes, at) => {
      const found = readEntry(bytes);
      if ("problem" in found) throw this.broken(`what is to be entry ${size + at} ${found.problem}`);
      return { id: found.entry.id, bytes };
    });
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
    files.push(...(await this.ids.filesOf(head.size, tree.size, idsIn(open))));
    await atATime(files, (file) => this.writeOnce(file));
    await this.lockEntries(unlocked ? 0 : head.size, head.size, batch);
    const next = { size: tree.size, root: tree.root() };
    const text = checkpointText({ origin: this.args.key.name, ...next });
    const signature = await this.args.sign(Buffer.from(text, "utf8"));
    const note = signedNote(text, this.args.key, signature);
    await this.args.locked?.keepCheckpoint(next.size, note);
    const { outcome } = await this.args.store.putIf(
      this.at(checkpointPath),
      note,
      tag === undefined ? { absent: true } : { tag },
      "text/plain; charset=utf-8",
    );
    // Who was faster wrote the same tree, and notes it.
    if (outcome !== "written") return;
    if (witnessed) await this.witnesses.note(next, note, new TiledTree(this.read, next.size), [outside, head.size]);
    await this.removePartials(head.size, files);
  }

  /**
   * Takes the partial files away whose full ones are there (C2SP tlog-tiles, "Partial Tiles"): 255 of each bundle, each
   * with all that the one before had. Those that a killed writer leaves do no harm.
   */
  private async removePartials(before: number, files: readonly LogFile[]): Promise<void> {
    const full = new Set(files.map(({ path }) => path));
    for (const path of openPaths(before).filter((one) => full.has(one))) {
      const { bucket, key } = this.at(`${path}.p/`);
      const partials = await this.args.store.list(bucket, key);
      await atATime(partials, (partial) => this.args.store.delete({ bucket, key: partial.key }));
    }
  }

  /** Puts what was appended under the lock, before it is signed; all that was there before, where nothing lies there yet. */
  private async lockEntries(from: number, size: number, batch: readonly Draft[]): Promise<void> {
    const { locked } = this.args;
    if (!locked) return;
    try {
      for (let at = from; at < size; at += tileWidth)
        await locked.keepEntries(at, await this.bundle(at / tileWidth, size));
      await locked.keepEntries(
        size,
        batch.map(({ bytes }) => bytes),
      );
    } catch (error) {
      throw error instanceof LogFileDamaged ? this.broken(error.message) : error;
    }
  }

  private async partOfFull(path: string): Promise<Buffer | undefined> {
    const [, full, width] = /^(tile\/.+)\.p\/([1-9]\d{0,2})$/.exec(path) ?? [];
    const body = full === undefined ? undefined : await this.args.store.get(this.at(full));
    return body && beginningOf(full!, body, Number(width));
  }

  private async writeOnce({ path, body }: LogFile): Promise<void> {
    const { outcome } = await this.args.store.putIf(this.at(path), body, { absent: true }, "application/octet-stream");
    if (outcome === "written" || (await this.read(path))?.equals(body)) return;
    throw this.broken(`${path} holds something else than the entries make`);
  }

  private at(path: string): S3Location {
    return { bucket: this.args.bucket, key: `${this.args.prefix}${path}` };
  }

  private broken(why: string): LogBroken {
    return new LogBroken(this.where, [why]);
  }

  private get where(): string {
    return `s3://${this.args.bucket}/${this.args.prefix}`;
  }
}

/** What follows the first `size` entries, as its writer laid it down. */
function pendingPath(size: number): string {
  return `pending/${size}`;
}

/** As many of the first drafts as one step adds. */
function batchOf(drafts: readonly Draft[]): Draft[] {
  let bytes = 0;
  const end = drafts.findIndex(
    (draft, at) => (bytes += draft.bytes.length) > maxBatch.bytes || at === maxBatch.entries,
  );
  return drafts.slice(0, end < 0 ? undefined : Math.max(end, 1));
}

/** Ids of entries that are known to be some. */
function idsIn(entries: readonly Buffer[]): string[] {
  return entries.map((bytes) => (JSON.parse(bytes.toString("utf8")) as LogEntry).id);
}
