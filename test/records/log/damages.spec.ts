import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { verifyLog } from "../../../records/log/verify";
import { damaged, drawDamages, judgedInPython, subjectOf } from "./damages";
import { writeEntry } from "../../../records/log/entry";
import { SeenIds } from "../../../records/log/seen-ids";
import { writeBundle } from "../../../records/log/tiles";
import { prefix, readerOf, TestLog, told, toldUpTo } from "./logs";

describe("the two verifiers of a log", () => {
  it("find nothing in a log that is whole", async () => {
    for (const size of [1, 255, 256, 257, 513]) {
      const { subject } = await subjectOf(size);
      const check = await verifyLog(readerOf(subject.files), subject.key, { known: [subject.known] });
      assert.deepEqual([check.problems, check.checkpoint?.size], [[], size]);
      assert.deepEqual(judgedInPython(subject, [{ what: "nothing", edits: [] }]), [undefined]);
    }
  });

  // Most of them on a log that is small, because each is verified as a whole.
  for (const { size, count } of [
    { size: 40, count: 8_500 },
    { size: 300, count: 1_500 },
  ])
    it(`find every edit, deletion, swap, truncation and fork of ${size} entries: ${count} of them`, async function () {
      this.slow(30_000);
      const base = await subjectOf(size);
      const { subject } = base;
      const damages = await drawDamages(base, count, size);
      const inPython = judgedInPython(subject, damages);
      const missed: string[] = [];
      for (const [at, { what, edits }] of damages.entries()) {
        const check = await verifyLog(readerOf(damaged(subject.files, edits)), subject.key, { known: [subject.known] });
        if (check.ok) missed.push(`ours: ${what}`);
        if (inPython[at] === undefined) missed.push(`Python: ${what}`);
      }
      assert.deepEqual(missed, []);
      assert.equal(new Set(damages.map(({ what }) => what)).size, 12);
    });

  it("find an id that is there twice, though all of it is signed", async () => {
    const test = new TestLog();
    await test.log.append(toldUpTo(300));
    test.store.objects.set(`${prefix}pending/300`, { body: writeBundle([writeEntry(told(7, "again"))]), modified: "" });
    await test.log.append([told(300)]);
    const check = await test.log.verify();
    assert.deepEqual(check.problems, ["entry 300 has the id of an earlier one: id-7"]);
    const subject = { files: test.files, key: test.key.log, known: test.witness.head! };
    assert.match(
      judgedInPython(subject, [{ what: "nothing", edits: [] }])[0]!,
      /entry 300 has the id of an earlier one/,
    );
  });

  it("name what is damaged", async () => {
    const { subject } = await subjectOf(300);
    const found = async (path: string, edit: (body: Buffer) => Buffer | undefined) => {
      const body = edit(Buffer.from(subject.files.get(path)!));
      const files = new Map(subject.files);
      if (body) files.set(path, body);
      else files.delete(path);
      return (await verifyLog(readerOf(files), subject.key, { known: [subject.known] })).problems;
    };
    const flipped = (at: number) => (body: Buffer) => (body.writeUInt8(body[at]! ^ 1, at), body);
    assert.match((await found("tile/entries/001.p/44", flipped(20))).join("\n"), /entry 256 does not have the hash/);
    assert.match(
      (await found("tile/0/000", flipped(33))).join("\n"),
      /^entry 1 does not have[\s\S]*tile\/1\/000\.p\/1 does not/,
    );
    assert.deepEqual(await found("tile/1/000.p/1", flipped(0)), [
      "tile/1/000.p/1 does not have the hashes of the tiles below",
    ]);
    assert.deepEqual(await found("tile/entries/000", () => undefined), ["tile/entries/000 is missing"]);
    assert.deepEqual(await found("checkpoint", () => undefined), ["there is no checkpoint"]);
  });
});

describe("ids that were seen", () => {
  /** Temporary files of ids that are there now. */
  const files = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("peregrine-ids-"));

  it("say which were there twice, in memory and beyond it", () => {
    const before = files();
    for (const count of [100, 300_000]) {
      const ids = new SeenIds();
      try {
        for (let number = 0; number < count; number += 1) ids.add(`id-${number}`);
        assert.equal(ids.doubled(), undefined);
        assert.equal(files().length > before.length, count > 200_000);
        // Of the first, which went to the file, and of the last, which may be in memory.
        for (const number of [0, 7, count - 1]) ids.add(`id-${number}`);
        const doubled = ids.doubled()!;
        const found = Array.from({ length: count }, (_, number) => number).filter((number) => doubled(`id-${number}`));
        assert.deepEqual(found, [0, 7, count - 1]);
      } finally {
        ids.close();
      }
    }
    assert.deepEqual(files(), before);
  });

  it("know some of very many that were there twice", () => {
    const ids = new SeenIds();
    for (let number = 0; number < 10_000; number += 1) ids.add(`id-${number % 5000}`);
    const doubled = ids.doubled()!;
    const known = Array.from({ length: 5000 }, (_, number) => doubled(`id-${number}`)).filter(Boolean).length;
    assert.equal(known, 1000);
    ids.close();
  });
});
