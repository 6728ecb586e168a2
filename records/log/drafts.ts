import { LogFileDamaged, readBundle } from "./tiles";
import { type LogEntry, readEntry, writeEntry } from "./entry";

/** What one step adds at most, entries and bytes; more is added in several. */
const maxBatch = { entries: 65_536, bytes: 16 << 20 };

/** An entry that is to be added. */
export interface Draft {
  readonly id: string;
  readonly bytes: Buffer;
}

/** @throws EntryRefused. */
export const draftOf = (entry: Omit<LogEntry, "schema">): Draft => ({ id: entry.id, bytes: writeEntry(entry) });

/** Where a writer lays down what is to follow the first `size` entries. */
export function pendingPath(size: number): string {
  return `pending/${size}`;
}

/** What somebody laid down to follow the first `size` entries. @throws LogFileDamaged. */
export function draftsIn(size: number, pending: Buffer): Draft[] {
  const path = pendingPath(size);
  return readBundle(path, pending).map((bytes, at) => {
    const found = readEntry(bytes);
    if ("problem" in found) throw new LogFileDamaged(path, `is to be entry ${size + at}, which ${found.problem}`);
    return { id: found.entry.id, bytes };
  });
}

/** As many of the first drafts as one step adds. */
export function batchOf(drafts: readonly Draft[]): Draft[] {
  let bytes = 0;
  const end = drafts.findIndex(
    (draft, at) => (bytes += draft.bytes.length) > maxBatch.bytes || at === maxBatch.entries,
  );
  return drafts.slice(0, end < 0 ? undefined : Math.max(end, 1));
}
