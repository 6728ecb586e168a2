import assert from "node:assert/strict";
import fc from "fast-check";
import type { ObjectStore } from "../../../aws/s3";
import { EntryRefused, type LogEntry } from "../../../records/log/entry";
import { LogBroken, TransparencyLog } from "../../../records/log/log";
import { leafHash } from "../../../records/log/hashing";
import { readBundle } from "../../../records/log/tiles";
import { MemoryStore } from "../../support/memory-store";
import { prefix, TestKey, TestLog, TestOutside, TestWitness, told, toldUpTo } from "./logs";

class Killed extends Error {}

/** A bucket whose caller is killed at some request: before it arrives, or before its answer does. */
class Mortal implements Pick<ObjectStore, "get" | "getWithTag" | "putIf" | "list" | "delete"> {
  requests = 0;

  constructor(
    private readonly store: MemoryStore,
    private readonly diesAt: number,
    private readonly arrives: boolean,
    /** Gives way to other writers before each request. */
    private readonly pause: () => Promise<void> = () => Promise.resolve(),
  ) {}

  get(...args: Parameters<MemoryStore["get"]>) {
    return this.ask(() => this.store.get(...args));
  }

  getWithTag(...args: Parameters<MemoryStore["getWithTag"]>) {
    return this.ask(() => this.store.getWithTag(...args));
  }

  putIf(...args: Parameters<MemoryStore["putIf"]>) {
    return this.ask(() => this.store.putIf(...args));
  }

  list(...args: Parameters<MemoryStore["list"]>) {
    return this.ask(() => this.store.list(...args));
  }

  delete(...args: Parameters<MemoryStore["delete"]>) {
    return this.ask(() => this.store.delete(...args));
  }

  private async ask<T>(work: () => Promise<T>): Promise<T> {
    await this.pause();
    this.requests += 1;
    if (this.requests < this.diesAt) return work();
    if (this.requests === this.diesAt && this.arrives) await work();
    throw new Killed();
  }
}

function writer(store: ConstructorParameters<typeof TransparencyLog>[0]["store"], key: TestKey, witness: TestWitness) {
  return new TransparencyLog({
    store,
    bucket: "bucket",
    prefix,
    key: key.log,
    sign: key.sign,
    witness,
    outside: new TestOutside(),
    locked: undefined,
  });
}

async function idsIn(log: TransparencyLog): Promise<string[]> {
  const found: LogEntry[] = [];
  const check = await log.verify({ each: (entry) => found.push(entry) });
  assert.deepEqual(check.problems, []);
  return found.map(({ id }) => id);
}

