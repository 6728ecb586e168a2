import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { violationNames } from "../../contract/remediation";
import { limits } from "../../lifecycle/remediation/decide";

const page = readFileSync(resolve(__dirname, "../../docs/remediation.md"), "utf8");

describe("the page about remediation", () => {
  it("says of each violation what is done, and of no other", () => {
    const [, table] = /## What is watched\n\n([\s\S]*?)\n\n/.exec(page)!;
    const named = [...table!.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
    assert.deepEqual(named.sort(), [...violationNames].sort());
  });

  it("gives the limits as they are", () => {
    assert.deepEqual(
      [
        limits.tries,
        limits.windowMs,
        limits.fixes,
        limits.coolDownMs,
        limits.confirmMs,
        limits.settleMs,
        limits.longestWaitMs,
      ],
      [3, 3_600_000, 30, 60_000, 45_000, 300_000, 7_200_000],
    );
    for (const words of ["three fixes", "30 fixes", "a minute apart", "45 seconds", "five minutes", "two hours"])
      assert.ok(page.includes(words), words);
  });
});
