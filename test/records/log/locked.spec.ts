import assert from "node:assert/strict";
import { BucketCopy } from "../../../records/log/locked";
import { readEntry } from "../../../records/log/entry";
import { pathsOf, readBundle } from "../../../records/log/tiles";
import { MemoryStore } from "../../support/memory-store";
import { prefix, TestLog, TestOutside, told, toldUpTo } from "./logs";

/** Ids in what lies under the lock, in the order in which it was appended. */
function idsUnder(vault: MemoryStore): string[] {
  return [...vault.objects]
    .filter(([path]) => path.startsWith(`${prefix}batches/`))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, { body }]) => readBundle(path, body))
    .map((bytes) => {
      const found = readEntry(bytes);
      assert.ok("entry" in found);
      return found.entry.id;
    });
}

/** A log that grew in steps. */
async function grown(): Promise<TestLog> {
  const test = new TestLog();
  for (const count of [3, 256, 300, 600]) await test.log.append(toldUpTo(count));
  return test;
}

describe("what lies of a log under a lock", () => {
  it("is each batch as it was appended, and each checkpoint, the newest first", async () => {
    const { log, vault } = new TestLog();
    for (const count of [3, 10, 300]) await log.append(toldUpTo(count));
    assert.deepEqual(
      idsUnder(vault),
      toldUpTo(300).map(({ id }) => id),
    );
    const copy = new BucketCopy(vault, "audit", prefix);
    assert.equal((await copy.newest())!.split("\n")[1], "300");
    assert.equal([...vault.objects.keys()].filter((path) => path.includes("signed/")).length, 3);
  });

  it("begins with all that a log has, where there was no lock before", async () => {
    const before = new TestLog();
    await before.log.append(toldUpTo(600));
    const { log, vault } = new TestLog(before.key, before.store, before.witness, before.outside, new MemoryStore());
    await log.append([told(600)]);
    assert.deepEqual(
      idsUnder(vault),
      toldUpTo(601).map(({ id }) => id),
    );
  });

  it("betrays what was put back or written anew, when both other witnesses say nothing", async () => {
    const test = new TestLog();
    await test.log.append(toldUpTo(5));
    const [store, head] = [new Map(test.store.objects), test.witness.head];
    await test.log.append(toldUpTo(9));
    test.store.objects.clear();
    for (const [path, object] of store) test.store.objects.set(path, object);
    test.witness.head = head;
    const later = new TestLog(test.key, test.store, test.witness, new TestOutside(), test.vault);
    assert.deepEqual((await later.log.verify()).problems, [
      "the log has 5 entries and had 9, as its locked copy says: its end is missing, or the checkpoint is an old one",
    ]);
    await assert.rejects(later.log.append([told(100)]), /has 5 entries, and had 9, as its locked copy says/);
    const forger = new TestLog(test.key, test.store, test.witness, new TestOutside(), new MemoryStore());
    await forger.log.append(Array.from({ length: 8 }, (_, number) => told(100 + number)));
    assert.deepEqual((await later.log.verify()).problems, [
      "the first 9 entries are not those that its locked copy knows: the log was written anew",
    ]);
  });

  it("makes the log's files again, as they are, and passes over what was not signed", async () => {
    const { log, vault, files } = await grown();
    await new BucketCopy(vault, "audit", prefix).keepEntries(600, [Buffer.from("not signed")]);
    const again = new Map<string, Buffer>();
    const head = await log.remake(({ path, body }) => Promise.resolve(void again.set(path, body)));
    assert.equal(head?.size, 600);
    const wanted = [...pathsOf(600), "checkpoint"].sort();
    assert.deepEqual([...again.keys()].sort(), wanted);
    for (const path of wanted) assert.ok(again.get(path)!.equals(files.get(path)!), path);
    assert.deepEqual(await log.verify({ locked: true }), await log.verify());
  });

  it("is found out where a batch was changed, cut or taken away", async () => {
    const damages: [(objects: MemoryStore["objects"], path: string) => void, RegExp][] = [
      [(objects, path) => objects.delete(path), /of the locked copy follows 256 entries, and 3 are there/],
      [
        (objects, path) => objects.set(path, { ...objects.get(path)!, body: Buffer.of(0, 1, 0x7b) }),
        /of the locked copy follows|do not lead to the root/,
      ],
      [
        (objects, path) => objects.set(path, { ...objects.get(path)!, body: objects.get(path)!.body.subarray(0, -1) }),
        /ends in the middle of its entry/,
      ],
    ];
    for (const [damage, expected] of damages) {
      const { log, vault } = await grown();
      const [, second] = [...vault.objects.keys()].filter((path) => path.includes("/batches/")).sort();
      damage(vault.objects, second!);
      const { ok, problems } = await log.verify({ locked: true });
      assert.equal(ok, false);
      assert.match(problems.join(), expected);
      // Its newest checkpoint says nothing of that.
      assert.equal((await log.verify()).ok, true);
    }
  });

  it("stops a writer where it holds other entries, and passes over a checkpoint that is there", async () => {
    const vault = new MemoryStore();
    const copy = new BucketCopy(vault, "audit", prefix);
    await copy.keepEntries(0, [Buffer.from("a")]);
    await copy.keepEntries(0, [Buffer.from("a")]);
    await assert.rejects(copy.keepEntries(0, [Buffer.from("b")]), /of the locked copy holds other entries/);
    await copy.keepCheckpoint(1, "first");
    await copy.keepCheckpoint(1, "again");
    assert.equal(await copy.newest(), "first");
  });
});
