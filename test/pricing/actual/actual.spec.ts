import assert from "node:assert/strict";
import fc from "fast-check";
import { type BillLine, billLine, byGroup, sharesBy, total } from "../../../pricing/actual/bill";
import { billedHours, planAgainstBill } from "../../../pricing/actual/compare";
import { focusColumns, focusRows } from "../../../pricing/actual/focus";
import { budgetVerdict, forecastMonth } from "../../../pricing/actual/forecast";
import { groupOfType, groupOfUsage, resourceGroups } from "../../../pricing/actual/groups";
import { per1000Images, perArm, perTraining } from "../../../pricing/actual/units";
import { pricers } from "../../../pricing/pricers";
import type { StackPrice } from "../../../pricing/stack";

const sagemaker = "Amazon SageMaker";
function line(changes: Partial<BillLine> = {}): BillLine {
  return billLine({
    ...{ day: "2026-11-10", environment: "prod", service: sagemaker, usageType: "EUC1-Host:ml.g5.xlarge" },
    ...{ usd: 17.6, quantity: 10, unit: "Hrs", estimated: true },
    ...changes,
  });
}
const job = (usd: number): BillLine => line({ usageType: "EUC1-Train:ml.g5.2xlarge", usd });
const key = (usd: number): BillLine =>
  line({ service: "AWS Key Management Service", usageType: "EUC1-KMS-Keys", usd, quantity: 0.1, unit: "Count" });

