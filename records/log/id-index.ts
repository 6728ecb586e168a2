import { createHash } from "node:crypto";
import { atATime } from "../../aws/at-a-time";
import type { ObjectStore } from "../../aws/s3";

/** Where each id has its entry: one file for each first byte of the ids' hashes, a line an id. */
export class IdIndex {
  /** @param location of a file by its name. */
  constructor(
    private readonly store: Pick<ObjectStore, "getWithTag" | "putIf">,
    private readonly location: (name: string) => { readonly bucket: string; readonly key: string },
  ) {}

  /** Indices of those ids that are known. @throws Error when a file of the index is damaged. */
  async find(ids: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    await eachFile(ids, async (name, some) => {
      const lines = readLines(name, (await this.store.getWithTag(this.location(name)))?.body);
      for (const [hash, id] of some) {
        const index = lines.get(hash);
        if (index !== undefined) found.set(id, index);
      }
    });
    return found;
  }

  /** Adds ids; those that are there stay as they are, so that several may add the same. */
  async add(indices: ReadonlyMap<string, number>): Promise<void> {
    await eachFile([...indices.keys()], async (name, some) => {
      for (;;) {
        const there = await this.store.getWithTag(this.location(name));
        const lines = readLines(name, there?.body);
        const missing = some.filter(([hash]) => !lines.has(hash));
        if (missing.length === 0) return;
        const added = missing.map(([hash, id]) => `${hash} ${indices.get(id)}\n`).join("");
        const condition = there ? { tag: there.tag } : ({ absent: true } as const);
        const body = `${there?.body.toString("latin1") ?? ""}${added}`;
        // Whoever was faster may have added the same: each round brings somebody's ids in.
        if ((await this.store.putIf(this.location(name), body, condition, "text/plain")).outcome === "written") return;
      }
    });
  }
}

async function eachFile(
  ids: readonly string[],
  work: (name: string, some: readonly (readonly [hash: string, id: string])[]) => Promise<void>,
): Promise<void> {
  const files = new Map<string, [string, string][]>();
  for (const id of ids) {
    // 128 bits tell as many ids apart as there will ever be.
    const hash = createHash("sha256").update(id, "utf8").digest("hex").slice(0, 32);
    const name = hash.slice(0, 2);
    const some = files.get(name);
    if (some) some.push([hash, id]);
    else files.set(name, [[hash, id]]);
  }
  await atATime(files, ([name, some]) => work(name, some));
}

function readLines(name: string, body: Buffer | undefined): Map<string, number> {
  const lines = new Map<string, number>();
  for (const line of body?.toString("latin1").split("\n").slice(0, -1) ?? []) {
    const index = Number(line.slice(33));
    if (line[32] !== " " || !Number.isSafeInteger(index))
      throw new Error(`the file ${name} of the log's index is damaged: ${JSON.stringify(line.slice(0, 80))}`);
    lines.set(line.slice(0, 32), index);
  }
  return lines;
}
