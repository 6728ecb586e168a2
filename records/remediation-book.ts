import type { ObjectStore } from "../aws/s3";
import {
  nothingViolated,
  type RemediationEntry,
  remediationEntriesPrefix,
  type RemediationState,
  remediationState,
  remediationStateKey,
} from "../contract/remediation";
import { SharedObject } from "./shared-object";

/**
 * What was violated, and what was done about it: a state that functions at a time change without losing anything, and
 * an entry for each step of the ladder. An entry's name follows from what it is about, so that one that is written
 * again is not written twice.
 */
export class RemediationBook extends SharedObject<RemediationState> {
  constructor(
    private readonly objects: Pick<ObjectStore, "getWithTag" | "putIf">,
    private readonly bucket: string,
    log: (line: string) => void,
  ) {
    super(objects, { bucket, key: remediationStateKey }, remediationState, nothingViolated, log);
  }

  async enter(entry: RemediationEntry): Promise<void> {
    const key = `${remediationEntriesPrefix}${entry.at.slice(0, 10).replaceAll("-", "/")}/${entry.id}.json`;
    await this.objects.putIf({ bucket: this.bucket, key }, JSON.stringify(entry), { absent: true }, "application/json");
  }
}
