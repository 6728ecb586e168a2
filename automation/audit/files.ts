import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { atATime } from "../../aws/at-a-time";
import { type LogKey, readCheckpoint } from "../../records/log/note";
import { writeProof } from "../../records/log/proof-file";
import { entriesOf, type FileReader, LogFileDamaged, pathsOf, TiledTree, tileWidth } from "../../records/log/tiles";
import { checkpointPath } from "../../records/log/verify";
import { UserError } from "../errors";

/** Name of the file with the log's public key, beside the log's own files. */
export const keyFile = "log.vkey";

/** Reads a log that was exported into a folder. */
export function folderReader(folder: string): FileReader {
  return async (path) => {
    try {
      return await readFile(join(folder, path));
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
      throw error;
    }
  };
}

/**
 * Copies a log, as its checkpoint has it, and its public key into a folder.
 * @returns how many entries it has.
 * @throws UserError for a log without entries; NoteRefused, LogFileDamaged.
 */
export async function exportLog(read: FileReader, key: LogKey, folder: string): Promise<number> {
  const { note, size } = await newest(read, key);
  const write = async (path: string, body: Buffer | string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), body);
  };
  await write(keyFile, `${key.text}\n`);
  await atATime(pathsOf(size), async (path) => {
    const body = await read(path);
    if (!body) throw new LogFileDamaged(path, "is missing");
    await write(path, body);
  });
  // Last: a copy that was not finished has no checkpoint.
  await write(checkpointPath, note);
  return size;
}

/** An entry with the proof that it is in the log. */
export interface ProvenEntry {
  readonly entry: Buffer;
  /** C2SP tlog-proof. */
  readonly proof: string;
}

/** @throws UserError when there is no such entry; NoteRefused, LogFileDamaged. */
export async function proveEntry(read: FileReader, key: LogKey, index: number): Promise<ProvenEntry> {
  const { note, size } = await newest(read, key);
  if (index >= size)
    throw new UserError(`There is no entry ${index}: the log has ${size}, the first is 0.`, "Name one of them.");
  const entry = (await entriesOf(read, size, Math.floor(index / tileWidth)))[index % tileWidth]!;
  return { entry, proof: writeProof(index, await new TiledTree(read, size).inclusion(index), note) };
}

async function newest(read: FileReader, key: LogKey): Promise<{ readonly note: string; readonly size: number }> {
  const note = await read(checkpointPath);
  if (!note)
    throw new UserError(
      "The log has no entries yet.",
      "It takes over the ledger's when the environment's next release or experiment is recorded.",
    );
  const text = note.toString("utf8");
  return { note: text, size: readCheckpoint(text, key).size };
}
