import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { atATime } from "../../aws/at-a-time";
import { type LogKey, readCheckpoint } from "../../records/log/note";
import type { TransparencyLog } from "../../records/log/log";
import { readSeen, testimonyOf, verifyAgainst, writeSeen } from "../../records/log/outside";
import { writeProof } from "../../records/log/proof-file";
import { entriesOf, type FileReader, LogFileDamaged, pathsOf, TiledTree, tileWidth } from "../../records/log/tiles";
import { checkpointPath, type LogCheck, type VerifyOptions, verifyLog } from "../../records/log/verify";
import { UserError } from "../errors";

/** Name of the file with the log's public key, beside the log's own files. */
export const keyFile = "log.vkey";
/** Name of the file with what the witness in another environment saw of it. */
const witnessFile = "witness.json";

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
 * Copies a log, as its checkpoint has it, its public key and what its witness saw into a folder.
 * @returns how many entries it has.
 * @throws UserError for a log without entries; NoteRefused, LogFileDamaged, ParameterDamaged.
 */
export async function exportLog(
  log: Pick<TransparencyLog, "read" | "key" | "seenOutside">,
  folder: string,
): Promise<number> {
  const { read, key } = log;
  const write = writerInto(folder);
  // First: the log may be ahead of its witness, never behind.
  const witnessed = await log.seenOutside();
  const { note, size } = await newest(read, key);
  await write(keyFile, `${key.text}\n`);
  if (witnessed) await write(witnessFile, writeSeen(witnessed.by, witnessed.seen));
  await atATime(pathsOf(size), async (path) => {
    const body = await read(path);
    if (!body) throw new LogFileDamaged(path, "is missing");
    await write(path, body);
  });
  // Last: a copy that was not finished has no checkpoint.
  await write(checkpointPath, note);
  return size;
}

/**
 * Makes a log's files again in a folder, from what lies of it under a lock.
 * @returns how many entries it has.
 * @throws UserError where nothing lies there; NoteRefused, LogFileDamaged.
 */
export async function restoreLog(log: Pick<TransparencyLog, "key" | "remake">, folder: string): Promise<number> {
  const write = writerInto(folder);
  await write(keyFile, `${log.key.text}\n`);
  const made = await log.remake(({ path, body }) => write(path, body));
  if (!made)
    throw new UserError(
      "Nothing of the log lies under a lock.",
      "Only an environment with a trail of its own (peregrine:auditTrail) has such a copy: docs/verify.md.",
    );
  return made.size;
}

/** Verifies a log that lies in a folder, against what its witness saw where that lies beside it. @throws LogFileDamaged. */
export async function verifyFolder(folder: string, key: LogKey, options: VerifyOptions = {}): Promise<LogCheck> {
  const read = folderReader(folder);
  const written = await read(witnessFile);
  if (!written) return verifyLog(read, key, options);
  const { by, seen } = readSeen(witnessFile, written.toString("utf8"));
  return verifyAgainst(testimonyOf(by, seen, key), read, key, options);
}

function writerInto(folder: string): (path: string, body: Buffer | string) => Promise<void> {
  return async (path, body) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), body);
  };
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
