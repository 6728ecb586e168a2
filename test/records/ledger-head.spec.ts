import assert from "node:assert/strict";
import type { Head, NewEntry } from "../../records/chain";
import { HeadNotNoted, Ledger, LedgerBroken } from "../../records/ledger";
import { HeadDamaged, type HeadNotes, LedgerHead } from "../../records/ledger-head";

const told = (subject: string): NewEntry => ({
  at: "2026-03-01T10:00:00Z",
  by: "arn:aws:iam::111122223333:role/release",
  kind: "note",
  subject,
  body: {},
});

/** A ledger's object that anybody may overwrite, and the note of its head. */
function records() {
  const object = { body: undefined as string | undefined };
  let noted: Head | undefined;
  const heads: HeadNotes & { noted(): Head | undefined; forget(): void } = {
    read: () => Promise.resolve(noted),
    note: (head) => Promise.resolve(void (noted = { sequence: head.sequence, hash: head.hash })),
    noted: () => noted,
    forget: () => (noted = undefined),
  };
  const ledger = new Ledger(
    {
      getWithTag: () =>
        Promise.resolve(object.body === undefined ? undefined : { body: Buffer.from(object.body), tag: "1" }),
      putIf: (_location, body) => {
        object.body = body.toString();
        return Promise.resolve({ outcome: "written" as const, tag: "1" });
      },
    },
    "bucket",
    heads,
  );
  const cutTo = (lines: number) =>
    (object.body = object
      .body!.split("\n")
      .slice(0, lines)
      .map((line) => `${line}\n`)
      .join(""));
  return { ledger, heads, object, cutTo };
}

describe("the head of the ledger, noted elsewhere", () => {
  it("follows each addition", async () => {
    const { ledger, heads } = records();
    for (const subject of ["a", "b", "c"]) {
      const { sequence, hash } = await ledger.append(told(subject));
      assert.deepEqual(heads.noted(), { sequence, hash });
    }
    assert.equal((await ledger.entries()).length, 3);
  });

  it("shows that the end was cut off, which the chain alone cannot", async () => {
    const { ledger, heads, cutTo } = records();
    for (const subject of ["a", "b", "c"]) await ledger.append(told(subject));
    cutTo(2);
    await assert.rejects(
      ledger.entries(),
      (error: Error) =>
        error instanceof LedgerBroken &&
        /the entries up to 3, noted as head, are missing at the end/.test(error.message),
    );
    heads.forget();
    assert.equal((await ledger.entries()).length, 2, "without the note nobody knows");
  });

  it("shows that the end was written anew, and that all of it is gone", async () => {
    const { ledger, cutTo, object } = records();
    for (const subject of ["a", "b"]) await ledger.append(told(subject));
    const other = records();
    for (const subject of ["a", "forged"]) await other.ledger.append(told(subject));
    object.body = other.object.body;
    await assert.rejects(ledger.entries(), /line 2 is not the entry 2 that was noted as head/);
    cutTo(0);
    await assert.rejects(ledger.entries(), /the entries up to 2, noted as head, are missing/);
  });

  it("keeps a cut from being hidden by the next entry", async () => {
    const { ledger, cutTo, object, heads } = records();
    for (const subject of ["a", "b"]) await ledger.append(told(subject));
    cutTo(1);
    const [body, noted] = [object.body, heads.noted()];
    await assert.rejects(ledger.append(told("c")), LedgerBroken);
    assert.deepEqual([object.body, heads.noted()], [body, noted]);
  });

  it("may be behind: the entry that a killed command added without noting it is no break", async () => {
    const { ledger, heads } = records();
    await ledger.append(told("a"));
    const earlier = heads.noted()!;
    await ledger.append(told("b"));
    await heads.note(earlier);
    assert.equal((await ledger.entries()).length, 2);
    await ledger.append(told("c"));
    assert.equal(heads.noted()!.sequence, 3);
  });

  it("says when it could not be noted, though the entry is there", async () => {
    const { ledger, heads } = records();
    heads.note = () => Promise.reject(new Error("AccessDenied"));
    await assert.rejects(ledger.append(told("a")), HeadNotNoted);
    assert.equal((await ledger.entries()).length, 1);
  });

  it("is a parameter of JSON; one that is damaged is an error, not a missing note", async () => {
    const kept = new Map<string, string>();
    const head = new LedgerHead(
      {
        get: (name) => Promise.resolve(kept.get(name)),
        put: (name, value) => Promise.resolve(void kept.set(name, value)),
      },
      "prod",
      "/peregrine/prod/ledger-head",
    );
    assert.equal(await head.read(), undefined);
    const noted = { sequence: 7, hash: "a".repeat(64) };
    await head.note(noted);
    assert.deepEqual(await head.read(), noted);
    kept.set("/peregrine/prod/ledger-head", '{"sequence":0}');
    await assert.rejects(head.read(), HeadDamaged);
  });
});
