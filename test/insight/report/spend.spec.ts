import assert from "node:assert/strict";
import { periodUntil } from "../../../insight/report/period";
import { billDays, spendOf } from "../../../insight/report/spend";
import { type Bill, billLine } from "../../../pricing/actual/bill";

const line = (usageType: string, usd: number, estimated = false) =>
  billLine({
    ...{ day: "2026-11-29", environment: "prod", service: "Amazon SageMaker", usageType },
    ...{ usd, quantity: 1, unit: "Hrs", estimated },
  });
const bill = (change: Partial<Bill> = {}): Bill => ({
  ...{ project: "peregrine", from: "2026-11-23", to: "2026-12-01", currency: "USD" },
  lines: [line("EUC1-Train:ml.g5.xlarge", 3), line("EUC1-Host:ml.g5.xlarge", 9, true)],
  account: { usd: 20, taggedUsd: 12 },
  inactiveTags: [],
  ...change,
});

describe("what a report says was paid", () => {
  it("is of the whole days that hold the period", () => {
    assert.deepEqual(billDays(periodUntil("week", new Date("2026-11-30T12:00:00Z"))), {
      from: "2026-11-23",
      to: "2026-12-01",
    });
  });

  it("is the sum of the tagged lines, told apart by what it was spent on, and may still change", () => {
    const read = spendOf(bill(), { what: "Cost Explorer" });
    assert.deepEqual("value" in read && read.value, {
      usd: 12,
      estimated: true,
      parts: [
        { part: "serving", usd: 9 },
        { part: "training", usd: 3 },
      ],
    });
  });

  it("is not known where tags are not activated, or nothing is on the bill yet", () => {
    const evidence = { what: "Cost Explorer" };
    const untagged = spendOf(bill({ inactiveTags: ["environment"] }), evidence);
    assert.match("unread" in untagged ? untagged.unread : "", /environment are not activated.*cost tags --activate/);
    const empty = spendOf(bill({ lines: [], account: { usd: 0, taggedUsd: 0 } }), evidence);
    assert.match("unread" in empty ? empty.unread : "", /nothing has come to the bill/);
  });
});
