import { type LogEntry, readEntry } from "./entry";
import { hashBytes, leafHash } from "./hashing";
import { type Checkpoint, type LogKey, NoteRefused, readCheckpoint } from "./note";
import type { TreeHead } from "./proofs";
import { SeenIds } from "./seen-ids";
import { entriesOf, type FileReader, LogFileDamaged, tilePath, tilesOver, tileWidth, TreeWriter } from "./tiles";

/** Where a log has its checkpoint. */
export const checkpointPath = "checkpoint";

/** Problems that are told; more of them say no more. */
const maxProblems = 20;

/** A tree that a log must begin with. */
export interface KnownHead extends TreeHead {
  /** Who says so, such as `its witness in staging`; undefined for whoever asks, and for the writers' note. */
  readonly by?: string;
}

export interface LogCheck {
  readonly ok: boolean;
  /** In the order in which they were found; at most 20. */
  readonly problems: readonly string[];
  /** The checkpoint, where its signature holds. */
  readonly checkpoint?: Checkpoint;
  /** What the witness outside saw last. */
  readonly witnessed?: {
    /** Environment that it is in. */
    readonly by: string;
    readonly size: number;
    /** When it was shown. */
    readonly at: string;
  };
}

export interface VerifyOptions {
  /** What others know of the log: with these trees it must begin. They show a cut end, and a log written anew. */
  readonly known?: readonly KnownHead[];
  /** Is told each entry that is as the tree has it, in order. */
  readonly each?: (entry: LogEntry, index: number) => void;
}

/**
 * Checks a log without trusting anything in it but the key: builds the tree again from the entries, compares every
 * file, and the root with the signed checkpoint; no id may be there twice. Holds one bundle at a time, and a megabyte
 * of what ids there were.
 * @param read reads the log's files.
 */
export async function verifyLog(
  read: FileReader,
  key: LogKey,
  { known = [], each }: VerifyOptions = {},
): Promise<LogCheck> {
  const note = await read(checkpointPath);
  if (!note) return { ok: false, problems: ["there is no checkpoint"] };
  let checkpoint: Checkpoint;
  try {
    checkpoint = readCheckpoint(note.toString("utf8"), key);
  } catch (error) {
    if (error instanceof NoteRefused) return { ok: false, problems: [error.message] };
    throw error;
  }
  const problems = new Problems();
  const { size } = checkpoint;
  const heads = known.filter((head) => head.size > 0).sort((one, other) => one.size - other.size);
  for (const head of heads)
    if (head.size > size)
      problems.add(
        `the log has ${size} entries and had ${head.size}${saidBy(head)}: its end is missing, or the checkpoint is an old one`,
      );
  const ids = new SeenIds();
  try {
    const root = await rebuild(read, { size, heads }, problems, (entry, index) => {
      ids.add(entry.id);
      each?.(entry, index);
    });
    if (!root) return { ok: false, problems: problems.found, checkpoint };
    await findDoubled(read, size, ids, problems);
    if (!root.equals(checkpoint.root)) problems.add("the entries do not lead to the root of the checkpoint");
  } finally {
    ids.close();
  }
  return { ok: problems.found.length === 0, problems: problems.found, checkpoint };
}

/** The root over the entries, every file compared on the way; undefined where the tree cannot be built. */
async function rebuild(
  read: FileReader,
  { size, heads }: { readonly size: number; readonly heads: readonly KnownHead[] },
  problems: Problems,
  tell: NonNullable<VerifyOptions["each"]>,
): Promise<Buffer | undefined> {
  const tree = new TreeWriter();
  for (const { index, width } of tilesOver(size)) {
    const leaves = await leavesOf(read, { index, width, size }, problems, tell);
    if (!leaves) return undefined;
    for (const leaf of leaves) {
      const filled = tree.append(leaf);
      if (filled.length > 0) await compare(read, filled, problems);
      for (const head of heads)
        if (head.size === tree.size && !head.root.equals(tree.root()))
          problems.add(
            `the first ${head.size} entries are not those that ${head.by === undefined ? "somebody" : head.by} knows: the log was written anew`,
          );
    }
  }
  await compare(read, tree.partials(), problems);
  return tree.root();
}

const saidBy = ({ by }: KnownHead): string => (by === undefined ? "" : `, as ${by} says`);

class Problems {
  readonly found: string[] = [];

  add(text: string): void {
    if (this.found.length < maxProblems) this.found.push(text);
  }
}

/**
 * Hashes of a bundle's entries: as its tile has them, so that what follows is judged for itself; as the entries have
 * them where the tile cannot be read. Undefined where neither can.
 */
async function leavesOf(
  read: FileReader,
  { index, width, size }: { readonly index: number; readonly width: number; readonly size: number },
  problems: Problems,
  each: NonNullable<VerifyOptions["each"]>,
): Promise<Buffer[] | undefined> {
  const path = tilePath(0, index, width);
  const bundle = entriesOf(read, size, index).catch((error: unknown) => {
    if (!(error instanceof LogFileDamaged)) throw error;
    problems.add(error.message);
    return undefined;
  });
  const [entries, tile] = await Promise.all([bundle, read(path)]);
  const computed = entries?.map(leafHash);
  const fits = tile?.length === width * hashBytes;
  if (!fits)
    problems.add(`${path} ${tile ? `has ${tile.length} bytes instead of ${width * hashBytes}` : "is missing"}`);
  const stored = fits
    ? Array.from({ length: width }, (_, at) => tile.subarray(at * hashBytes, (at + 1) * hashBytes))
    : undefined;
  entries?.forEach((bytes, at) => {
    const number = index * tileWidth + at;
    const found = readEntry(bytes);
    if ("problem" in found) problems.add(`entry ${number} ${found.problem}`);
    if (stored && !stored[at]!.equals(computed![at]!))
      problems.add(`entry ${number} does not have the hash that ${path} has`);
    else if ("entry" in found) each(found.entry, number);
  });
  return stored ?? computed;
}

/** Which ids several entries have: each entry is read once more where there seem to be such. */
async function findDoubled(read: FileReader, size: number, ids: SeenIds, problems: Problems): Promise<void> {
  const suspected = ids.doubled();
  if (!suspected) return;
  const seen = new Set<string>();
  for (const { index } of tilesOver(size)) {
    const entries = await entriesOf(read, size, index).catch((error: unknown) => {
      // Said already.
      if (error instanceof LogFileDamaged) return [];
      throw error;
    });
    for (const [at, bytes] of entries.entries()) {
      const found = readEntry(bytes);
      if (!("entry" in found) || !suspected(found.entry.id)) continue;
      if (seen.has(found.entry.id))
        problems.add(`entry ${index * tileWidth + at} has the id of an earlier one: ${found.entry.id}`);
      seen.add(found.entry.id);
    }
  }
}

/** Compares tiles above the leaves' with those that the entries make. */
async function compare(read: FileReader, files: ReturnType<TreeWriter["append"]>, problems: Problems): Promise<void> {
  for (const { path, body } of files) {
    // The leaves were taken from there.
    if (path.startsWith("tile/0/")) continue;
    const found = await read(path);
    if (!found) problems.add(`${path} is missing`);
    else if (!found.equals(body)) problems.add(`${path} does not have the hashes of the tiles below`);
  }
}
