import assert from "node:assert/strict";
import { lossesOf, oracleCost, randomOf, type Year, yearOf } from "../../scripts/bench/retraining/streams";
import { compare } from "../../scripts/bench/retraining/compare";

/** A world that stands still and then is elsewhere for the rest of the year. */
const step = (day: number, points: number): Year => ({
  kind: "abrupt",
  world: Array.from({ length: 365 }, (_, now) => (now < day ? 0 : points)),
  noise: Array<number>(365).fill(0),
});

describe("the bench of retraining policies", () => {
  it("has an oracle that never pays more than never training, or than training each day", () => {
    const random = randomOf(1);
    for (const kind of ["abrupt", "gradual", "recurring"] as const) {
      const year = yearOf(kind, 2, random);
      const loss = lossesOf(year);
      const never = year.world.reduce((sum, _, day) => sum + loss(0, day), 0);
      for (const price of [1, 50, 1e6])
        assert.ok(oracleCost(year, price) <= Math.min(never, 364 * price + never) + 1e-9);
      assert.ok(Math.abs(oracleCost(year, 1e6) - never) < 1e-6);
    }
  });

  it("trains once, a week after a step: then all that is learned is the new world", () => {
    const loss = lossesOf(step(100, 10));
    assert.equal(loss(100, 150), 10);
    assert.ok(Math.abs(loss(107, 150)) < 1e-9);
    // A price for which one training is best: it waits until the whole week is new.
    assert.ok(Math.abs(oracleCost(step(100, 10), 1e5) - 265 * 10) < 1e-6);
    assert.ok(Math.abs(oracleCost(step(100, 10), 200) - (7 * 10 + 200)) < 1e-6);
  });

  it("finds that the product's policy costs least of all and trains in no quiet year", function () {
    this.timeout(120_000);
    const { rows } = compare(2, 7);
    assert.equal(rows[0]!.policy, "ours", JSON.stringify(rows));
    assert.equal(rows[0]!.quiet, 0);
  });
});
