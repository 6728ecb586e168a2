import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { AppendFile } from "./append-file";
import { StartFailure } from "./start-failure";

/**
 * The state of the local cloud's own services: named tables of plain JSON values, each change appended to one file, so
 * that a killed local cloud restarts where it was. Values are replaced whole, never changed in place: call `put` again.
 */
export interface Table<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  put(key: string, value: T): void;
  delete(key: string): boolean;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  readonly size: number;
  /** How often it was changed since the start: what was made of its rows holds while this is the same. */
  readonly revision: number;
}

/** A journal on disk cannot be read back; `local reset` is the way out. */
export class JournalCorrupt extends StartFailure {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, "The state cannot be read back. Start afresh with: npx peregrine local reset", options);
  }
}

type Line = { t: string; k: string; v?: unknown };

export class Journal {
  private readonly tables = new Map<string, Map<string, unknown>>();
  private readonly revisions = new Map<string, number>();
  private out: AppendFile | undefined;

  /** @param file path of the journal, or undefined for a cloud that lives in memory only (tests). */
  constructor(private readonly file?: string) {
    if (!file) return;
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) this.replay(file);
    this.compact(file);
  }

  table<T>(name: string): Table<T> {
    let rows = this.tables.get(name) as Map<string, T> | undefined;
    if (!rows) {
      rows = new Map<string, T>();
      this.tables.set(name, rows);
    }
    const live = rows;
    const { revisions } = this;
    const changed = (): void => void revisions.set(name, (revisions.get(name) ?? 0) + 1);
    return {
      get: (key) => live.get(key),
      has: (key) => live.has(key),
      put: (key, value) => {
        live.set(key, value);
        changed();
        this.append({ t: name, k: key, v: value });
      },
      delete: (key) => {
        const gone = live.delete(key);
        if (gone) {
          changed();
          this.append({ t: name, k: key });
        }
        return gone;
      },
      values: () => live.values(),
      entries: () => live.entries(),
      get size() {
        return live.size;
      },
      get revision() {
        return revisions.get(name) ?? 0;
      },
    };
  }

  /** Writes what is buffered to the file. Called once per turn of the event loop and before the process ends. */
  flush(): void {
    this.out?.flush();
  }

  close(): void {
    this.out?.close();
  }

  private append(line: Line): void {
    this.out?.append(line);
  }

  private replay(file: string): void {
    const lines = readFileSync(file, "utf8").split("\n");
    lines.forEach((text, index) => {
      if (text === "") return;
      let line: Line;
      try {
        line = JSON.parse(text) as Line;
        if (typeof line.t !== "string" || typeof line.k !== "string") throw new Error("not a journal entry");
      } catch (cause) {
        // The last line may be cut off by a kill in the middle of a write: the change was never acknowledged.
        if (index === lines.length - 1) return;
        throw new JournalCorrupt(`${file}: line ${index + 1} is not a journal entry.`, { cause });
      }
      const rows = this.tables.get(line.t) ?? new Map<string, unknown>();
      this.tables.set(line.t, rows);
      if ("v" in line) rows.set(line.k, line.v);
      else rows.delete(line.k);
    });
  }

  /** Rewrites the file with the present state only, in a new file that replaces the old one in one step. */
  private compact(file: string): void {
    const fresh = `${file}.new`;
    const fd = openSync(fresh, "w");
    for (const [t, rows] of this.tables) for (const [k, v] of rows) writeSync(fd, JSON.stringify({ t, k, v }) + "\n");
    fsyncSync(fd);
    closeSync(fd);
    renameSync(fresh, file);
    appendFileSync(file, "");
    this.out = new AppendFile(file);
  }
}
