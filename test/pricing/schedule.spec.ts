import assert from "node:assert/strict";
import { runsPerMonth } from "../../pricing/schedule";

const month = 730;
const daysAMonth = 365 / 12;

describe("how often a schedule fires in a month", () => {
  const cases: readonly (readonly [expression: string, runs: number])[] = [
    ["rate(1 hour)", 730],
    ["rate(5 minutes)", 730 * 12],
    ["rate(7 days)", daysAMonth / 7],
    ["cron(0 * ? * * *)", 730],
    ["cron(0 3 * * ? *)", daysAMonth],
    // SageMaker's own form: every six hours.
    ["cron(0 [00-23]/6 ? * * *)", 4 * daysAMonth],
    ["cron(0/15 9-17 ? * MON-FRI *)", (4 * 9 * daysAMonth * 5) / 7],
    ["cron(0 6 ? * SUN *)", daysAMonth / 7],
    ["cron(0 0 1 * ? *)", 1],
    ["cron(30 20 1,15 * ? *)", 2],
    ["cron(0 0 1 1 ? *)", 1 / 12],
    ["at(2026-12-01T00:00:00)", 1],
  ];
  for (const [expression, runs] of cases)
    it(`${expression}: ${runs.toFixed(2)}`, () => {
      // Months of 30.42 days, of which 31 have a given date: within 3 %.
      assert(Math.abs(runsPerMonth(expression, month) - runs) <= 0.03 * runs, String(runsPerMonth(expression, month)));
    });

  it("is not guessed for what cannot be read", () => {
    assert.throws(() => runsPerMonth("every now and then", month), /schedule every now and then cannot be read/);
    assert.throws(() => runsPerMonth("cron(x * * * ? *)", month), /schedule field x cannot be read/);
  });
});
