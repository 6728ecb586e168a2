import { createHash } from "node:crypto";
import { atATime } from "../../aws/at-a-time";
import { LogFileDamaged, type FileReader, type LogFile, tileWidth } from "./tiles";

/** 128 bits tell as many ids apart as there will ever be. */
const idBytes = 16;
/** Entries that a file of each level is about; each is made of 16 of the level below. */
const levels = [tileWidth, tileWidth * 16, tileWidth * 256] as const;

/** Ids of the entries of a full bundle, in their order. */
export type IdsOfBundle = (index: number) => Promise<readonly string[]>;

/**
 * Which entry has an id: for each full bundle a file with the beginnings of the SHA-256 of its ids, in their order, and
 * files of 16 and 256 such, so that few requests read all of them. Files never change. They follow from the bundles, so
 * that one that is missing, since its writer was killed, is made from those.
 */
export class IdIndex {
  private readonly known = new Map<string, Buffer>();

  constructor(
    private readonly read: FileReader,
    private readonly idsOf: IdsOfBundle,
  ) {}

  /**
   * Indices of those ids that the first entries have, as many as there are in full bundles.
   * @throws LogFileDamaged when a file of the index is not as long as it should be.
   */
  async find(ids: readonly string[], size: number): Promise<Map<string, number>> {
    const wanted = new Map(ids.map((id) => [hashOf(id).toString("latin1"), id]));
    const found = new Map<string, number>();
    await atATime(filesOver(size), async ({ level, index }) => {
      const file = (await this.file(level, index)).toString("latin1");
      for (let at = 0; at < file.length; at += idBytes) {
        const id = wanted.get(file.slice(at, at + idBytes));
        if (id !== undefined) found.set(id, index * levels[level]! + at / idBytes);
      }
    });
    return found;
  }

  /** The files that become whole when a log grows. @param ids of the entries from the first open bundle on. */
  async filesOf(before: number, after: number, ids: readonly string[]): Promise<LogFile[]> {
    const files: LogFile[] = [];
    const first = Math.floor(before / tileWidth);
    for (const [level, width] of levels.entries())
      for (let index = Math.floor(before / width); (index + 1) * width <= after; index += 1) {
        const from = index * tileWidth - first * tileWidth;
        const body =
          level === 0
            ? Buffer.concat(ids.slice(from, from + tileWidth).map(hashOf))
            : Buffer.concat(await Promise.all(below(index).map((lower) => this.file(level - 1, lower))));
        this.known.set(pathOf(level, index), body);
        files.push({ path: pathOf(level, index), body });
      }
    return files;
  }

  private async file(level: number, index: number): Promise<Buffer> {
    const path = pathOf(level, index);
    const known = this.known.get(path);
    if (known) return known;
    const body = (await this.read(path)) ?? (await this.make(level, index));
    if (body.length !== levels[level]! * idBytes)
      throw new LogFileDamaged(path, `has ${body.length} bytes instead of ${levels[level]! * idBytes}`);
    this.known.set(path, body);
    return body;
  }

  private async make(level: number, index: number): Promise<Buffer> {
    if (level === 0) return Buffer.concat((await this.idsOf(index)).map(hashOf));
    return Buffer.concat(await Promise.all(below(index).map((lower) => this.file(level - 1, lower))));
  }
}

/** Sixteen of the level below. */
const below = (index: number): number[] => Array.from({ length: 16 }, (_, at) => index * 16 + at);

/** The fewest files over all full bundles. */
function* filesOver(size: number): Generator<{ readonly level: number; readonly index: number }> {
  let from = 0;
  for (let level = levels.length - 1; level >= 0; level -= 1)
    for (; from + levels[level]! <= size; from += levels[level]!) yield { level, index: from / levels[level]! };
}

function pathOf(level: number, index: number): string {
  return `ids/${level}/${String(index).padStart(6, "0")}`;
}

function hashOf(id: string): Buffer {
  return createHash("sha256").update(id, "utf8").digest().subarray(0, idBytes);
}
