import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import type { LogKey } from "../../../records/log/note";
import type { TreeHead } from "../../../records/log/proofs";
import { readBundle } from "../../../records/log/tiles";
import { TestKey, TestLog, told, toldUpTo } from "./logs";

/** What becomes of a file: bytes of it are others, or it is another file, or gone. */
export type Edit =
  | { readonly path: string; readonly at: number; readonly remove: number; readonly insert: string }
  | { readonly path: string; readonly body: string }
  | { readonly path: string; readonly gone: true };

/** Something done to a log; bytes in base64. */
export interface Damage {
  readonly what: string;
  readonly edits: readonly Edit[];
}

/** A log, and what its verifiers were given beside it. */
export interface Subject {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly key: LogKey;
  readonly known: TreeHead;
}

/** The files of a log after a damage. */
export function damaged(files: ReadonlyMap<string, Buffer>, edits: readonly Edit[]): Map<string, Buffer> {
  const changed = new Map(files);
  for (const edit of edits)
    if ("gone" in edit) changed.delete(edit.path);
    else if ("body" in edit) changed.set(edit.path, Buffer.from(edit.body, "base64"));
    else {
      const before = changed.get(edit.path)!;
      const parts = [
        before.subarray(0, edit.at),
        Buffer.from(edit.insert, "base64"),
        before.subarray(edit.at + edit.remove),
      ];
      changed.set(edit.path, Buffer.concat(parts));
    }
  return changed;
}

/** What the second verifier, `scripts/audit/verify_log.py`, says of each damage: undefined where it finds nothing. */
export function judgedInPython({ files, key, known }: Subject, damages: readonly Damage[]): (string | undefined)[] {
  const root = join(__dirname, "..", "..", "..");
  const input = {
    key: key.text,
    known: { size: known.size, root: known.root.toString("base64") },
    files: Object.fromEntries([...files].map(([path, body]) => [path, body.toString("base64")])),
    damages: damages.map(({ edits }) => edits),
  };
  const output = execFileSync(join(root, ".venv", "bin", "python"), [join(__dirname, "judge_damages.py")], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { PYTHONPATH: join(root, "scripts", "audit") },
  });
  return (JSON.parse(output) as (string | null)[]).map((found) => found ?? undefined);
}

/** A log of some more entries than one tile has. */
export async function subjectOf(size: number): Promise<{ readonly subject: Subject; readonly test: TestLog }> {
  const test = new TestLog();
  await test.log.append(toldUpTo(size));
  return { subject: { files: needed(test, size), key: test.key.log, known: test.witness.head! }, test };
}

/** Without the partial tiles of earlier sizes, which nobody needs. */
function needed(test: TestLog, size: number): Map<string, Buffer> {
  return new Map(
    [...test.files].filter(([path]) => {
      const width = /\.p\/(\d+)$/.exec(path)?.[1];
      return (
        width === undefined || Number(width) === (path.startsWith("tile/1/") ? Math.floor(size / 256) : size % 256)
      );
    }),
  );
}

/** Damages of all kinds, by chance: as many as asked for. */
export async function drawDamages(
  { subject, test }: Awaited<ReturnType<typeof subjectOf>>,
  count: number,
  seed: number,
) {
  const { files } = subject;
  const size = subject.known.size;
  const generator = xoroshiro128plus(seed);
  const below = (limit: number) => uniformInt(generator, 0, limit - 1);
  const paths = [...files.keys()].sort();
  const bundles = paths.filter((path) => path.startsWith("tile/entries/"));
  const somePath = () => paths[below(paths.length)]!;
  const kinds: Record<string, () => Promise<readonly Edit[]> | readonly Edit[]> = {
    "a bit": () => {
      const path = somePath();
      const body = files.get(path)!;
      const at = below(body.length);
      return [{ path, at, remove: 1, insert: Buffer.of(body[at]! ^ (1 << below(8))).toString("base64") }];
    },
    "a file that is gone": () => [{ path: somePath(), gone: true }],
    "a file that ends too early": () => {
      const path = somePath();
      const { length } = files.get(path)!;
      const left = below(length);
      return [{ path, at: left, remove: length - left, insert: "" }];
    },
    "two files that changed places": () => {
      const [one, other] = [somePath(), somePath()];
      if (files.get(one)!.equals(files.get(other)!)) return [{ path: one, gone: true }];
      const body = (path: string) => files.get(path)!.toString("base64");
      return [
        { path: one, body: body(other) },
        { path: other, body: body(one) },
      ];
    },
    "an entry that is gone": () => {
      const { path, at, bytes } = someEntry();
      return [{ path, at, remove: bytes.length, insert: "" }];
    },
    "an entry twice": () => {
      const { path, at, bytes } = someEntry();
      return [{ path, at, remove: 0, insert: bytes.toString("base64") }];
    },
    "two entries that changed places": () => {
      const { path, at, bytes, next } = someEntry();
      return next
        ? [{ path, at, remove: bytes.length + next.length, insert: Buffer.concat([next, bytes]).toString("base64") }]
        : [{ path, at, remove: bytes.length, insert: "" }];
    },
    "another entry of the same length": () => {
      const { path, at, bytes } = someEntry();
      const text = bytes.toString("latin1");
      const changed = text.replace(/"subject":"s/, '"subject":"S');
      return [{ path, at, remove: bytes.length, insert: Buffer.from(changed, "latin1").toString("base64") }];
    },
  };
  /** Whole logs, each sound for itself. */
  const forks: Record<string, () => Promise<readonly Edit[]>> = {
    "a log with another entry, under the old checkpoint": async () =>
      replaced(await fork(test.key, below(size), size), [["checkpoint", files.get("checkpoint")!]]),
    "a log with another entry, signed by somebody else": async () =>
      replaced(await fork(new TestKey(), below(size), size)),
    "a log with another entry, signed by the log's key": async () => replaced(await fork(test.key, below(size), size)),
    "a log as it was before": async () => replaced(await fork(test.key, undefined, 1 + below(size - 1))),
  };
  const function_ = Object.keys(forks);
  const forked: Damage[] = [];
  for (let at = 0; at < Math.min(count / 10, 40); at += 1) {
    const what = function_[at % function_.length]!;
    forked.push({ what, edits: await forks[what]!() });
  }
  const names = Object.keys(kinds);
  const damages: Damage[] = [...forked];
  while (damages.length < count) {
    const what = names[damages.length % names.length]!;
    damages.push({ what, edits: await kinds[what]!() });
  }
  return damages;

  function someEntry() {
    const path = bundles[below(bundles.length)]!;
    const entries = readBundle(path, files.get(path)!).map((entry) =>
      Buffer.concat([Buffer.of(entry.length >> 8, entry.length & 0xff), entry]),
    );
    const which = below(entries.length);
    const at = entries.slice(0, which).reduce((sum, { length }) => sum + length, 0);
    return { path, at, bytes: entries[which]!, next: entries[which + 1] };
  }

  function replaced(other: ReadonlyMap<string, Buffer>, more: readonly (readonly [string, Buffer])[] = []): Edit[] {
    return [
      ...paths.filter((path) => !other.has(path)).map((path) => ({ path, gone: true }) as const),
      ...[...new Map([...other, ...more])].map(([path, body]) => ({ path, body: body.toString("base64") })),
    ];
  }
}

async function fork(key: TestKey, forged: number | undefined, size: number): Promise<Map<string, Buffer>> {
  const test = new TestLog(key);
  await test.log.append(toldUpTo(size).map((entry, at) => (at === forged ? told(at, "forged") : entry)));
  return needed(test, size);
}
