import type { ObjectStore } from "../aws/s3";
import { type AlertState, alertState, alertStateKey, nothingTold } from "../contract/alert-state";
import { SharedObject } from "./shared-object";

/**
 * What people were told and what is held: two functions at a time neither tell the same twice nor forget what the other
 * held. A damaged object counts as nothing told: hearing something twice is better than not at all.
 */
export class AlertBook extends SharedObject<AlertState> {
  constructor(store: Pick<ObjectStore, "getWithTag" | "putIf">, bucket: string, log: (line: string) => void) {
    super(store, { bucket, key: alertStateKey }, alertState, nothingTold, log);
  }
}
