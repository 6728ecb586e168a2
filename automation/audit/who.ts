import { ObjectStore } from "../../aws/s3";
import { callerIdentity } from "../../aws/sts";
import type { StackOutputs } from "../../contract/outputs";
import type { TrailRecord } from "../../contract/trail";
import { outcomeOf, type Outcome, touches } from "../../lifecycle/audit/touches";
import { eachTrailFile } from "../../records/trail";
import type { Environment } from "../stack/environment";
import { auditBucketOf } from "./completeness";

/** A call that touched a resource, as the trail has it. */
export interface Touch {
  readonly at: string;
  readonly event: string;
  readonly source: string;
  readonly outcome: Outcome;
  /** Error code, where it did not succeed. */
  readonly error?: string;
  /** ARN of the caller, or the service. */
  readonly by: string;
  /** Address, or the service that called. */
  readonly from: string;
  readonly id: string;
}

export interface WhoOptions {
  /** Only calls that were refused for want of a right. */
  readonly denied?: boolean;
  /** Calls before that day are left out: `yyyy-mm-dd`. */
  readonly since?: string;
}

/**
 * Who touched a resource, read or changed, by the trail's own log files: management events, and data events where the
 * trail's selectors ask for them.
 * @param resource its ARN, or its name.
 * @throws UserError where no trail of ours records.
 */
export async function whoTouched(
  target: Pick<Environment, "name" | "session">,
  outputs: StackOutputs,
  resource: string,
  { denied = false, since }: WhoOptions = {},
): Promise<Touch[]> {
  const { arn } = await callerIdentity(target.session);
  const found = new Map<string, Touch>();
  const place = { bucket: auditBucketOf(target, outputs), accountId: arn.split(":")[4]! };
  await eachTrailFile(new ObjectStore(target.session), { ...place, ...(since ? { since } : {}) }, (records) => {
    for (const record of records)
      if (touches(record, resource) && (!denied || outcomeOf(record) === "denied"))
        found.set(record.eventID, touchOf(record));
  });
  return [...found.values()].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

function touchOf(record: TrailRecord): Touch {
  const { eventID, eventName, eventSource, eventTime, errorCode, sourceIPAddress, userIdentity } = record;
  const { arn, invokedBy, accountId } = userIdentity;
  return {
    at: eventTime,
    event: eventName,
    source: eventSource,
    outcome: outcomeOf(record),
    ...(errorCode ? { error: errorCode } : {}),
    by: arn ?? invokedBy ?? accountId ?? "unknown",
    from: sourceIPAddress ?? invokedBy ?? "",
    id: eventID,
  };
}
