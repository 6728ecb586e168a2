import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AnswerCache } from "../../aws/cost-explorer";

/** AWS brings costs up to date some times a day ("up to three times daily"): asking more often only costs. */
export const keptHours = 8;

/** Answers of Cost Explorer in a folder, one file each. */
export class AnswerFiles implements AnswerCache {
  constructor(
    private readonly folder: string,
    /** Answers that are older than this are asked for again. */
    private readonly hours = keptHours,
  ) {}

  get(key: string): string | undefined {
    const file = join(this.folder, `${key}.json`);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat || Date.now() - stat.mtimeMs > this.hours * 3_600_000) return undefined;
    return readFileSync(file, "utf8");
  }

  /** In one step: whoever reads meanwhile gets the old answer or the new one. */
  put(key: string, answer: string): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = join(this.folder, `${key}.json`);
    writeFileSync(`${file}.${process.pid}`, answer, { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  }
}
