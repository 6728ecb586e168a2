import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  type ChainProblem,
  type LedgerEntry,
  lineOf,
  type NewEntry,
  origin,
  seal,
  verifyChain,
} from "../../records/chain";

const told = (subject: string): NewEntry => ({
  at: "2026-03-01T10:00:00.000Z",
  by: "arn:aws:iam::111122223333:role/release",
  kind: "release",
  subject,
  body: { outcome: "live", map50: 0.41 },
});

function chain(length: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (let index = 0; index < length; index++) entries.push(seal(told(`r-${index}`), entries.at(-1)));
  return entries;
}
const lines = chain(5).map(lineOf);

/** Changes a copy of the lines and tells what is found: `line what` of each problem. */
function found(change: (lines: string[]) => void, head?: Parameters<typeof verifyChain>[1]): string[] {
  const copy = [...lines];
  change(copy);
  const { ok, problems } = verifyChain(copy, head);
  assert.equal(ok, problems.length === 0);
  for (const { text } of problems) assert.ok(text.length > 10);
  return problems.map(({ line, what }) => `${line} ${what}`);
}

describe("the ledger's chain", () => {
  it("hashes the canonical JSON of an entry without its hash, so that anybody can check it", () => {
    const { hash, ...content } = seal(
      { at: "2026-03-01T10:00:00Z", by: "me", kind: "note", subject: "s", body: { b: 1, a: [true, null] } },
      undefined,
    );
    const text = `{"at":"2026-03-01T10:00:00Z","body":{"a":[true,null],"b":1},"by":"me","kind":"note","previous":"${origin}","sequence":1,"subject":"s"}`;
    assert.equal(hash, createHash("sha256").update(text).digest("hex"));
    assert.equal(content.previous, origin);
  });

  it("numbers entries from 1 and binds each to the one before", () => {
    const [first, second] = chain(2) as [LedgerEntry, LedgerEntry];
    assert.deepEqual([first.sequence, second.sequence, second.previous], [1, 2, first.hash]);
  });

  it("refuses an entry that is none", () => {
    assert.throws(() => seal({ ...told("x"), at: "yesterday" }, undefined), /ISO/);
    assert.throws(() => seal({ ...told("x"), body: { map50: NaN } }, undefined), /map50 is NaN/);
    assert.throws(() => seal({ ...told(""), by: "" }, undefined));
  });

  it("holds when nothing was touched, an empty one included", () => {
    assert.deepEqual(
      found(() => {}),
      [],
    );
    assert.deepEqual(verifyChain([]), { ok: true, problems: [] });
  });

  it("names an edited line", () => {
    assert.deepEqual(
      found((all) => (all[2] = all[2]!.replace("0.41", "0.91"))),
      ["3 edited"],
    );
  });

  it("takes another spelling of the same entry for an edit", () => {
    assert.deepEqual(
      found((all) => (all[1] = all[1]!.replace('{"at"', '{ "at"'))),
      ["2 edited"],
    );
    assert.deepEqual(
      found((all) => (all[1] = all[1]!.replace('"kind":', '"kind":"other","kind":'))),
      ["2 edited"],
    );
  });

  it("names the seam when an edited line was sealed again", () => {
    assert.deepEqual(
      found(
        (all) =>
          (all[2] = lineOf(seal({ ...told("r-2"), body: { outcome: "failed" } }, JSON.parse(all[1]!) as LedgerEntry))),
      ),
      ["4 edited"],
    );
  });

  it("names the place of a removed line, the first one included, and how many are missing", () => {
    assert.deepEqual(
      found((all) => all.splice(2, 1)),
      ["3 removed"],
    );
    assert.deepEqual(
      found((all) => all.splice(0, 2)),
      ["1 removed"],
    );
    const { problems } = verifyChain([lines[0]!, lines[3]!]);
    assert.match(
      (problems[0] as ChainProblem).text,
      /line 2 is entry 4 where entry 2 should be: entries 2 to 3 are missing/,
    );
  });

  it("names lines that changed places", () => {
    assert.deepEqual(
      found((all) => ([all[1], all[2]] = [all[2]!, all[1]!])),
      ["2 reordered", "3 reordered"],
    );
  });

  it("names a repeated line, and two lines that claim one place", () => {
    assert.deepEqual(
      found((all) => all.splice(3, 0, all[1]!)),
      ["4 duplicated"],
    );
    assert.deepEqual(
      found((all) => all.splice(2, 0, lineOf(seal(told("forged"), JSON.parse(all[0]!) as LedgerEntry)))),
      ["3 duplicated"],
    );
  });

  it("names what is not JSON, and what is JSON but no entry", () => {
    assert.deepEqual(
      found((all) => (all[1] = all[1]!.slice(0, -5))),
      ["2 not-json"],
    );
    assert.deepEqual(
      found((all) => all.splice(2, 0, "")),
      ["3 not-json"],
    );
    assert.deepEqual(
      found((all) => (all[4] = '{"sequence":5}')),
      ["5 edited"],
    );
    assert.deepEqual(
      found((all) => all.splice(1, 3, "?", all[2]!)),
      ["2 not-json", "4 removed"],
    );
  });

  it("misses entries cut off at the end, or a chain written anew, only by a head that was noted elsewhere", () => {
    const { sequence, hash } = chain(5)[4]!;
    assert.deepEqual(
      found((all) => all.pop()),
      [],
    );
    assert.deepEqual(
      found((all) => all.pop(), { sequence, hash }),
      ["5 removed"],
    );
    assert.deepEqual(
      found(() => {}, { sequence, hash }),
      [],
    );
    const forged = seal({ ...told("r-4"), by: "somebody else" }, chain(4)[3]);
    assert.deepEqual(
      found((all) => (all[4] = lineOf(forged)), { sequence, hash }),
      ["5 edited"],
    );
  });

  const anyLine = fc.nat({ max: 8 });
  const whole = chain(9).map(lineOf);

  it("never holds after a line was changed in any character, and names that line first", () => {
    fc.assert(
      fc.property(anyLine, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (index, at, character) => {
        const line = whole[index]!;
        const place = at % line.length;
        fc.pre(line[place] !== character);
        const changed = line.slice(0, place) + character + line.slice(place + 1);
        assert.equal(verifyChain(whole.with(index, changed)).problems[0]?.line, index + 1);
      }),
    );
  });

  it("never holds after a line was removed, repeated or moved, and names the first place that differs", () => {
    fc.assert(
      fc.property(anyLine, anyLine, fc.constantFrom("remove", "repeat", "move"), (from, to, what) => {
        const copy = [...whole];
        if (what !== "repeat") copy.splice(from, 1);
        if (what !== "remove") copy.splice(to, 0, whole[from]!);
        const differs = copy.findIndex((line, index) => line !== whole[index]);
        // Cutting off the end is what a chain cannot show; a line moved onto its own place was not moved.
        fc.pre(differs >= 0);
        assert.equal(verifyChain(copy).problems[0]?.line, differs + 1);
      }),
    );
  });
});
