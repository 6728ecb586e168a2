import assert from "node:assert/strict";
import { isoDay, parseDay } from "../../../lifecycle/forecasting/calendar";
import type { Limit } from "../../../lifecycle/forecasting/limit";
import {
  emptyTally,
  levelBreach,
  outcomeOf,
  scoreOf,
  scoreText,
  totalBreach,
  withForecast,
  withWarning,
} from "../../../lifecycle/forecasting/score";

const start = parseDay("2026-06-01")!;
const limit: Limit = { value: 10, breach: "above" };
const claim = { day: isoDay(start), horizonDays: 28, limit };
/** Values from the day after the claim on. */
const after = (...values: number[]) => values.map((value, index) => ({ day: isoDay(start + 1 + index), value }));

describe("what comes of a warning", () => {
  it("is a hit on the fourth of seven days beyond the limit, and no single day", () => {
    assert.deepEqual(outcomeOf(claim, after(9, 11, 9, 11, 11, 12, 9), start + 7, levelBreach), {
      outcome: "hit",
      breachedOn: isoDay(start + 6),
      leadDays: 6,
    });
    assert.deepEqual(outcomeOf(claim, after(9, 11, 9, 11, 9, 11, 9), start + 7, levelBreach), { outcome: "open" });
  });

  it("is false when the horizon has passed, and nobody's fault when nothing was measured", () => {
    const quiet = after(...Array<number>(28).fill(9));
    assert.deepEqual(outcomeOf(claim, quiet, start + 28, levelBreach), { outcome: "false" });
    assert.deepEqual(outcomeOf(claim, quiet.slice(0, 13), start + 28, levelBreach), { outcome: "unmeasured" });
    assert.deepEqual(outcomeOf(claim, quiet, start + 27, levelBreach), { outcome: "open" });
  });

  it("is not judged by what came after another release", () => {
    const values = after(9, 9, 9, 11, 11, 11, 11);
    assert.deepEqual(outcomeOf(claim, values, start + 7, levelBreach, [start + 3]), { outcome: "changed" });
    // A release afterwards takes nothing back.
    assert.equal(outcomeOf(claim, values, start + 20, levelBreach, [start + 15]).outcome, "hit");
    // One that is after the horizon is none of its business.
    const quiet = after(...Array<number>(28).fill(9));
    assert.equal(outcomeOf(claim, quiet, start + 40, levelBreach, [start + 35]).outcome, "false");
  });

  it("is a hit at once for what adds up, in the other direction too", () => {
    assert.equal(outcomeOf(claim, after(11), start + 1, totalBreach).outcome, "hit");
    const below = { ...claim, limit: { value: 10, breach: "below" } as const };
    assert.equal(outcomeOf(below, after(9), start + 1, totalBreach).outcome, "hit");
  });
});

describe("the score of a series", () => {
  it("counts hits, false warnings and lead times, and the squared errors of all forecasts", () => {
    let tally = emptyTally;
    assert.equal(scoreText(scoreOf(tally)), "No warning about it has been judged yet.");
    tally = withWarning(tally, { outcome: "hit", breachedOn: "2026-06-10", leadDays: 9 });
    tally = withWarning(tally, { outcome: "hit", breachedOn: "2026-06-10", leadDays: 12 });
    tally = withWarning(tally, { outcome: "false" });
    tally = withWarning(tally, { outcome: "changed" });
    tally = withWarning(tally, { outcome: "open" });
    tally = withForecast(tally, 0.9, { outcome: "hit", breachedOn: "2026-06-10", leadDays: 9 }, true);
    tally = withForecast(tally, 0.3, { outcome: "false" }, false);
    tally = withForecast(tally, 0.3, { outcome: "changed" }, true);
    const { brier, ...score } = scoreOf(tally);
    assert.ok(Math.abs(brier! - (0.1 ** 2 + 0.3 ** 2) / 2) < 1e-12);
    assert.deepEqual(score, {
      warnings: 4,
      hits: 2,
      falseWarnings: 1,
      unjudged: 1,
      medianLeadDays: 10.5,
      forecasts: 2,
      intervalsHeld: 0.5,
    });
    assert.equal(
      scoreText(scoreOf(tally)),
      "2 of 3 judged warnings about it came true, 10.5 days ahead in the median (1 could not be judged); Brier score 0.05 over 2 forecasts.",
    );
  });
});