describe("groups of costs", () => {
  const usage = [
    [sagemaker, "EUC1-Host:ml.g5.xlarge", "serving"],
    [sagemaker, "USE1-ServerlessInf:Mem-2GB", "serving"],
    [sagemaker, "Train:ml.g5.xlarge", "training"],
    [sagemaker, "EUC1-Processing:ml.m5.xlarge", "training"],
    [sagemaker, "EUC1-Studio:JupyterLab-ml.t3.medium", "studio"],
    ["CodeBuild", "EUC1-Build-Min:Linux:g1.small", "builds"],
    ["AWS Lambda", "EUC1-Lambda-GB-Second", "functions"],
    ["AmazonCloudWatch", "EUC1-CW:AlarmMonitorUsage", "watching"],
    ["CloudWatch Events", "EUC1-Event-64K-Chunks", "messages"],
    ["Amazon Simple Queue Service", "EUC1-Requests-Tier1", "messages"],
    ["Amazon Simple Storage Service", "EUC1-TimedStorage-ByteHrs", "storage"],
    ["EC2 - Other", "EUC1-NatGateway-Hours", "network"],
    ["AWS Cost Explorer", "EUC1-APIRequest", "cost reports"],
    ["Amazon Quantum Toaster", "EUC1-Toast", "other"],
  ] as const;
  for (const [service, usageType, group] of usage)
    it(`has ${usageType} of ${service} under ${group}`, () => assert.equal(groupOfUsage(service, usageType), group));

  it("has a place for every type that a plan prices", () => {
    const nowhere = Object.keys(pricers).filter((type) => groupOfType(type) === "other");
    assert.deepEqual(nowhere.sort(), ["aws:budgets/budgetAction:BudgetAction", "aws:ssm/parameter:Parameter"]);
  });

  it("hold a bill whole, however it is told apart", () => {
    const lines = fc.array(
      fc.record({
        service: fc.constantFrom(...usage.map(([service]) => service)),
        usageType: fc.constantFrom(...usage.map(([, usageType]) => usageType)),
        usd: fc.double({ min: 0, max: 1000, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(lines, (some) => {
        const all = some.map((one) => line(one));
        const sums = [sharesBy(all, ({ service }) => service), sharesBy(all, ({ day }) => day)].map((shares) =>
          total(shares),
        );
        const groups = [...byGroup(all).values()].reduce((sum, usd) => sum + usd, 0);
        for (const sum of [...sums, groups]) assert.ok(Math.abs(sum - total(all)) < 1e-6);
      }),
    );
  });
});

describe("a plan against the bill", () => {
  const plan = {
    resources: [
      { type: "aws:sagemaker/endpoint:Endpoint", monthlyUsd: 730 },
      { type: "aws:kms/key:Key", monthlyUsd: 73 },
      { type: "aws:iam/role:Role", monthlyUsd: 0 },
    ],
  } as unknown as StackPrice;

  it("compares each group for the hours of the bill", () => {
    const compared = planAgainstBill("prod", plan, [line({ usd: 50 }), job(3)], 24);
    assert.deepEqual(
      compared.groups.map(({ group, plannedUsd, billedUsd }) => [group, plannedUsd, billedUsd]),
      [
        ["serving", 24, 50],
        ["training", 0, 3],
        ["keys", (73 * 24) / 730, 0],
      ],
    );
    assert.equal(compared.groups[0]!.differenceUsd, 26);
    assert.ok(Math.abs(compared.billedUsd - 53) < 1e-9);
  });

  it("is about the hours since the first day on the bill, until now or the bill's end", () => {
    const lines = [line({ day: "2026-11-11" }), line({ day: "2026-11-10" })];
    assert.equal(billedHours(lines, "2026-12-01", "2026-11-11T06:00:00Z"), 30);
    assert.equal(billedHours(lines, "2026-11-11", "2026-11-20T06:00:00Z"), 24);
    assert.equal(billedHours([], "2026-11-11", "2026-11-20T06:00:00Z"), 0);
  });
});

describe("the cost of one of many", () => {
  it("shares what was paid for serving by the images, and says what is missing where it cannot", () => {
    const cost = per1000Images([line({ usd: 20 }), job(100)], 4000);
    assert.ok("usd" in cost && cost.usd === 5);
    assert.deepEqual(per1000Images([line()], undefined), { unknown: "how many images were answered was not measured" });
    assert.deepEqual(per1000Images([line()], 0), { unknown: "no image was answered" });
    assert.deepEqual(per1000Images([job(1)], 10), { unknown: "nothing is on the bill for serving yet" });
  });

  it("shares what was paid for jobs as the price table weighs them: discounts come to each", () => {
    const jobs = [
      { name: "one", kind: "training", listUsd: 6 },
      { name: "two", kind: "training", listUsd: 3 },
      { name: "drift", kind: "processing", listUsd: 1 },
    ] as const;
    const costs = perTraining([job(5), line()], jobs);
    assert.deepEqual(
      costs.map(({ name, cost }) => [name, "usd" in cost && cost.usd]),
      [
        ["one", 3],
        ["two", 1.5],
      ],
    );
  });

  it("never makes a number of a price that nobody knows", () => {
    const jobs = [
      { name: "one", kind: "training", listUsd: 6 },
      { name: "strange", kind: "processing", listUsd: undefined },
    ] as const;
    assert.deepEqual(perTraining([job(5)], jobs)[0]!.cost, { unknown: "strange ran on instances without a price" });
    assert.deepEqual(perTraining([], jobs.slice(0, 1))[0]!.cost, { unknown: "nothing is on the bill for jobs yet" });
  });

  it("gives each arm of an experiment its instance-hours at the billed rate", () => {
    const [champion, challenger] = perArm(
      [line({ usd: 20, quantity: 10 })],
      [
        { arm: "champion", instanceHours: 6, requests: 3000 },
        { arm: "challenger", instanceHours: 2, requests: 0 },
      ],
    );
    assert.ok("usd" in champion!.cost && champion!.cost.usd === 12);
    assert.ok("usd" in champion!.per1000 && champion!.per1000.usd === 4);
    assert.ok("usd" in challenger!.cost && challenger!.cost.usd === 4);
    assert.deepEqual(challenger!.per1000, { unknown: "it answered no request" });
    assert.ok("unknown" in perArm([], [{ arm: "champion", instanceHours: 1, requests: 1 }])[0]!.cost);
  });
});

describe("the end of the month", () => {
  const now = "2026-11-11T12:00:00Z";
  const days = [
    line({ day: "2026-11-08", usd: 2 }),
    line({ day: "2026-11-09", usd: 10 }),
    line({ day: "2026-11-10", usd: 20 }),
    line({ day: "2026-11-11", usd: 5 }),
  ];

  it("goes by the last whole days; the first day on the bill and today count for what they are alone", () => {
    const forecast = forecastMonth(days, now, 300, 400);
    assert.equal(forecast.spentUsd, 37);
    assert.equal(forecast.daysLeft, 19.5);
    assert.deepEqual(forecast.byDays, { usd: 37 + 15 * 19.5, range: [37 + 10 * 19.5, 37 + 20 * 19.5], days: 2 });
    assert.equal(forecast.byPlanUsd, 37 + 10 * 19.5);
  });

  it("is at risk where one way to look at it ends above the budget, over where that is spent", () => {
    const verdict = (budget: number | undefined, plan?: number) =>
      budgetVerdict(forecastMonth(days, now, plan, budget)).verdict;
    assert.deepEqual([verdict(1000, 300), verdict(400, 300), verdict(30, 300)], ["within", "at risk", "over"]);
    assert.equal(verdict(500, 3000), "at risk");
    assert.equal(verdict(undefined, 300), "unknown");
  });

  it("is unknown without a whole day and without a price", () => {
    const forecast = forecastMonth([line({ day: "2026-11-11" })], now, undefined, 100);
    assert.equal(forecast.byDays, undefined);
    assert.equal(budgetVerdict(forecast).verdict, "unknown");
  });

  it("counts the months of a year's end right", () => {
    const december = forecastMonth([line({ day: "2026-12-30", usd: 1 })], "2026-12-31T12:00:00Z", undefined, undefined);
    assert.deepEqual([december.month, december.daysLeft], ["2026-12", 0.5]);
  });
});

describe("a bill in FOCUS's columns", () => {
  const rows = focusRows([line(), key(0.0000001)], {
    accountId: "111122223333",
    region: "eu-central-1",
    project: "peregrine",
  });

  it("fills each of them, and names the project", () => {
    for (const row of rows) assert.deepEqual(Object.keys(row).sort(), [...focusColumns].sort());
    assert.deepEqual(JSON.parse(rows[0]!.Tags), { project: "peregrine", environment: "prod" });
    assert.deepEqual([rows[0]!.ServiceCategory, rows[1]!.ServiceCategory], ["AI and Machine Learning", "Security"]);
  });

  it("has periods whose end is not part of them, and amounts without exponents", () => {
    const [first, second] = rows as [(typeof rows)[number], (typeof rows)[number]];
    assert.deepEqual(
      [first.ChargePeriodStart, first.ChargePeriodEnd],
      ["2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z"],
    );
    assert.deepEqual(
      [first.BillingPeriodStart, first.BillingPeriodEnd],
      ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"],
    );
    assert.deepEqual([first.BilledCost, second.BilledCost], ["17.6", "0.0000001"]);
    const [december] = focusRows([line({ day: "2026-12-31" })], { accountId: "1", region: "r", project: "p" });
    assert.equal(december!.BillingPeriodEnd, "2027-01-01T00:00:00Z");
  });

  it("has a category of FOCUS for each group", () => {
    const lines = resourceGroups.map((group) => ({ ...line(), group }));
    assert.ok(
      focusRows(lines, { accountId: "1", region: "r", project: "p" }).every(({ ServiceCategory }) => ServiceCategory),
    );
  });
});
