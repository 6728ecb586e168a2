import { setTimeout as delay } from "node:timers/promises";
import { atATime } from "../../aws/at-a-time";
import type { ObjectStore, S3Location } from "../../aws/s3";
import { type LogEntry, readEntry, writeEntry } from "./entry";
import { emptyRoot, leafHash } from "./hashing";
import { IdIndex } from "./id-index";
import { type Checkpoint, checkpointText, type LogKey, NoteRefused, readCheckpoint, signedNote } from "./note";
import { ProofRefused, type TreeHead, verifyConsistency } from "./proofs";
import {
  entriesOf,
  type FileReader,
  type LogFile,
  LogFileDamaged,
  readBundle,
  TiledTree,
  tilePath,
  tileWidth,
  TreeWriter,
  writeBundle,
} from "./tiles";
import { checkpointPath, type LogCheck, type VerifyOptions, verifyLog } from "./verify";

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

/** Where a log's newest checkpoint is noted outside of it, so that who can cut the one cannot cut the other. */
export interface Witness {
  /** Undefined when none was noted yet. */
  read(): Promise<TreeHead | undefined>;
  note(head: TreeHead): Promise<void>;
}

export interface LogArgs {
  readonly store: Pick<ObjectStore, "get" | "getWithTag" | "putIf">;
  readonly bucket: string;
  /** Ends in a slash; everything of the log lies below. */
  readonly prefix: string;
  readonly key: LogKey;
  /** Signs by the log's key, ECDSA over the SHA-256: DER. */
  readonly sign: (text: Buffer) => Promise<Buffer>;
  readonly witness: Witness;
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

  constructor(private readonly args: LogArgs) {
    this.ids = new IdIndex(args.store, (name) => this.at(`ids/${name}`));
  }

  /** By which its checkpoints are verified. */
  get key(): LogKey {
    return this.args.key;
  }

  /** Reads the log's files. */
  readonly read: FileReader = (path) => this.args.store.get(this.at(path));

  /**
   * Adds entries in their order, each once: what is there already, byte for byte, counts as added.
   * @throws EntryRefused; LogBroken when the log is not what was signed and witnessed, or has an id with another entry;
   * LogBusy after many conflicts.
   */
  async append(entries: readonly Omit<LogEntry, "schema">[]): Promise<void> {
    let left: Draft[] = entries.map((entry) => ({ id: entry.id, bytes: writeEntry(entry) }));
    for (let tries = 0; left.length > 0 && tries < maxTries; tries += 1) {
      const opened = await this.open();
      const begun = await this.read(pendingPath(opened.head.size));
      if (begun) {
        await this.integrate(opened, this.draftsIn(opened.head.size, begun));
        continue;
      }
      left = await this.missing(left, opened.head.size);
      const batch = batchOf(left);
      if (batch.length === 0) return;
      const { outcome } = await this.args.store.putIf(
        this.at(pendingPath(opened.head.size)),
        writeBundle(batch.map(({ bytes }) => bytes)),
        { absent: true },
        "application/octet-stream",
      );
      if (outcome === "written") {
        await this.integrate(opened, batch);
        left = left.slice(batch.length);
        tries = 0;
      } else await delay(Math.random() * Math.min(pauseMs.max, pauseMs.min * 2 ** tries));
    }
    if (left.length > 0) throw new LogBusy(this.where);
  }

  /** Index of the entry with an id. */
  async indexOf(id: string): Promise<number | undefined> {
    return (await this.ids.find([id])).get(id);
  }

  /** Checks the whole log against its key and its witness; one that nobody wrote to yet is fine. */
  async verify({ known = [], each }: VerifyOptions = {}): Promise<LogCheck> {
    // Read first: the log may be ahead of it, never behind.
    const witnessed = await this.args.witness.read();
    const heads = witnessed ? [...known, witnessed] : known;
    if (heads.length === 0 && !(await this.read(checkpointPath))) return { ok: true, problems: [] };
    return verifyLog(this.read, this.args.key, { known: heads, each });
  }

  /** The log's state, checked as far as adding to it needs. */
  private async open(): Promise<Opened> {
    const witnessed = await this.args.witness.read();
    const found = await this.args.store.getWithTag(this.at(checkpointPath));
    if (!found) {
      if (witnessed) throw this.broken(`it has no checkpoint, and had ${witnessed.size} entries`);
      return { head: { size: 0, root: emptyRoot() }, tag: undefined, tree: new TreeWriter() };
    }
    try {
      const head = readCheckpoint(found.body.toString("utf8"), this.args.key);
      const tree = await TreeWriter.open(this.read, head.size);
      if (!tree.root().equals(head.root)) throw this.broken("its tiles do not lead to the root of its checkpoint");
      if (witnessed) await this.mustContinue(witnessed, head);
      return { head, tag: found.tag, tree };
    } catch (error) {
      if (error instanceof NoteRefused || error instanceof LogFileDamaged) throw this.broken(error.message);
      throw error;
    }
  }

  /** No checkpoint is signed that an earlier one contradicts. */
  private async mustContinue(witnessed: TreeHead, head: Checkpoint): Promise<void> {
    if (witnessed.size > head.size)
      throw this.broken(`it has ${head.size} entries, and had ${witnessed.size}: its end is missing`);
    try {
      const proof = await new TiledTree(this.read, head.size).consistency(witnessed.size);
      verifyConsistency(witnessed, head, proof);
    } catch (error) {
      if (error instanceof ProofRefused)
        throw this.broken(`its first ${witnessed.size} entries are not those that were witnessed`);
      throw error;
    }
  }

  /** Those that the log does not have. */
  private async missing(drafts: readonly Draft[], size: number): Promise<Draft[]> {
    const known = await this.ids.find(drafts.map(({ id }) => id));
    const bundles = new Map<number, Promise<Buffer[]>>();
    const seen = new Map<string, Buffer>();
    const missing: Draft[] = [];
    for (const draft of drafts) {
      const index = known.get(draft.id);
      let there = seen.get(draft.id);
      // Beyond the end stands what somebody is adding right now.
      if (index !== undefined && index < size) {
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
  private async integrate({ head, tag, tree }: Opened, batch: readonly Draft[]): Promise<void> {
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
    await atATime(files, (file) => this.writeOnce(file));
    await this.ids.add(new Map(batch.map(({ id }, at) => [id, head.size + at])));
    const next = { size: tree.size, root: tree.root() };
    const text = checkpointText({ origin: this.args.key.name, ...next });
    const signature = await this.args.sign(Buffer.from(text, "utf8"));
    const { outcome } = await this.args.store.putIf(
      this.at(checkpointPath),
      signedNote(text, this.args.key, signature),
      tag === undefined ? { absent: true } : { tag },
      "text/plain; charset=utf-8",
    );
    // Who was faster wrote the same tree, and notes it.
    if (outcome === "written") await this.args.witness.note(next);
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
