import { createHash } from "node:crypto";
import type { ConditionalWrite, S3Location, TaggedObject, WriteCondition } from "../../aws/s3";

/** A bucket in memory, with conditional writes. */
export class MemoryStore {
  readonly objects = new Map<string, { body: Buffer; modified: string }>();

  /** @param modified ISO 8601. */
  add(key: string, text: string, modified = "2026-11-01T00:00:00.000Z"): void {
    this.objects.set(key, { body: Buffer.from(text), modified });
  }

  get({ key }: S3Location): Promise<Buffer | undefined> {
    return Promise.resolve(this.objects.get(key)?.body);
  }

  async getWithTag({ key }: S3Location): Promise<TaggedObject | undefined> {
    const body = this.objects.get(key)?.body;
    return body && { body, tag: tagOf(body) };
  }

  async putIf({ key }: S3Location, body: Buffer | string, condition: WriteCondition): Promise<ConditionalWrite> {
    const there = this.objects.get(key)?.body;
    const holds = "tag" in condition ? there !== undefined && tagOf(there) === condition.tag : there === undefined;
    if (!holds) return { outcome: "conflict", code: "PreconditionFailed" };
    this.objects.set(key, { body: Buffer.from(body), modified: "2026-11-29T00:00:00.000Z" });
    return { outcome: "written", tag: tagOf(Buffer.from(body)) };
  }

  delete({ key }: S3Location): Promise<void> {
    this.objects.delete(key);
    return Promise.resolve();
  }

  async list(_bucket: string, prefix: string): Promise<{ key: string; bytes: number }[]> {
    return (await this.listTagged(_bucket, prefix)).map(({ key, bytes }) => ({ key, bytes }));
  }

  listTagged(
    _bucket: string,
    prefix: string,
  ): Promise<{ key: string; bytes: number; tag: string; modified: string }[]> {
    return Promise.resolve(
      [...this.objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { body, modified }]) => ({ key, bytes: body.length, tag: tagOf(body), modified }))
        .sort((one, other) => (one.key < other.key ? -1 : 1)),
    );
  }

  json(key: string): Record<string, unknown> {
    return JSON.parse(this.objects.get(key)!.body.toString("utf8")) as Record<string, unknown>;
  }
}

const tagOf = (body: Buffer): string => createHash("md5").update(body).digest("hex");
