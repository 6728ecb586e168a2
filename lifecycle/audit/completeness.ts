import type { TrailRecord } from "../../contract/trail";
import { callEntryId, changesSomething } from "./call-entry";

/** A call, as far as it is told. */
export interface ToldCall {
  /** CloudTrail's id of the event. */
  readonly id: string;
  readonly at: string;
  readonly event: string;
}

/** Calls and entries that fit each other, and those that do not. */
export interface Completeness {
  /** Calls that change something, each once. */
  readonly calls: number;
  /** Entries of calls. */
  readonly entries: number;
  /** Calls without an entry. */
  readonly missing: readonly ToldCall[];
  /** Calls without an entry that are so young that theirs may be under way. */
  readonly waiting: readonly ToldCall[];
  /** Ids of entries of calls that no log file has, but for those whose file may have come since the files were read. */
  readonly orphans: readonly string[];
  /** Ids that several entries have. */
  readonly doubled: readonly string[];
}

/**
 * How long a call may go without an entry, minutes: CloudTrail delivers "typically within an average of about 5 minutes"
 * (CloudTrail user guide), a batch waits half of one, and what failed is tried again after twelve.
 */
const underWayMinutes = 20;
const start = callEntryId("");

/**
 * @param calls records of all log files, some of them more than once.
 * @param entries of the log, ids and times.
 * @param since what is older is not judged; else what is older than the oldest record, whose files have expired.
 */
export function compareCalls(
  calls: readonly TrailRecord[],
  entries: readonly { readonly id: string; readonly at: string }[],
  now: string,
  since?: string,
): Completeness {
  const oldest = calls.reduce((first, { eventTime }) => Math.min(first, Date.parse(eventTime)), Infinity);
  const from = since === undefined ? oldest : Math.max(oldest, Date.parse(since));
  const changes = new Map(
    calls
      .filter((call) => changesSomething(call) && Date.parse(call.eventTime) >= from)
      .map(({ eventID, eventTime, eventName }) => [eventID, { id: eventID, at: eventTime, event: eventName }]),
  );
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const { id } of entries) (seen.has(id) ? doubled : seen).add(id);
  const ofCalls = entries.filter(({ id, at }) => id.startsWith(start) && Date.parse(at) >= from);
  const without = [...changes.values()].filter(({ id }) => !seen.has(callEntryId(id)));
  const nowMs = Date.parse(now);
  const young = nowMs - underWayMinutes * 60_000;
  const judged = ({ at }: { readonly at: string }): boolean => Date.parse(at) < young || Date.parse(at) > nowMs;
  return {
    calls: changes.size,
    entries: ofCalls.length,
    missing: without.filter(({ at }) => Date.parse(at) < young),
    waiting: without.filter(({ at }) => Date.parse(at) >= young),
    orphans: ofCalls.filter((entry) => judged(entry) && !changes.has(entry.id.slice(start.length))).map(({ id }) => id),
    doubled: [...doubled],
  };
}
