import type { Draft } from "./drafts";
import type { LogEntry } from "./entry";
import { IdIndex } from "./id-index";
import type { LogFiles } from "./log-files";
import { entriesOf, LogFileDamaged, tilePath, tileWidth } from "./tiles";

/** Which entries a log has. */
export class KnownEntries {
  readonly index: IdIndex;

  constructor(private readonly files: Pick<LogFiles, "read" | "exactly">) {
    this.index = new IdIndex(files.exactly, async (index) =>
      idsIn(await entriesOf(files.read, (index + 1) * tileWidth, index)),
    );
  }

  /** Indices of those ids that a log of `size` entries has. @throws LogFileDamaged. */
  async find(ids: readonly string[], size: number): Promise<Map<string, number>> {
    const found = await this.index.find(ids, size);
    const open = Math.floor(size / tileWidth);
    const wanted = new Set(ids);
    if (size % tileWidth > 0)
      for (const [at, id] of idsIn(await entriesOf(this.files.read, size, open)).entries())
        if (wanted.has(id)) found.set(id, open * tileWidth + at);
    return found;
  }

  /**
   * Those that a log of `size` entries does not have, each once.
   * @param another what one is whose id is there with other bytes: a contradiction, or told already.
   * @throws LogFileDamaged, for a contradiction too.
   */
  async missing(drafts: readonly Draft[], size: number, another: "same" | "told"): Promise<Draft[]> {
    const known = await this.find(
      drafts.map(({ id }) => id),
      size,
    );
    const bundles = new Map<number, Promise<Buffer[]>>();
    const seen = new Map<string, Buffer>();
    const missing: Draft[] = [];
    for (const draft of drafts) {
      const index = known.get(draft.id);
      if (another === "told" && (index !== undefined || seen.has(draft.id))) continue;
      const bundle = Math.floor((index ?? size) / tileWidth);
      let there = seen.get(draft.id);
      if (index !== undefined) {
        if (!bundles.has(bundle)) bundles.set(bundle, entriesOf(this.files.read, size, bundle));
        there = (await bundles.get(bundle))?.[index % tileWidth] ?? Buffer.alloc(0);
      }
      if (!there) missing.push(draft);
      else if (!there.equals(draft.bytes))
        throw new LogFileDamaged(tilePath("entries", bundle), `has another entry with the id ${draft.id}`);
      seen.set(draft.id, draft.bytes);
    }
    return missing;
  }
}

/** Ids of entries that are known to be some. */
export function idsIn(entries: readonly Buffer[]): string[] {
  return entries.map((bytes) => (JSON.parse(bytes.toString("utf8")) as LogEntry).id);
}
