import assert from "node:assert/strict";
import { Site } from "../../insight/dashboard/site";
import type { PlatformFacts } from "../../insight/read-model/facts";
import { type Bill, billLine } from "../../pricing/actual/bill";
import { platform } from "./platform";

const line = (environment: string, usageType: string, usd: number) =>
  billLine({
    ...{ day: "2026-11-29", environment, service: "Amazon SageMaker", usageType, usd },
    ...{ quantity: 1, unit: "Hrs", estimated: true },
  });
const bill: Bill = {
  ...{ project: "peregrine", from: "2026-11-01", to: "2026-12-01", currency: "USD", inactiveTags: [] },
  lines: [line("prod", "EUC1-Host:ml.g5.xlarge", 84.48), line("dev", "EUC1-Train:ml.g5.2xlarge", 12)],
  account: { usd: 120, taggedUsd: 96.48 },
};

async function costPage(more: Partial<PlatformFacts>): Promise<{ html: string; paid: string | undefined }> {
  const site = new Site({ ...platform(), ...more }, false);
  return {
    html: (await site.file("cost.html"))!.body,
    paid: (await site.file("data/cost.paid.json"))?.body,
  };
}

describe("the bill on the dashboard", () => {
  it("stands beside the plan, by environment and what it was spent on, with where it was read", async () => {
    const { html, paid } = await costPage({ bill: { value: bill, evidence: { what: "Cost Explorer of November" } } });
    assert.match(html, /\$96\.48 from 2026-11-01 until before 2026-12-01/);
    assert.match(html, /the bill may still change/);
    assert.match(html, /Cost Explorer of November/);
    const rows = JSON.parse(paid!) as Record<string, string | number>[];
    const serving = rows.find((row) => row["environment"] === "prod" && row["spent_on"] === "serving")!;
    assert.equal(serving["billed_usd"], 84.48);
    assert.equal(typeof serving["planned_usd"], "number");
    assert.equal(Number(serving["difference_usd"]).toFixed(2), (84.48 - Number(serving["planned_usd"])).toFixed(2));
  });

  it("is not known where it could not be read, and says how to ask where nobody asked", async () => {
    const denied = await costPage({ bill: { unread: "your role may not" } });
    assert.match(denied.html, /It is not known: your role may not/);
    assert.equal(denied.paid, undefined);
    assert.match((await costPage({})).html, /npx peregrine dashboard --billed/);
  });
});
