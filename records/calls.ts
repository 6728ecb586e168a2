import type { TrailRecord } from "../contract/trail";
import { callEntry, changesSomething, notesCheckpoint } from "../lifecycle/audit/call-entry";
import type { TransparencyLog } from "./log/log";
import type { People } from "./people";

export interface CallBooks {
  readonly records: Pick<TransparencyLog, "append">;
  readonly people: Pick<People, "mask" | "keep">;
}

/**
 * Adds an entry to the log for each of some records that is of a call that changes something; one that is there already
 * is not added again.
 *
 * Noting a checkpoint outside of the log is a call, too. Where there are no other calls than such, the checkpoint is not
 * noted until the next time: else each note would lead to another, for ever.
 *
 * @returns how many calls there were.
 */
export async function recordCalls(found: readonly TrailRecord[], { records, people }: CallBooks): Promise<number> {
  const changes = found.filter(changesSomething);
  if (changes.length === 0) return 0;
  const entries = changes
    .sort((one, other) => Date.parse(one.eventTime) - Date.parse(other.eventTime))
    .map((record) => callEntry(record, people.mask));
  // First: no digest is in the log whose name was never kept.
  await people.keep();
  await records.append(entries, { known: "told", witnessed: !changes.every(notesCheckpoint) });
  return changes.length;
}
