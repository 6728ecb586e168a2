import assert from "node:assert/strict";
import { decideFallBack, type FallBackFacts } from "../../lifecycle/fall-back";

const facts: FallBackFacts = {
  live: { releaseId: "r-222222222222", kind: "promote" },
  before: "r-111111111111",
  underWay: false,
};

describe("falling back by an alarm", () => {
  it("is one step from a promoted release to the one before", () => {
    const { verdict, reasons } = decideFallBack(facts);
    assert.equal(verdict, "roll-back");
    assert.match(reasons.join(), /r-222222222222 is live, and r-111111111111 was before it/);
  });

  it("is left to people where there is nothing to go back to, or the step was made, or somebody is at it", () => {
    const cases: readonly [Partial<FallBackFacts>, RegExp][] = [
      [{ underWay: true }, /under way/],
      [{ live: undefined, before: undefined }, /no live release/],
      [{ live: { releaseId: "r-222222222222", kind: "rollback" } }, /a person's/],
      [{ before: undefined }, /nothing was live before/],
    ];
    for (const [change, reason] of cases) {
      const { verdict, reasons } = decideFallBack({ ...facts, ...change });
      assert.equal(verdict, "stay");
      assert.match(reasons.join(), reason);
    }
  });
});
