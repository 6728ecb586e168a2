import { atATime } from "../../aws/at-a-time";
import type { ObjectStore, S3Location, TaggedObject } from "../../aws/s3";
import { beginningOf, type FileReader, type LogFile, LogFileDamaged, openPaths } from "./tiles";
import { checkpointPath } from "./verify";

const binary = "application/octet-stream";

/** A log's files in a bucket, all below one prefix. */
export class LogFiles {
  constructor(
    private readonly store: Pick<ObjectStore, "get" | "getWithTag" | "putIf" | "list" | "delete">,
    private readonly bucket: string,
    /** Ends in a slash. */
    private readonly prefix: string,
  ) {}

  get where(): string {
    return `s3://${this.bucket}/${this.prefix}`;
  }

  /** Reads a file. Of a partial one that was taken away the beginning of the full one is the same. */
  readonly read: FileReader = async (path) => (await this.exactly(path)) ?? (await this.partOfFull(path));

  /** Reads a file that is never a part of another one. */
  readonly exactly: FileReader = (path) => this.store.get(this.at(path));

  checkpoint(): Promise<TaggedObject | undefined> {
    return this.store.getWithTag(this.at(checkpointPath));
  }

  /** Puts a checkpoint in the place of the one with that tag, or of none. @returns whether nobody was faster. */
  async putCheckpoint(note: string, tag: string | undefined): Promise<boolean> {
    const { outcome } = await this.store.putIf(
      this.at(checkpointPath),
      note,
      tag === undefined ? { absent: true } : { tag },
      "text/plain; charset=utf-8",
    );
    return outcome === "written";
  }

  /** @returns whether the file was not there. */
  async writeNew({ path, body }: LogFile): Promise<boolean> {
    const { outcome } = await this.store.putIf(this.at(path), body, { absent: true }, binary);
    return outcome === "written";
  }

  /** Writes a file that whoever writes it writes alike. @throws LogFileDamaged where it holds something else. */
  async writeOnce(file: LogFile): Promise<void> {
    if ((await this.writeNew(file)) || (await this.read(file.path))?.equals(file.body)) return;
    throw new LogFileDamaged(file.path, "holds something else than the entries make");
  }

  /**
   * Takes the partial files of a log of `before` entries away whose full ones are there (C2SP tlog-tiles, "Partial
   * Tiles"): 255 of each bundle, each with all that the one before had. Those that a killed writer leaves do no harm.
   */
  async removePartials(before: number, written: readonly LogFile[]): Promise<void> {
    const full = new Set(written.map(({ path }) => path));
    for (const path of openPaths(before).filter((one) => full.has(one))) {
      const { bucket, key } = this.at(`${path}.p/`);
      const partials = await this.store.list(bucket, key);
      await atATime(partials, (partial) => this.store.delete({ bucket, key: partial.key }));
    }
  }

  private async partOfFull(path: string): Promise<Buffer | undefined> {
    const [, full, width] = /^(tile\/.+)\.p\/([1-9]\d{0,2})$/.exec(path) ?? [];
    const body = full === undefined ? undefined : await this.exactly(full);
    return body && beginningOf(full!, body, Number(width));
  }

  private at(path: string): S3Location {
    return { bucket: this.bucket, key: `${this.prefix}${path}` };
  }
}
