import { callerIdentity } from "../../aws/sts";
import { ObjectStore } from "../../aws/s3";
import type { StackOutputs } from "../../contract/outputs";
import { logPrefix } from "../../contract/places";
import type { TrailRecord } from "../../contract/trail";
import { compareCalls, type Completeness } from "../../lifecycle/audit/completeness";
import { recordCalls } from "../../records/calls";
import { People } from "../../records/people";
import { eachTrailFile } from "../../records/trail";
import { UserError } from "../errors";
import type { Environment } from "../stack/environment";
import { logOf } from "./log";

type Target = Pick<Environment, "name" | "session">;

/** How complete a log is, and what was found on the way. */
export interface CheckedCompleteness extends Completeness {
  /** Log files of the trail that were read. */
  readonly files: number;
  /** What is wrong with the log itself. */
  readonly problems: readonly string[];
  /** Calls that had no entry and have one now. */
  readonly added: number;
}

export interface CompletenessOptions {
  /** Calls before that day are left out: `yyyy-mm-dd`. */
  readonly since?: string;
  /** Adds the entries that are missing. */
  readonly add?: boolean;
}

/**
 * Compares the log with the trail's own log files: each call that changed something has one entry, each entry of a call
 * its call.
 * @throws UserError where no trail of ours records.
 */
export async function checkCompleteness(
  target: Target,
  outputs: StackOutputs,
  { since, add = false }: CompletenessOptions = {},
): Promise<CheckedCompleteness> {
  const { session } = target;
  const store = new ObjectStore(session);
  const { arn, at: now } = await callerIdentity(session);
  const calls: TrailRecord[] = [];
  const files = await eachTrailFile(
    store,
    { bucket: auditBucketOf(target, outputs), accountId: arn.split(":")[4]!, ...(since ? { since } : {}) },
    (records) => calls.push(...records),
  );
  const log = await logOf(target, outputs);
  const ids: { id: string; at: string }[] = [];
  // After the files: what came meanwhile has its entry rather than none.
  const { problems } = await log.verify({ each: ({ id, at }) => ids.push({ id, at }) });
  const compared = compareCalls(calls, ids, now.toISOString(), since);
  let added = 0;
  if (add && compared.missing.length > 0 && problems.length === 0) {
    const wanted = new Set(compared.missing.map(({ id }) => id));
    const people = await People.open(store, outputs.artifactsBucket);
    added = await recordCalls(
      calls.filter(({ eventID }) => wanted.has(eventID)),
      { records: log, people },
    );
  }
  return { ...compared, files, problems, added };
}

/** @throws UserError where the environment has no trail of its own. */
export function auditBucketOf({ name }: Pick<Target, "name">, { auditBucket }: StackOutputs): string {
  if (auditBucket !== undefined) return auditBucket;
  throw new UserError(
    `${name} has no trail of its own: peregrine:auditTrail is organization.`,
    `The calls of ${name} are where that trail's log files lie; its log (${logPrefix}) has releases and experiments.`,
  );
}