describe("a log", () => {
  it("keeps entries in order, across bundles and tiles, and tells them apart by their ids", async () => {
    const { log, witness } = new TestLog();
    assert.deepEqual(await log.verify(), { ok: true, problems: [] });
    for (const count of [1, 3, 200, 256, 700]) await log.append(toldUpTo(count));
    assert.deepEqual(
      await idsIn(log),
      toldUpTo(700).map(({ id }) => id),
    );
    assert.equal(witness.head?.size, 700);
    assert.equal(await log.indexOf("id-699"), 699);
    assert.equal(await log.indexOf("id-700"), undefined);
    await log.append([]);
  });

  it("keeps the partial files of the open bundle alone, and reads the others from the full ones", async () => {
    const { log, store } = new TestLog();
    for (let count = 1; count <= 260; count += 1) await log.append([told(count)]);
    const partial = [...store.objects.keys()].filter((path) => path.includes(".p/"));
    assert.deepEqual(
      partial.filter((path) => !path.startsWith(`${prefix}tile/1/`)).sort(),
      ["0", "entries"].flatMap((level) => [1, 2, 3, 4].map((width) => `${prefix}tile/${level}/001.p/${width}`)),
    );
    assert.equal((await idsIn(log)).length, 260);
    const bundle = (await log.read("tile/entries/000.p/44"))!;
    assert.equal(readBundle("it", bundle).length, 44);
    assert.deepEqual(
      await log.read("tile/0/000.p/44"),
      Buffer.concat(readBundle("it", bundle).map((entry) => leafHash(entry))),
    );
    assert.equal(await log.read("tile/0/002.p/44"), undefined);
  });

  it("finds ids by few files, and without them, as logs of earlier versions have none", async () => {
    const { store, key, witness, log } = new TestLog();
    await log.append(toldUpTo(9000));
    const fresh = () => writer(store, key, witness);
    for (const index of [0, 255, 256, 4095, 4096, 8191, 8192, 8999])
      assert.equal(await fresh().indexOf(`id-${index}`), index);
    for (const path of [...store.objects.keys()].filter((one) => one.includes("/ids/"))) store.objects.delete(path);
    assert.equal(await fresh().indexOf("id-300"), 300);
    await fresh().append([told(4097), told(9000)]);
    assert.equal((await idsIn(log)).length, 9001);
    store.add(`${prefix}ids/0/000002`, "short");
    await assert.rejects(fresh().append([told(1)]), LogBroken);
  });

  it("lets whoever says the same in other words have said it", async () => {
    const { log, witness } = new TestLog();
    await log.append([told(1), told(2)]);
    await log.append([told(2, "another"), told(3), told(3, "another")], { known: "told" });
    assert.deepEqual(await idsIn(log), ["id-1", "id-2", "id-3"]);
    await log.append([told(4)], { witnessed: false });
    assert.equal(witness.head?.size, 3);
    assert.equal((await idsIn(log)).length, 4);
    await log.append([told(5)]);
    assert.equal(witness.head?.size, 5);
  });

  it("takes an entry once, and no other one with its id", async () => {
    const { log } = new TestLog();
    await log.append([told(1), told(1), told(2)]);
    await log.append([told(2), told(1), told(3)]);
    assert.deepEqual(await idsIn(log), ["id-1", "id-2", "id-3"]);
    await assert.rejects(log.append([told(2, "another")]), /has another entry with the id id-2/);
    await assert.rejects(log.append([{ ...told(4), by: "" }]), EntryRefused);
    await assert.rejects(log.append([{ ...told(4), body: { text: "x".repeat(70_000) } }]), /has 70\d+ bytes/);
    assert.deepEqual(await idsIn(log), ["id-1", "id-2", "id-3"]);
  });

  it("loses nothing and has nothing twice, wherever its writer is killed", async () => {
    for (const arrives of [true, false])
      for (let diesAt = 1; ; diesAt += 1) {
        const { store, key, witness, log } = new TestLog();
        await log.append(toldUpTo(255));
        const mortal = new Mortal(store, diesAt, arrives);
        const died = await writer(mortal, key, witness)
          .append([told(255), told(256)])
          .then(
            () => false,
            (error: unknown) => {
              if (error instanceof Killed) return true;
              throw error;
            },
          );
        // Somebody else comes first, then the killed one's caller asks again.
        await writer(store, key, witness).append([told(1000)]);
        await writer(store, key, witness).append([told(255), told(256)]);
        const ids = await idsIn(log);
        assert.deepEqual(
          [...ids].sort(),
          [...toldUpTo(257), told(1000)].map(({ id }) => id).sort(),
          `killed at ${diesAt}`,
        );
        if (!died) {
          assert.ok(diesAt > 10);
          break;
        }
      }
  });

  it("waits for nobody who was killed with the same entry in hand, and takes its entry for its own", async () => {
    const whole = new TestLog();
    await whole.log.append(toldUpTo(10));
    const counted = new Mortal(whole.store, Infinity, true);
    await writer(counted, whole.key, whole.witness).append([told(10)]);
    const { store, key, witness, log } = new TestLog();
    await log.append(toldUpTo(10));
    // Between the look at the log's end and the look for the id, somebody adds the entry, but for the checkpoint.
    let rival: (() => Promise<unknown>) | undefined = () =>
      assert.rejects(writer(new Mortal(store, counted.requests, false), key, witness).append([told(10)]), Killed);
    const slow = {
      get: async (place: Parameters<MemoryStore["get"]>[0]) => {
        const meanwhile = place.key.startsWith(`${prefix}tile/entries/`) ? rival : undefined;
        if (meanwhile) rival = undefined;
        await meanwhile?.();
        return store.get(place);
      },
      putIf: (...args: Parameters<MemoryStore["putIf"]>) => store.putIf(...args),
      getWithTag: (...args: Parameters<MemoryStore["getWithTag"]>) => store.getWithTag(...args),
      list: (...args: Parameters<MemoryStore["list"]>) => store.list(...args),
      delete: (...args: Parameters<MemoryStore["delete"]>) => store.delete(...args),
    };
    await writer(slow, key, witness).append([told(10)]);
    assert.equal(rival, undefined);
    assert.deepEqual(
      await idsIn(log),
      toldUpTo(11).map(({ id }) => id),
    );
  });

  it("loses nothing and has nothing twice when many write at once, some of them killed", async function () {
    this.slow(10_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            ids: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 6 }),
            diesAt: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 40 })),
            arrives: fc.boolean(),
            // As the recorder does.
            recorder: fc.boolean(),
          }),
          { minLength: 2, maxLength: 6 },
        ),
        fc.infiniteStream(fc.nat(3)),
        async (writers, pauses) => {
          const { store, key, witness, log } = new TestLog();
          const pause = async () => {
            for (let turns = pauses.next().value as number; turns > 0; turns -= 1) await new Promise(setImmediate);
          };
          const alive = writers.map(({ ids, diesAt, arrives, recorder }) =>
            writer(new Mortal(store, diesAt, arrives, pause), key, witness)
              .append(
                ids.map((number) => told(number)),
                recorder ? { known: "told", witnessed: false } : {},
              )
              .catch((error: unknown) => {
                if (!(error instanceof Killed)) throw error;
              }),
          );
          await Promise.all(alive);
          // What a killed writer had begun is brought to its end by the next one.
          await log.append([told(99)]);
          const found = await idsIn(log);
          assert.equal(new Set(found).size, found.length);
          const certain = writers.filter(({ diesAt }) => diesAt === Infinity).flatMap(({ ids }) => ids);
          for (const number of [...certain, 99]) assert.ok(found.includes(`id-${number}`), `id-${number}`);
          for (const id of found)
            assert.ok(id === "id-99" || writers.some(({ ids }) => ids.includes(Number(id.slice(3)))));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is not added to, and nothing more is signed, once it is another than was signed or witnessed", async () => {
    const damage: Record<string, [(log: TestLog) => void, RegExp]> = {
      "a checkpoint of somebody else": [
        ({ store }) => {
          const { body } = store.objects.get(`${prefix}checkpoint`)!;
          store.add(`${prefix}checkpoint`, body.toString("utf8").replace("\n300\n", "\n299\n"));
        },
        /the signature is not one of/,
      ],
      "a tile at the right edge": [
        ({ store }) => void store.objects.get(`${prefix}tile/0/001.p/44`)!.body.writeUInt8(0, 3),
        /its tiles do not lead to the root/,
      ],
      "no tile at the right edge": [({ store }) => void store.objects.delete(`${prefix}tile/0/001.p/44`), /is missing/],
      "the last bundle": [
        ({ store }) => void store.objects.get(`${prefix}tile/entries/001.p/44`)!.body.writeUInt8(0x20, 9),
        /does not have the hashes of its tile/,
      ],
      "no checkpoint": [
        ({ store }) => void store.objects.delete(`${prefix}checkpoint`),
        /it has no checkpoint, and had 300/,
      ],
      "a pending batch that is no entries": [
        ({ store }) => store.add(`${prefix}pending/300`, "\u0000\u0002{}"),
        /pending\/300 is to be entry 300, which is not an entry/,
      ],
      "a bundle that was there before": [
        ({ store }) => store.add(`${prefix}tile/entries/001.p/45`, "something"),
        /holds something else than the entries make/,
      ],
    };
    for (const [what, [plant, message]] of Object.entries(damage)) {
      const test = new TestLog();
      await test.log.append(toldUpTo(300));
      const head = test.witness.head;
      plant(test);
      await assert.rejects(
        test.log.append([told(300)]),
        (error: Error) => error instanceof LogBroken && message.test(error.message),
        what,
      );
      assert.deepEqual(test.witness.head, head, what);
    }
  });

  it("notices an old checkpoint, and a log that the key's holder wrote anew, by what was witnessed", async () => {
    const test = new TestLog();
    await test.log.append(toldUpTo(10));
    const old = test.store.objects.get(`${prefix}checkpoint`)!;
    await test.log.append(toldUpTo(20));
    test.store.objects.set(`${prefix}checkpoint`, old);
    await assert.rejects(test.log.append([told(21)]), /it has 10 entries, and had 20: its end is missing/);
    const check = await test.log.verify();
    assert.match(check.problems.join(), /its end is missing, or the checkpoint is an old one/);

    const anew = new TestLog(test.key, new MemoryStore());
    await anew.log.append(toldUpTo(30).map((entry) => (entry.id === "id-7" ? { ...entry, subject: "forged" } : entry)));
    anew.witness.head = test.witness.head;
    await assert.rejects(anew.log.append([told(31)]), /its first 20 entries are not those that were witnessed/);
    assert.match((await anew.log.verify()).problems.join(), /the log was written anew/);
  });
});
