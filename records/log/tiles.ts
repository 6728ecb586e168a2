import { foldRight, hashBytes, nodeHash } from "./hashing";
import { inclusionProof, consistencyProof, type NodeReader, rangeRoot } from "./proofs";

/** Hashes of a full tile, and entries of a full bundle (C2SP tlog-tiles). */
export const tileWidth = 256;
/** Levels of the tree between a tile's hashes and the root over them: 256 is 2 to the 8. */
const tileHeight = 8;

/** Largest entry that a bundle can hold, bytes: its length is a 16-bit number. */
export const maxEntryBytes = 0xffff;

/** Reads a file of a log by its path below the log's own prefix; undefined when there is none. */
export type FileReader = (path: string) => Promise<Buffer | undefined>;

/** A file of a log. */
export interface LogFile {
  readonly path: string;
  readonly body: Buffer;
}

/** A file that is not there, or not what its place in the log says. */
export class LogFileDamaged extends Error {
  constructor(
    readonly path: string,
    /** What is wrong with it, in one line. */
    readonly why: string,
  ) {
    super(`${path} ${why}`);
    this.name = "LogFileDamaged";
  }
}

/**
 * Path of a tile or an entry bundle: three digits a folder, so that no folder is too full.
 * @param level of the tile, or `entries` for a bundle.
 * @param width of a partial one.
 */
export function tilePath(level: number | "entries", index: number, width = tileWidth): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const folders = digits.match(/\d{3}/g)!;
  const name = folders.map((three, at) => (at < folders.length - 1 ? `x${three}` : three)).join("/");
  return `tile/${level}/${name}${width < tileWidth ? `.p/${width}` : ""}`;
}

