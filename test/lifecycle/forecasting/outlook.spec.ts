import assert from "node:assert/strict";
import { parseDay } from "../../../lifecycle/forecasting/calendar";
import { monthlyOutlook } from "../../../lifecycle/forecasting/monthly";
import { type Outlook, outlookOf } from "../../../lifecycle/forecasting/outlook";
import { isoDay } from "../../../lifecycle/forecasting/calendar";
import { firstDay, limit, type StreamOptions, streamOf } from "../../../scripts/bench/forecasts/streams";

const at = (options: Partial<StreamOptions>, day: number, changes: readonly number[] = []): Outlook => {
  const { values } = streamOf({ seed: 11, days: day + 1, headroom: 7, phi: 0.4, ...options });
  const found = outlookOf({ values, limit, today: firstDay + day, horizonDays: 28, changes });
  assert.ok(!("unknown" in found), JSON.stringify(found));
  return found;
};

describe("an outlook", () => {
  it("of a steady series is calm, and its interval holds what is to come", () => {
    const found = at({}, 119);
    assert.ok(Math.abs(found.level - 0.62) < 0.006, `${found.level}`);
    assert.ok(found.willBreach < 0.3 && found.breached < 0.01 && found.atRisk < 0.01);
    const [low, high] = found.interval;
    assert.ok(low > 0.55 && low < 0.61 && high > 0.63 && high < 0.7, `${low} to ${high}`);
  });

  it("of a declining one says when the limit is passed, with an interval", () => {
    // Seven deviations at a tenth a day: 70 days from day 60 on.
    const { crossing, willBreach, level } = at({ slope: 0.001, from: 60 }, 115);
    assert.ok(willBreach > 0.9, `${willBreach}`);
    assert.ok(Math.abs(level - 0.565) < 0.008, `${level}`);
    const [early, median, late] = crossing;
    assert.ok(early! < median! && median! < late! && early! <= 15 && late! >= 15, crossing.join());
  });

  it("finds autocorrelation, and missing days do not hide a decline", () => {
    const correlated = at({ phi: 0.75, days: 180 }, 179).autocorrelation;
    assert.ok(correlated > 0.5, `${correlated}`);
    assert.ok(at({ phi: 0, days: 180 }, 179).autocorrelation < 0.25);
    const [whole, gaps] = [at({ slope: 0.001, from: 60 }, 118), at({ slope: 0.001, from: 60, missing: 0.3 }, 118)];
    assert.ok(gaps.points < 95);
    // Either is a warning: what is known with fewer days is known less surely.
    assert.ok(whole.willBreach > 0.8 && gaps.willBreach > 0.8, `${whole.willBreach}, ${gaps.willBreach}`);
  });

  it("takes a step for a step, and sees a known one at once", () => {
    const fallen = { step: { day: 100, size: 3 }, phi: 0 } as const;
    assert.ok(at(fallen, 118).willBreach < 0.8);
    const known = at(fallen, 104, [firstDay + 99]);
    assert.ok(known.willBreach < at(fallen, 104).willBreach);
  });

  it("knows nothing of too little, of nothing, and of what has ended", () => {
    const { values } = streamOf({ seed: 1, days: 60, headroom: 7, phi: 0 });
    const why = (some: typeof values, day: number) => {
      const found = outlookOf({ values: some, limit, today: firstDay + day, horizonDays: 28 });
      return "unknown" in found ? found.unknown : "known";
    };
    assert.equal(why([], 59), "there are no values");
    assert.equal(why(values.slice(0, 20), 19), "there are 20 values; 21 are needed");
    assert.equal(why(values, 63), "the last value is 4 days old");
    assert.equal(why(values, 62), "known");
  });

  it("of a constant series is sure of it", () => {
    const values = Array.from({ length: 40 }, (_, index) => ({ day: isoDay(firstDay + index), value: 0.6 }));
    const found = outlookOf({ values, limit, today: firstDay + 39, horizonDays: 28 }) as Outlook;
    assert.ok(found.willBreach < 0.05 && Number.isFinite(found.interval[0]) && Number.isFinite(found.level));
  });
});

describe("the outlook of a month's spend", () => {
  const today = parseDay("2026-11-15")!;
  /** Spend by the day, as totals since the first of the month. */
  const totals = (usdADay: (day: number) => number) => {
    let total = 0;
    return Array.from({ length: 75 }, (_, index) => {
      const day = today - 74 + index;
      if (isoDay(day).endsWith("-01")) total = 0;
      total += usdADay(day);
      return { day: isoDay(day), value: total };
    });
  };
  const noisy = (base: number) => (day: number) => base + ((day * 7919) % 11) / 10;

  it("adds up what the days will bring until the month ends", () => {
    const found = monthlyOutlook(totals(noisy(10)), 500, today) as Outlook;
    assert.equal(found.horizonDays, 15);
    assert.ok(found.willBreach < 0.05, `${found.willBreach}`);
    const [low, high] = found.interval;
    assert.ok(low < 315 && high > 315 && high - low < 60, `${low} to ${high}`);
  });

  it("says on which day the budget is spent", () => {
    const found = monthlyOutlook(totals(noisy(10)), 250, today) as Outlook;
    assert.ok(found.willBreach > 0.99);
    // 157 USD by the 15th, 10.5 a day.
    assert.ok(Math.abs(found.crossing[1]! - 9) <= 1, found.crossing.join());
    assert.equal((monthlyOutlook(totals(noisy(10)), 100, today) as Outlook).breached, 1);
  });

  it("does not know a month of which nothing came", () => {
    const found = monthlyOutlook(
      totals(noisy(10)).filter(({ day }) => day < "2026-11-01"),
      250,
      today,
    );
    assert.ok("unknown" in found && found.unknown === "nothing is known of this month");
  });
});
