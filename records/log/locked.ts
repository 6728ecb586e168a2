import type { ObjectStore } from "../../aws/s3";
import { type LogFile, LogFileDamaged, readBundle, writeBundle } from "./tiles";

/** Larger than any log: numbers that count down from it begin with the newest in S3's order. */
const countdown = 10 ** 15;

/** Batches that are fetched ahead of the one that is needed. */
const ahead = 16;

/** Entries that were appended in one step. */
export interface Batch {
  readonly path: string;
  /** Entries of the log that come before it. */
  readonly before: number;
  readonly entries: readonly Buffer[];
}

/** Where what a log is made of lies so that nobody takes it back: what was appended, and what was signed. */
export interface LockedCopy {
  /** The newest checkpoint there, signed; undefined where nothing lies there yet. */
  newest(): Promise<string | undefined>;
  /** In the order in which they were appended. @throws LogFileDamaged. */
  batches(): AsyncIterable<Batch>;
  /** Keeps what follows the first `size` entries. @throws LogFileDamaged where something else does so there. */
  keepEntries(size: number, entries: readonly Buffer[]): Promise<void>;
  keepCheckpoint(size: number, note: string): Promise<void>;
}

/**
 * A copy in a bucket whose Object Lock holds each object from its first write: batches of entries as bundles hold them,
 * `batches/<entries before>`, and checkpoints, `signed/<counting down>`. From both the log can be made again; tiles,
 * indices and partial files change or follow from them, and stay where they are. Objects are written where there are
 * none, and never again: the bucket's policy asks for it.
 */
export class BucketCopy implements LockedCopy {
  constructor(
    private readonly store: Pick<ObjectStore, "get" | "list" | "putIf">,
    private readonly bucket: string,
    /** Ends in a slash. */
    private readonly prefix: string,
  ) {}

  async newest(): Promise<string | undefined> {
    const [first] = await this.store.list(this.bucket, `${this.prefix}signed/`, 1);
    if (!first) return undefined;
    return (await this.store.get({ bucket: this.bucket, key: first.key }))?.toString("utf8");
  }

  async *batches(): AsyncGenerator<Batch> {
    const paths = (await this.store.list(this.bucket, `${this.prefix}batches/`)).map(({ key }) =>
      key.slice(this.prefix.length),
    );
    for (let from = 0; from < paths.length; from += ahead)
      yield* await Promise.all(paths.slice(from, from + ahead).map((path) => this.batch(path)));
  }

  async keepEntries(size: number, entries: readonly Buffer[]): Promise<void> {
    const path = `batches/${digits(size)}`;
    const body = writeBundle(entries);
    if (await this.keep({ path, body })) return;
    const there = await this.store.get({ bucket: this.bucket, key: `${this.prefix}${path}` });
    if (!there?.equals(body)) throw new LogFileDamaged(path, "of the locked copy holds other entries");
  }

  async keepCheckpoint(size: number, note: string): Promise<void> {
    // Whoever was faster signed the same tree.
    await this.keep({ path: `signed/${digits(countdown - size)}`, body: Buffer.from(note, "utf8") });
  }

  private async batch(path: string): Promise<Batch> {
    const body = await this.store.get({ bucket: this.bucket, key: `${this.prefix}${path}` });
    if (!body) throw new LogFileDamaged(path, "of the locked copy is missing");
    return { path, before: Number(path.split("/").at(-1)), entries: readBundle(path, body) };
  }

  private async keep({ path, body }: LogFile): Promise<boolean> {
    const key = `${this.prefix}${path}`;
    const { outcome } = await this.store.putIf({ bucket: this.bucket, key }, body, { absent: true });
    return outcome === "written";
  }
}

const digits = (number: number): string => String(number).padStart(16, "0");
