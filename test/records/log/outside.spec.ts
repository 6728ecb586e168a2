import assert from "node:assert/strict";
import type { TransparencyLog } from "../../../records/log/log";
import { LogBroken } from "../../../records/log/log";
import { judgeOffer, NeighbourWitness } from "../../../records/log/outside";
import { MemoryStore } from "../../support/memory-store";
import { TestKey, TestLog, TestOutside, TestWitness, told, toldUpTo } from "./logs";

/** The whole of a log as somebody who holds all rights in its environment has it: files, head and key. */
function held(test: TestLog): { readonly store: Map<string, { body: Buffer; modified: string }>; head: unknown } {
  return { store: new Map(test.store.objects), head: test.witness.head };
}

/** Puts an earlier state back, head and all. */
function putBack(test: TestLog, { store, head }: ReturnType<typeof held>): void {
  test.store.objects.clear();
  // Nor does a lock help: the environment has none.
  test.vault.objects.clear();
  for (const [path, object] of store) test.store.objects.set(path, object);
  test.witness.head = head as TestWitness["head"];
}

async function problemsOf(log: TransparencyLog): Promise<readonly string[]> {
  return (await log.verify()).problems;
}

describe("the witness of a log in another environment", () => {
  it("sees each checkpoint, and says when it saw the last", async () => {
    const test = new TestLog();
    for (const count of [1, 7, 300, 301]) await test.log.append(toldUpTo(count));
    assert.deepEqual(new Set(test.outside.judgements.map(({ verdict }) => verdict)), new Set(["seen"]));
    const check = await test.log.verify();
    assert.deepEqual(check.witnessed, { by: "staging", size: 301, at: "2026-03-01T10:00:00.000Z" });
    assert.deepEqual([check.ok, check.problems], [true, []]);
  });

  it("betrays an end that was cut off by somebody who holds files, head and key", async () => {
    const test = new TestLog();
    await test.log.append(toldUpTo(5));
    const before = held(test);
    await test.log.append(toldUpTo(9));
    putBack(test, before);
    assert.deepEqual(await problemsOf(test.log), [
      "the log has 5 entries and had 9, as its witness in staging says: its end is missing, or the checkpoint is an old one",
    ]);
    // Nor does anybody go on from there.
    await assert.rejects(test.log.append([told(70)]), (error: Error) => {
      assert.ok(error instanceof LogBroken);
      assert.match(error.message, /has 5 entries, and had 9, as its witness in staging says/);
      return true;
    });
  });

  it("betrays a history that was written anew after its end was cut off, longer than before", async () => {
    const test = new TestLog();
    await test.log.append(toldUpTo(5));
    const before = held(test);
    await test.log.append(toldUpTo(9));
    putBack(test, before);
    // Somebody's own program writes, which asks no witness and tells none.
    const forger = new TestLog(test.key, test.store, test.witness, new TestOutside());
    await forger.log.append(Array.from({ length: 10 }, (_, number) => told(100 + number)));
    assert.deepEqual(await problemsOf(forger.log), []);
    assert.deepEqual(await problemsOf(test.log), [
      "the first 9 entries are not those that its witness in staging knows: the log was written anew",
    ]);
    await assert.rejects(test.log.append([told(70)]), /not those that were witnessed, as its witness in staging says/);
  });

  it("betrays a log that was deleted, and one that was begun anew with another key", async () => {
    const test = new TestLog();
    await test.log.append(toldUpTo(5));
    test.store.objects.clear();
    test.witness.head = undefined;
    assert.deepEqual(await problemsOf(test.log), ["there is no checkpoint"]);
    await assert.rejects(test.log.append([told(0)]), /has no checkpoint, and had 5 entries/);
    const anew = new TestLog(new TestKey(), new MemoryStore(), new TestWitness(), test.outside);
    await assert.rejects(anew.log.append([told(0)]), /knows a log with another key: this one was begun anew/);
    const quiet = new TestLog(anew.key, anew.store, anew.witness, new TestOutside());
    await quiet.log.append([told(0)]);
    assert.deepEqual(await problemsOf(anew.log), [
      "the witness in staging knows a log with another key: this one was begun anew",
    ]);
  });

  it("is not talked out of what it saw: neither by a rollback, nor by a fork, nor by another key", async () => {
    const test = new TestLog();
    await test.log.append(toldUpTo(5));
    const before = held(test);
    await test.log.append(toldUpTo(9));
    const seen = test.outside.seen;
    putBack(test, before);
    // A witness that believes everything collects what a forger would show.
    const collecting = new TestOutside();
    collecting.waits = true;
    const forger = new TestLog(test.key, test.store, test.witness, collecting);
    await forger.log.append([told(100)]);
    await forger.log.append([101, 102, 103].map((number) => told(number)));
    await forger.log.append([104, 105].map((number) => told(number)));
    assert.deepEqual(
      collecting.waiting.map((offer) => test.outside.take(offer).verdict),
      // 6 entries; 9 others than those that were seen; 11 that begin with those others.
      ["passed-over", "fork", "refused"],
    );
    const { fork, ...rest } = test.outside.seen!;
    assert.deepEqual(rest, seen);
    assert.ok(fork);
    assert.match((await problemsOf(test.log))[0]!, /was shown another history of the log at 2026-03-01T10:00:00.000Z/);

    const [, , eleven] = collecting.waiting;
    const silent = { ...eleven!, proofs: [] };
    assert.equal(judgeOffer(seen, silent, "2026-03-01T10:00:00.000Z").verdict, "passed-over");
    const other = new TestLog(new TestKey());
    await other.log.append(toldUpTo(20));
    const { key, note } = other.outside.seen!;
    for (const offer of [
      { key, note, proofs: [] },
      { key: seen!.key, note, proofs: [] },
    ])
      assert.equal(judgeOffer(seen, offer, "2026-03-01T10:00:00.000Z").verdict, "refused");
  });

  it("keeps up with writers that do not wait for it, and with what comes in another order", async () => {
    const test = new TestLog();
    await test.log.append(toldUpTo(2));
    test.outside.waits = true;
    for (const count of [3, 5, 300]) await test.log.append(toldUpTo(count));
    const [three, five, many] = test.outside.waiting;
    // Each goes on from what was seen, and from the one before.
    assert.equal(test.outside.take(five!).verdict, "seen");
    assert.equal(test.outside.take(three!).verdict, "passed-over");
    assert.equal(test.outside.take(many!).verdict, "seen");
    assert.equal((await test.log.verify()).witnessed?.size, 300);
  });

  it("lies under a name of its own, and is passed over where it is not there", async () => {
    const asked: string[] = [];
    const missing = Object.assign(new Error("no such queue"), { name: "QueueDoesNotExist" });
    const witness = new NeighbourWitness(
      {
        get: (name) => (asked.push(name), Promise.resolve(undefined)),
        put: () => Promise.reject(new Error("nobody who writes the log writes here")),
      },
      { send: (queue) => (asked.push(queue), Promise.reject(missing)) },
      "prod",
    );
    assert.equal(await witness.read(), undefined);
    await witness.show({ key: "key", note: "note", proofs: [] });
    assert.deepEqual([witness.by, ...asked], ["staging", "/peregrine/witness/prod", "peregrine-requests-witness-prod"]);
    missing.name = "AccessDenied";
    await assert.rejects(witness.show({ key: "key", note: "note", proofs: [] }), /no such queue/);
  });
});
