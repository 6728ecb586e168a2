import assert from "node:assert/strict";
import { dayAfter, daysOf, periodUntil, within } from "../../../insight/report/period";

describe("the period of a report", () => {
  it("is the seven days, or the month, that end at a time", () => {
    const until = new Date("2026-11-30T12:00:00Z");
    assert.equal(periodUntil("week", until).start, "2026-11-23T12:00:00.000Z");
    const month = periodUntil("month", until);
    assert.deepEqual([month.start, daysOf(month)], ["2026-10-30T12:00:00.000Z", 31]);
  });

  it("begins a month on its last day where it has no such day", () => {
    assert.equal(periodUntil("month", new Date("2027-03-31T06:00:00Z")).start, "2027-02-28T06:00:00.000Z");
    assert.equal(periodUntil("month", new Date("2027-01-31T06:00:00Z")).start, "2026-12-31T06:00:00.000Z");
  });

  it("holds what happened in it, both ends included", () => {
    const period = periodUntil("week", new Date("2026-11-30T12:00:00Z"));
    assert.deepEqual(
      [period.start, period.end, "2026-11-23T11:59:59.999Z", "2026-11-30T12:00:00.001Z"].map((at) =>
        within(at, period),
      ),
      [true, true, false, false],
    );
    assert.equal(dayAfter(period.end, 7), "2026-12-07");
  });
});
