import type { ObjectStore } from "../aws/s3";
import { type Escalations, escalations, escalationsKey, nothingEscalated } from "../contract/escalation";
import { SharedObject } from "./shared-object";

/** Alerts that wait for somebody: functions at a time neither make a step twice nor forget who acknowledged. */
export class EscalationBook extends SharedObject<Escalations> {
  constructor(store: Pick<ObjectStore, "getWithTag" | "putIf">, bucket: string, log: (line: string) => void) {
    super(store, { bucket, key: escalationsKey }, escalations, nothingEscalated, log);
  }
}
