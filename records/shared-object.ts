import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import type { ObjectStore, S3Location, WriteCondition } from "../aws/s3";
import { readJson } from "../contract/json";

/** Writers that met each other so often do not merely meet; each try takes some tens of milliseconds. */
const maxTries = 20;
const longestPauseMs = 200;

/** What a change makes of the value, and what it found out on the way. */
export interface Change<T, Result> {
  readonly state: T;
  readonly result: Result;
}

/**
 * JSON that several functions change at a time, as one object: S3 takes a change only when nobody else wrote meanwhile,
 * so that none is lost.
 */
export class SharedObject<T> {
  /** @param empty what holds while there is no object, or a damaged one. */
  constructor(
    private readonly store: Pick<ObjectStore, "getWithTag" | "putIf">,
    private readonly location: S3Location,
    private readonly schema: z.ZodType<T>,
    private readonly empty: T,
    private readonly log: (line: string) => void,
  ) {}

  /**
   * Applies a change to what is there now; again, when somebody else was faster. A change that returns what it was
   * given writes nothing.
   * @throws Error when others were faster every time; nothing was written then.
   */
  async change<Result>(by: (state: T) => Change<T, Result>): Promise<Result> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const { state, condition } = await this.find();
      const { state: next, result } = by(state);
      if (next === state) return result;
      const { outcome } = await this.store.putIf(this.location, JSON.stringify(next), condition, "application/json");
      if (outcome === "written") return result;
      await delay(Math.random() * longestPauseMs);
    }
    throw new Error(`${this.location.key} was written by others ${maxTries} times in a row`);
  }

  async read(): Promise<T> {
    return (await this.find()).state;
  }

  private async find(): Promise<{ state: T; condition: WriteCondition }> {
    const found = await this.store.getWithTag(this.location);
    if (!found) return { state: this.empty, condition: { absent: true } };
    const read = readJson(found.body.toString("utf8"), this.schema);
    if (read.kind === "value") return { state: read.value, condition: { tag: found.tag } };
    const why = read.kind === "not-json" ? read.why : read.problems.join("; ");
    this.log(`${this.location.key} is damaged and begun anew: ${why}`);
    return { state: this.empty, condition: { tag: found.tag } };
  }
}
