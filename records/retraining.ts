import { createHash } from "node:crypto";
import { z } from "zod";
import { atATime } from "../aws/at-a-time";
import type { ObjectStore } from "../aws/s3";
import { readJson } from "../contract/json";
import { retrainingDecisionsPrefix, retrainingProposal } from "../contract/monitoring";

/** A decision about a proposed retraining, with all that it was made from. */
const retrainingRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  /** When it was proposed, and when it was decided: ISO 8601, UTC. */
  at: z.iso.datetime(),
  decidedAt: z.iso.datetime(),
  /** Who proposed it: the source of an event, or the session of a person. */
  by: z.string(),
  proposal: retrainingProposal,
  verdict: z.enum(["retrain", "wait", "no"]),
  reasons: z.array(z.string()),
  ask: z.string().optional(),
  /** Everything the decision was made from, and by: `RetrainingFacts`, `RetrainingPolicy`. */
  facts: z.record(z.string(), z.json()),
  policy: z.record(z.string(), z.json()),
  /** What was started, or is by another proposal at the same time. */
  executionArn: z.string().optional(),
});
export type RetrainingRecord = Readonly<z.infer<typeof retrainingRecord>>;

/** The one start that may follow an execution: whoever decides for one starts this, and no other. */
const retrainingClaim = z.object({
  id: z.string(),
  token: z.string().min(32).max(128),
  parameters: z.record(z.string(), z.string()),
});
export type RetrainingClaim = Readonly<z.infer<typeof retrainingClaim>>;

/** Objects that are written once. */
export type RecordStore = Pick<ObjectStore, "get" | "putIf" | "list">;

const dayMs = 86_400_000;
/** Older decisions speak for no training any more. */
const oldestDays = 92;

/** Decisions about retraining in the artifacts bucket: `watch/retraining/yyyy/mm/<id>.json`, written once. */
export class RetrainingRecords {
  constructor(
    private readonly store: RecordStore,
    private readonly bucket: string,
  ) {}

  /** Decisions are known by when they were proposed, and by the proposal's key. */
  static idOf(at: string, key: string): string {
    return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z-${digestOf(key)}`;
  }

  /** Where the decision lies. */
  keyOf(id: string): string {
    return keyOf(id);
  }

  async read(id: string): Promise<RetrainingRecord | undefined> {
    const body = await this.store.get({ bucket: this.bucket, key: keyOf(id) });
    return body && valueOf(keyOf(id), body.toString("utf8"), retrainingRecord);
  }

  /**
   * The newest decisions about proposals after a time, oldest first.
   * @param most so many at most. @throws Error naming a record that is damaged.
   */
  async since(at: string, most: number): Promise<RetrainingRecord[]> {
    const ids = (await this.idsSince(at)).slice(-most);
    return (await atATime(ids, (id) => this.read(id))).flatMap((one) => one ?? []);
  }

  /** Id of an earlier decision about a proposal of the same key; undefined where there is none. */
  async decidedBefore(key: string, now: string): Promise<string | undefined> {
    const since = new Date(Date.parse(now) - oldestDays * dayMs).toISOString();
    return (await this.idsSince(since)).find((id) => id.endsWith(`-${digestOf(key)}`));
  }

  /** @returns false where the proposal was decided meanwhile. */
  async write(record: RetrainingRecord): Promise<boolean> {
    return this.create(keyOf(record.id), record);
  }

  /** Takes the one start after an execution. @returns the claim that holds: this one, or who was faster. */
  async claim(after: string | undefined, mine: RetrainingClaim): Promise<RetrainingClaim> {
    return (await this.create(claimKey(after), mine)) ? mine : (await this.claimed(after))!;
  }

  async claimed(after: string | undefined): Promise<RetrainingClaim | undefined> {
    const body = await this.store.get({ bucket: this.bucket, key: claimKey(after) });
    return body && valueOf(claimKey(after), body.toString("utf8"), retrainingClaim);
  }

  private async create(key: string, value: object): Promise<boolean> {
    const body = `${JSON.stringify(value, undefined, 1)}\n`;
    const written = await this.store.putIf({ bucket: this.bucket, key }, body, { absent: true }, "application/json");
    return written.outcome === "written";
  }

  /** Ids of proposals after a time, oldest first: their names begin with it. */
  private async idsSince(at: string): Promise<string[]> {
    const after = RetrainingRecords.idOf(at, "").slice(0, 16);
    const lists = await Promise.all(
      monthsSince(after).map((month) => this.store.list(this.bucket, `${retrainingDecisionsPrefix}${month}/`)),
    );
    return lists
      .flat()
      .map(({ key }) =>
        key
          .split("/")
          .at(-1)!
          .replace(/\.json$/, ""),
      )
      .filter((id) => id.slice(0, 16) > after)
      .sort();
  }
}

/** `yyyy/mm` from a time on, as many as decisions are looked for; a month without any costs one request. */
function monthsSince(time: string): string[] {
  const [year, month] = [Number(time.slice(0, 4)), Number(time.slice(4, 6)) - 1];
  return Array.from({ length: 5 }, (_, more) => new Date(Date.UTC(year, month + more)).toISOString().slice(0, 7)).map(
    (text) => text.replace("-", "/"),
  );
}

function keyOf(id: string): string {
  return `${retrainingDecisionsPrefix}${id.slice(0, 4)}/${id.slice(4, 6)}/${id}.json`;
}

/** @param after ARN of the newest execution; undefined before the first. */
function claimKey(after: string | undefined): string {
  return `${retrainingDecisionsPrefix}starts/${after?.split("/").at(-1) ?? "first"}.json`;
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 12);
}

function valueOf<T>(key: string, text: string, schema: z.ZodType<T>): T {
  const read = readJson(text, schema);
  if (read.kind === "value") return read.value;
  throw new Error(`${key} is damaged: ${read.kind === "not-json" ? read.why : read.problems.join("; ")}`);
}
