import assert from "node:assert/strict";
import { firstDay, streamOf } from "../../../scripts/bench/forecasts/streams";
import { isoDay, parseDay } from "../../../lifecycle/forecasting/calendar";
import { cleanSeries } from "../../../lifecycle/forecasting/daily";

describe("daily values", () => {
  const today = parseDay("2026-11-29")!;

  it("are put in order and counted where something is wrong with them, and nothing is thrown", () => {
    const { points, notes } = cleanSeries(
      [
        { day: "2026-11-28", value: 2 },
        { day: "2026-11-25", value: 1 },
        { day: "2026-11-28", value: 3 },
        { day: "2026-11-27", value: NaN },
        { day: "2026-11-26", value: Infinity },
        { day: "2026-02-30", value: 1 },
        { day: "yesterday", value: 1 },
        { day: "2026-11-30", value: 1 },
      ],
      today,
    );
    assert.deepEqual(
      points.map(({ day, value }) => [isoDay(day), value]),
      [
        ["2026-11-25", 1],
        ["2026-11-28", 3],
      ],
    );
    assert.deepEqual(notes, [
      "2 values have no readable day",
      "2 values are no numbers",
      "1 values are later than today",
      "1 days came more than once; the last value counts",
      "2 days between the first and the last have no value",
    ]);
  });

  it("lose days that stand out from those around them, and keep a change", () => {
    const { values } = streamOf({ seed: 1, days: 60, headroom: 7, phi: 0.3 });
    const last = firstDay + 59;
    const spoilt = values.map((one, index) => (index === 40 ? { ...one, value: 0.1 } : one));
    assert.equal(cleanSeries(spoilt, last).points.length, 59);
    const fallen = values.map((one, index) => (index >= 40 ? { ...one, value: one.value - 0.2 } : one));
    assert.equal(cleanSeries(fallen, last).points.length, 60);
  });

  it("have a season where the weekday says a lot, and none where it does not", () => {
    const last = firstDay + 119;
    const { values } = streamOf({ seed: 2, days: 120, headroom: 7, phi: 0.6, weekend: 3 });
    const { season } = cleanSeries(values, last);
    assert.ok(season);
    // Saturday and Sunday are 0.03 worse than the other days.
    assert.ok(
      Math.abs((season[5]! + season[6]!) / 2 - season.slice(0, 5).reduce((sum, one) => sum + one) / 5 + 0.03) < 0.008,
    );
    for (const seed of [3, 4, 5, 6, 7, 8]) {
      const plain = streamOf({ seed, days: 120, headroom: 7, phi: 0.6 });
      assert.equal(cleanSeries(plain.values, last).season, undefined);
    }
  });
});
