import assert from "node:assert/strict";
import fc from "fast-check";
import { retrainingTriggers } from "../../../contract/monitoring";
import { decideRetraining, type RetrainingPolicy } from "../../../lifecycle/retraining/decision";
import { worthOf } from "../../../lifecycle/retraining/need";

const hourMs = 3_600_000;
const start = Date.UTC(2026, 9, 1);

/** A proposal some hours after the one before, and what its training costs, as a share of the most that it can. */
const step = fc.record({
  hours: fc.integer({ min: 0, max: 200 }),
  trigger: fc.constantFrom(...retrainingTriggers),
  shortfall: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  fresh: fc.nat(200),
});
const run = fc.record({
  monthlyUsd: fc.integer({ min: 0, max: 300 }),
  atMostUsd: fc.integer({ min: 1, max: 100 }),
  cooldownHours: fc.integer({ min: 0, max: 48 }),
  steps: fc.array(step, { minLength: 5, maxLength: 60, size: "max" }),
});

describe("the month's money", () => {
  it("is never passed in 10,000 random runs, whatever is proposed and whatever the trainings cost in the end", function () {
    this.timeout(60_000);
    let started = 0;
    fc.assert(
      fc.property(run, ({ monthlyUsd, atMostUsd, cooldownHours, steps }) => {
        const policy: RetrainingPolicy = {
          cooldownHours,
          minLabels: 50,
          minGrowth: 0.25,
          monthlyUsd,
          maxFailures: 3,
          worth: worthOf(10),
        };
        const spent = new Map<string, number>();
        let ms = start;
        let lastStart: string | undefined;
        for (const { hours, trigger, shortfall, share, fresh } of steps) {
          ms += hours * hourMs;
          const at = new Date(ms).toISOString();
          const month = at.slice(0, 7);
          const { verdict } = decideRetraining(
            {
              at,
              proposal: { trigger, key: "k", reason: "r", shortfall, classes: [], slices: [] },
              earlier: [],
              labels: { fresh: { tree: fresh }, total: 1000 },
              lastStart,
              running: [],
              experiments: [],
              money: { spentUsd: spent.get(month) ?? 0, expectedUsd: atMostUsd / 3, atMostUsd },
              failures: 0,
            },
            policy,
          );
          if (verdict !== "retrain") continue;
          started += 1;
          lastStart = at;
          spent.set(month, (spent.get(month) ?? 0) + share * atMostUsd);
        }
        for (const [month, usd] of spent) assert.ok(usd <= monthlyUsd, `${month}: ${usd} of ${monthlyUsd}`);
      }),
      { numRuns: 10_000, seed: 20261129 },
    );
    assert.ok(started > 10_000, `only ${started} trainings were started at all`);
  });
});
