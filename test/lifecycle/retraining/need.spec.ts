import assert from "node:assert/strict";
import fc from "fast-check";
import { randomOf } from "../../../scripts/bench/retraining/streams";
import { type Observation, retrainingNeed, worthOf } from "../../../lifecycle/retraining/need";

const day = (number: number) => new Date(Date.UTC(2026, 10, 1) + number * 86_400_000).toISOString();
const daily = (points: readonly number[]): Observation[] =>
  points.map((value, index) => ({ at: day(index), shortfall: value / 100, trigger: "quality" }));

describe("the need for a retraining", () => {
  const worth = worthOf(10);

  it("is none where nothing was observed, and where shortfalls stay within what a sample errs by", () => {
    assert.deepEqual(retrainingNeed([], worth), { state: "none", lost: 0, expected: 0, wanted: 17.5 });
    assert.equal(retrainingNeed(daily(Array<number>(60).fill(1.4)), worth).state, "none");
  });

  it("is worth it once so much is lost that a training that comes early pays", () => {
    assert.equal(retrainingNeed(daily([6, 6, 6]), worth).state, "too-small");
    assert.equal(retrainingNeed(daily([6, 6, 6, 6]), worth).state, "worth-it");
    const { lost, wanted } = retrainingNeed(daily([8, 8, 8]), worth);
    assert.deepEqual([lost.toFixed(6), wanted], ["19.800000", 17.5]);
  });

  it("sees a small loss that lasts for weeks, and takes no week of it for more than chance", () => {
    assert.equal(retrainingNeed(daily(Array<number>(14).fill(2)), worthOf(3)).state, "too-small");
    assert.equal(retrainingNeed(daily(Array<number>(34).fill(2)), worthOf(3)).state, "worth-it");
  });

  it("takes a year of mere noise for nothing", () => {
    // Half of a sample's errors are below 0, and a shortfall is not.
    const noise = (seed: number) => {
      const random = randomOf(seed);
      const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return Array.from({ length: 365 }, () => Math.max(0, 2 * normal()));
    };
    for (let seed = 1; seed <= 20; seed++) {
      const year = daily(noise(seed));
      for (let end = 1; end <= year.length; end += 1)
        assert.notEqual(retrainingNeed(year.slice(0, end), worthOf(1)).state, "worth-it", `seed ${seed}, day ${end}`);
    }
  });

  it("answers a settled shortfall by what it will cost, before it has cost it", () => {
    const dear = worthOf(100);
    assert.equal(retrainingNeed(daily(Array<number>(8).fill(8)), dear).state, "too-small");
    const { state, lost, expected, wanted } = retrainingNeed(daily(Array<number>(9).fill(8)), dear);
    assert.deepEqual([state, wanted], ["worth-it", 100]);
    assert.ok(Math.abs(lost - 9 * 6.6) < 1e-9);
    assert.ok(Math.abs(expected - 180) < 1e-9);
  });

  it("forgets what healed by itself", () => {
    assert.equal(retrainingNeed(daily([6, 6, 0, 0, 0, 0, 0, 0, 0, 0]), worth).lost, 0);
  });

  it("counts hours as hours: many reports a day say no more than one", () => {
    const hourly = Array.from({ length: 24 }, (_, hour): Observation => ({
      at: day(hour / 24),
      shortfall: 0.06,
      trigger: "quality",
    }));
    assert.ok(retrainingNeed(hourly, worthOf(100)).lost < 10);
  });

  it("does not know what drift without a number costs, nor that new data is a need", () => {
    assert.equal(retrainingNeed([{ at: day(0), shortfall: null, trigger: "drift" }], worth).state, "unknown");
    assert.equal(retrainingNeed([{ at: day(0), shortfall: null, trigger: "new-data" }], worth).state, "none");
  });

  it("takes the newest forecast for the days to come, and none for days that were", () => {
    const forecasts: Observation[] = [
      { at: day(0), shortfall: 0.2, trigger: "forecast" },
      { at: day(1), shortfall: 0.0205, trigger: "forecast" },
    ];
    assert.equal(retrainingNeed(forecasts, worth).lost, 0);
    assert.equal(retrainingNeed(forecasts, worth).state, "too-small");
    assert.equal(retrainingNeed(forecasts.slice(0, 1), worth).state, "worth-it");
  });

  it("does not depend on the order in which observations are found", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }), (points) => {
        const inOrder = daily(points);
        assert.deepEqual(retrainingNeed([...inOrder].reverse(), worth), retrainingNeed(inOrder, worth));
      }),
    );
  });
});