/** Entries as a bundle holds them: each behind its length, two bytes, big-endian. */
export function writeBundle(entries: readonly Buffer[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > maxEntryBytes)
        throw new RangeError(`an entry of ${entry.length} bytes does not fit into a bundle (${maxEntryBytes} at most)`);
      return [Buffer.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** @param path names the bundle in errors. @throws LogFileDamaged. */
export function readBundle(path: string, bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    const end = at + 2 <= bundle.length ? at + 2 + bundle.readUInt16BE(at) : Infinity;
    if (end > bundle.length) throw new LogFileDamaged(path, `ends in the middle of its entry ${entries.length}`);
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/**
 * The entries of a bundle of a log of `size` entries.
 * @throws LogFileDamaged where it is not there, or has not as many as it should.
 */
export async function entriesOf(read: FileReader, size: number, index: number): Promise<Buffer[]> {
  const width = Math.min(tileWidth, size - index * tileWidth);
  const path = tilePath("entries", index, width);
  const bundle = await read(path);
  if (!bundle) throw new LogFileDamaged(path, "is missing");
  const entries = readBundle(path, bundle);
  if (entries.length !== width) throw new LogFileDamaged(path, `has ${entries.length} entries instead of ${width}`);
  return entries;
}

/** Index and width of each bundle of a log of `size` entries, or of each tile over `size` hashes. */
export function* tilesOver(size: number): Generator<{ readonly index: number; readonly width: number }> {
  for (let from = 0; from < size; from += tileWidth)
    yield { index: from / tileWidth, width: Math.min(tileWidth, size - from) };
}

/** Paths of all tiles and bundles of a log of `size` entries. */
export function* pathsOf(size: number): Generator<string> {
  for (const { index, width } of tilesOver(size)) yield tilePath("entries", index, width);
  for (let level = 0; hashesAt(level, size) > 0; level += 1)
    for (const { index, width } of tilesOver(hashesAt(level, size))) yield tilePath(level, index, width);
}

/** Paths of the bundle and the tiles that are not full in a log of `size` entries, as they are called once they are. */
export function openPaths(size: number): string[] {
  const paths: string[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level += 1) {
    if (hashesAt(level, size) % tileWidth === 0) continue;
    const index = Math.floor(hashesAt(level, size) / tileWidth);
    if (level === 0) paths.push(tilePath("entries", index));
    paths.push(tilePath(level, index));
  }
  return paths;
}

/** What a partial file holds, from the full one. @param path of the full one. @throws LogFileDamaged. */
export function beginningOf(path: string, full: Buffer, width: number): Buffer {
  return path.startsWith("tile/entries/")
    ? writeBundle(readBundle(path, full).slice(0, width))
    : full.subarray(0, width * hashBytes);
}

/** How many hashes a level of tiles has in a tree of `size` entries. */
const hashesAt = (level: number, size: number): number => Math.floor(size / tileWidth ** level);

/** A tree of a given size by its tiles; tiles that were read are kept. */
export class TiledTree {
  private readonly tiles = new Map<string, Promise<Buffer[][]>>();

  constructor(
    private readonly read: FileReader,
    readonly size: number,
  ) {}

  root(): Promise<Buffer> {
    return rangeRoot(this.node, 0, this.size);
  }

  /** @throws RangeError, LogFileDamaged. */
  inclusion(index: number): Promise<Buffer[]> {
    return inclusionProof(this.node, index, this.size);
  }

  /** @throws RangeError, LogFileDamaged. */
  consistency(earlier: number): Promise<Buffer[]> {
    return consistencyProof(this.node, earlier, this.size);
  }

  private readonly node: NodeReader = async (level, index) => {
    const tileLevel = Math.floor(level / tileHeight);
    const height = level % tileHeight;
    const first = index * 2 ** height;
    const tile = await this.tile(tileLevel, Math.floor(first / tileWidth));
    return tile[height]![(first % tileWidth) / 2 ** height]!;
  };

  /** A tile's hashes, and those of the perfect subtrees over them, by their height. */
  private tile(level: number, index: number): Promise<Buffer[][]> {
    const width = Math.min(tileWidth, hashesAt(level, this.size) - index * tileWidth);
    const path = tilePath(level, index, width);
    const known = this.tiles.get(path);
    if (known) return known;
    const loaded = loadTile(this.read, path, width).then(subtrees);
    this.tiles.set(path, loaded);
    return loaded;
  }
}

async function loadTile(read: FileReader, path: string, width: number): Promise<Buffer[]> {
  const body = await read(path);
  if (!body) throw new LogFileDamaged(path, "is missing");
  if (body.length !== width * hashBytes)
    throw new LogFileDamaged(path, `has ${body.length} bytes instead of ${width * hashBytes}`);
  return Array.from({ length: width }, (_, at) => body.subarray(at * hashBytes, (at + 1) * hashBytes));
}

function subtrees(hashes: Buffer[]): Buffer[][] {
  const levels = [hashes];
  for (let below = hashes; below.length > 1;) {
    const above = Array.from({ length: Math.floor(below.length / 2) }, (_, at) =>
      nodeHash(below[2 * at]!, below[2 * at + 1]!),
    );
    levels.push(above);
    below = above;
  }
  return levels;
}

/** Adds hashes of entries to a tree, and says which tiles that makes. Holds the tree's right edge alone. */
export class TreeWriter {
  /** The hashes of each level's last tile, which is not full. */
  private readonly edge: Buffer[][] = [];
  private readonly changed = new Set<number>();
  private entries = 0;

  /** @throws LogFileDamaged when a tile of the right edge is not there. */
  static async open(read: FileReader, size: number): Promise<TreeWriter> {
    const writer = new TreeWriter();
    writer.entries = size;
    for (let level = 0; hashesAt(level, size) > 0; level += 1) {
      const width = hashesAt(level, size) % tileWidth;
      const path = tilePath(level, Math.floor(hashesAt(level, size) / tileWidth), width);
      writer.edge.push(width === 0 ? [] : await loadTile(read, path, width));
    }
    return writer;
  }

  get size(): number {
    return this.entries;
  }

  /** Hashes of the entries of the last bundle, where it is not full. */
  get openLeaves(): readonly Buffer[] {
    return this.edge[0] ?? [];
  }

  /** Adds the hash of an entry. @returns the tiles that it filled, lowest level first. */
  append(leaf: Buffer): LogFile[] {
    const filled: LogFile[] = [];
    this.entries += 1;
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      const tile = (this.edge[level] ??= []);
      tile.push(hash);
      this.changed.add(level);
      if (tile.length < tileWidth) return filled;
      filled.push({ path: tilePath(level, hashesAt(level, this.entries) / tileWidth - 1), body: Buffer.concat(tile) });
      hash = subtrees(tile)[tileHeight]![0]!;
      this.edge[level] = [];
      this.changed.delete(level);
    }
  }

  /** The partial tiles at the tree's right edge, as far as they changed since this was asked last. */
  partials(): LogFile[] {
    const files = [...this.changed]
      .sort((one, other) => one - other)
      .map((level) => {
        const tile = this.edge[level]!;
        const index = Math.floor(hashesAt(level, this.entries) / tileWidth);
        return { path: tilePath(level, index, tile.length), body: Buffer.concat(tile) };
      });
    this.changed.clear();
    return files;
  }

  root(): Buffer {
    // The right edge, from the largest perfect subtree to the smallest.
    const parts = this.edge.toReversed().flatMap((tile) => {
      const levels = subtrees(tile);
      return levels
        .map((level) => (level.length % 2 === 1 ? level.at(-1)! : undefined))
        .filter((hash) => hash !== undefined)
        .reverse();
    });
    return foldRight(parts);
  }
}
