import assert from "node:assert/strict";
import { parseSchedule } from "../../../../local/services/events/schedules";

const at = (text: string): number => Date.parse(text);

/** Expression, after, next. */
const table: readonly [expression: string, after: string, next: string | undefined][] = [
  ["rate(5 minutes)", "2026-11-24T00:00:00Z", "2026-11-24T00:05:00.000Z"],
  ["rate(1 hour)", "2026-11-24T02:30:00Z", "2026-11-24T03:00:00.000Z"],
  ["cron(0 8 ? * MON-FRI *)", "2026-11-27T09:00:00Z", "2026-11-30T08:00:00.000Z"],
  ["cron(0/15 * * * ? *)", "2026-11-24T10:16:00Z", "2026-11-24T10:30:00.000Z"],
  ["cron(0 12 1 * ? *)", "2026-12-02T00:00:00Z", "2027-01-01T12:00:00.000Z"],
  ["cron(30 4 L * ? *)", "2027-02-01T00:00:00Z", "2027-02-28T04:30:00.000Z"],
  ["cron(0 0 ? * 2#1 *)", "2026-11-24T00:00:00Z", "2026-12-07T00:00:00.000Z"],
  ["cron(0 10 ? * 6L *)", "2026-11-24T00:00:00Z", "2026-11-27T10:00:00.000Z"],
  ["cron(0 9 15W * ? *)", "2026-11-01T00:00:00Z", "2026-11-16T09:00:00.000Z"],
  ["cron(0 9 ? JAN,JUL SUN 2027)", "2026-11-24T00:00:00Z", "2027-01-03T09:00:00.000Z"],
  ["cron(0 9 1 1 ? 2020)", "2026-11-24T00:00:00Z", undefined],
];

describe("schedules", () => {
  for (const [expression, after, next] of table) {
    it(`${expression} after ${after} fires ${next ?? "never"}`, () => {
      const found = parseSchedule(expression, at("2026-11-24T00:00:00Z"))(at(after));
      assert.equal(found === undefined ? undefined : new Date(found).toISOString(), next);
    });
  }

  for (const expression of [
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(0 minutes)",
    "cron(0 8 * * * *)",
    "cron(61 8 ? * MON *)",
    "every day",
  ]) {
    it(`refuse ${expression}`, () =>
      assert.throws(() => parseSchedule(expression, 0), /ScheduleExpression is not valid/));
  }
});
