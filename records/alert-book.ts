import { setTimeout as delay } from "node:timers/promises";
import type { ObjectStore, WriteCondition } from "../aws/s3";
import { type AlertState, alertState, alertStateKey, nothingTold } from "../contract/alert-state";
import { readJson } from "../contract/json";

/** Tellers that met each other so often do not merely meet; each try takes some tens of milliseconds. */
const maxTries = 20;
const longestPauseMs = 200;

/** What a change makes of the state, and what it found out on the way. */
export interface Change<Result> {
  readonly state: AlertState;
  readonly result: Result;
}

/**
 * What people were told and what is held, as one object: S3 takes a change only when nobody else wrote meanwhile, so
 * that two functions at a time neither tell the same twice nor forget what the other held.
 */
export class AlertBook {
  private readonly location: { readonly bucket: string; readonly key: string };

  constructor(
    private readonly store: Pick<ObjectStore, "getWithTag" | "putIf">,
    bucket: string,
    private readonly log: (line: string) => void,
  ) {
    this.location = { bucket, key: alertStateKey };
  }

  /**
   * Applies a change to what is there now; again, when somebody else was faster.
   * @throws Error when others were faster every time; nothing was written then.
   */
  async change<Result>(by: (state: AlertState) => Change<Result>): Promise<Result> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const { state, condition } = await this.read();
      const { state: next, result } = by(state);
      if (next === state) return result;
      const { outcome } = await this.store.putIf(this.location, JSON.stringify(next), condition, "application/json");
      if (outcome === "written") return result;
      await delay(Math.random() * longestPauseMs);
    }
    throw new Error(`${alertStateKey} was written by others ${maxTries} times in a row`);
  }

  /** A damaged object counts as nothing told: hearing something twice is better than not at all. */
  private async read(): Promise<{ state: AlertState; condition: WriteCondition }> {
    const found = await this.store.getWithTag(this.location);
    if (!found) return { state: nothingTold, condition: { absent: true } };
    const read = readJson(found.body.toString("utf8"), alertState);
    if (read.kind === "value") return { state: read.value, condition: { tag: found.tag } };
    const why = read.kind === "not-json" ? read.why : read.problems.join("; ");
    this.log(`${alertStateKey} is damaged and begun anew: ${why}`);
    return { state: nothingTold, condition: { tag: found.tag } };
  }
}
