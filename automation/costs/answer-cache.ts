import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AnswerCache } from "../../aws/cost-explorer";

/** AWS brings costs up to date some times a day ("up to three times daily"): asking more often only costs. */
export const keptHours = 8;

interface Kept {
  /** ISO 8601, by AWS's clock. */
  readonly at: string;
  readonly answer: string;
}

/** Answers of Cost Explorer in a folder, one file each. */
export class AnswerFiles implements AnswerCache {
  constructor(
    private readonly folder: string,
    /** Answers that are older than this are asked for again. */
    private readonly hours = keptHours,
  ) {}

  get(key: string, now: Date): string | undefined {
    const kept = this.read(key);
    const age = now.getTime() - Date.parse(kept?.at ?? "");
    // An answer of the future is another cloud's, whose clock was ahead.
    return kept && age >= 0 && age < this.hours * 3_600_000 ? kept.answer : undefined;
  }

  /** In one step: whoever reads meanwhile gets the old answer or the new one. */
  put(key: string, answer: string, now: Date): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = join(this.folder, `${key}.json`);
    const kept: Kept = { at: now.toISOString(), answer };
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(kept), { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  }

  /** Undefined where there is none, or it cannot be read: then it is asked for again. */
  private read(key: string): Kept | undefined {
    try {
      return JSON.parse(readFileSync(join(this.folder, `${key}.json`), "utf8")) as Kept;
    } catch {
      return undefined;
    }
  }
}
