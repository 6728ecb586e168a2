import { leafHash } from "./hashing";
import type { LockedCopy } from "./locked";
import { type Checkpoint, type LogKey, readCheckpoint } from "./note";
import { type LogFile, LogFileDamaged, tilePath, tileWidth, TreeWriter, writeBundle } from "./tiles";
import { checkpointPath } from "./verify";

/**
 * Makes a log's files again from its locked copy, as they are at the newest checkpoint there. Holds the batches that it
 * fetched ahead and one bundle.
 * @param write is given each file, the checkpoint last, once the entries have led to its root.
 * @returns the checkpoint; undefined where nothing lies under a lock.
 * @throws NoteRefused, LogFileDamaged where the copy is not what was signed.
 */
export async function remakeLog(
  copy: Pick<LockedCopy, "newest" | "batches">,
  key: LogKey,
  write: (file: LogFile) => Promise<void>,
): Promise<Checkpoint | undefined> {
  const note = await copy.newest();
  if (note === undefined) return undefined;
  const head = readCheckpoint(note, key);
  const tree = new TreeWriter();
  let bundle: Buffer[] = [];
  const writeEntries = async () => {
    const index = Math.floor((tree.size - 1) / tileWidth);
    await write({ path: tilePath("entries", index, bundle.length), body: writeBundle(bundle) });
    bundle = [];
  };
  for await (const { path, before, entries } of copy.batches()) {
    // Its writer was killed before it was signed.
    if (before >= head.size) break;
    if (before !== tree.size)
      throw new LogFileDamaged(path, `of the locked copy follows ${before} entries, and ${tree.size} are there`);
    for (const entry of entries) {
      bundle.push(entry);
      for (const tile of tree.append(leafHash(entry))) await write(tile);
      if (bundle.length === tileWidth) await writeEntries();
    }
  }
  if (tree.size !== head.size)
    throw new LogFileDamaged(
      "batches",
      `of the locked copy hold ${tree.size} entries of ${head.size} that were signed`,
    );
  if (bundle.length > 0) await writeEntries();
  for (const tile of tree.partials()) await write(tile);
  if (!tree.root().equals(head.root))
    throw new LogFileDamaged("batches", "of the locked copy do not lead to the root of its newest checkpoint");
  await write({ path: checkpointPath, body: Buffer.from(note, "utf8") });
  return head;
}
