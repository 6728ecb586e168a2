import { strict as assert } from "node:assert";
import fc from "fast-check";
import { type CandidateFacts, gateRelease } from "../../lifecycle/gate";

const good: CandidateFacts = { approval: "Approved", map50: 0.4, recordedSha256: "ab", actualSha256: "ab", imageUri: "image" };

describe("gate of a release", () => {
  it("releases an approved, evaluated, untouched package above the bar", () => {
    assert.equal(gateRelease(good, 0.3).verdict, "release");
  });

  it("counts a model exactly at the bar as good enough", () => {
    assert.equal(gateRelease(good, 0.4).verdict, "release");
  });

  const bad: [string, Partial<CandidateFacts>, RegExp][] = [
    ["waits for approval", { approval: "PendingManualApproval" }, /PendingManualApproval, not Approved/],
    ["was rejected", { approval: "Rejected" }, /Rejected, not Approved/],
    ["is below the bar", { map50: 0.1 }, /0\.100 is below the bar of 0\.300/],
    ["was never evaluated", { map50: undefined }, /no evaluation/],
    ["was evaluated to no number", { map50: NaN }, /below the bar/],
    ["was changed after its evaluation", { actualSha256: "cd" }, /recorded ab, found cd/],
    ["records no digest", { recordedSha256: undefined }, /does not record the SHA-256/],
    ["names no image", { imageUri: undefined }, /no container image/],
  ];
  for (const [what, change, reason] of bad)
    it(`refuses a package that ${what}, and says so`, () => {
      const decision = gateRelease({ ...good, ...change }, 0.3);
      assert.equal(decision.verdict, "refuse");
      assert.match(decision.reasons.join("\n"), reason);
      assert.equal(decision.reasons.length, 1);
    });

  it("names every reason at once", () => {
    const decision = gateRelease({ approval: "", map50: undefined, recordedSha256: undefined, actualSha256: "x", imageUri: undefined }, 0.3);
    assert.equal(decision.reasons.length, 4);
  });

  it("never releases what is not approved, whatever else is true", () => {
    fc.assert(
      fc.property(fc.string().filter((text) => text !== "Approved"), fc.double({ min: 0, max: 1, noNaN: true }), (approval, map50) =>
        gateRelease({ ...good, approval, map50 }, 0).verdict === "refuse",
      ),
    );
  });
});
