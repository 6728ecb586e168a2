import assert from "node:assert/strict";
import type { Cloud } from "../../../../local/cloud";
import type { Members } from "../../../../local/members";
import { buildMinutes, functionCalls, hosting, training } from "../../../../local/metering/items";
import { createCostExplorer } from "../../../../local/services/ce";
import { fakeService, permissiveCloud, send } from "../permissive-cloud";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const prices = {
  "sagemaker.hosting.ml.g5.xlarge": 1.76,
  "sagemaker.training.ml.g5.xlarge": 1.76,
  "codebuild.BUILD_GENERAL1_SMALL": 0.005,
  "cost-explorer.request": 0.01,
};
const endpoint = "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/peregrine-prod-detector";
const job = "arn:aws:sagemaker:eu-central-1:111122223333:training-job/peregrine-dev-run-1";
const untagged = "arn:aws:codebuild:eu-central-1:111122223333:project/somebody";

const tags: Readonly<Record<string, Record<string, string>>> = {
  [endpoint]: { project: "peregrine", environment: "prod" },
  [job]: { project: "peregrine", environment: "dev" },
  [untagged]: {},
};

/** A cloud whose Cost Explorer knows these prices, and the midnight before now. */
function costCloud(lags: { costMs?: number } = {}): { cloud: Cloud; today: number } {
  const { cloud } = permissiveCloud({ lags });
  cloud.register({ id: "tagged", operations: {}, tagsOf: (arn) => tags[arn] });
  cloud.register(createCostExplorer(cloud, prices));
  return { cloud, today: Math.floor(cloud.clock.nowMs() / DAY) * DAY };
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** Two hours of two instances and one of a training, yesterday, and a build that nobody tagged. */
function used(cloud: Cloud, today: number): void {
  const at = today - DAY + HOUR;
  cloud.meter.span(endpoint, hosting("ml.g5.xlarge"), 2, at, at + 2 * HOUR);
  cloud.meter.span(job, training("ml.g5.xlarge"), 1, at, at + HOUR);
  cloud.meter.span(untagged, buildMinutes("BUILD_GENERAL1_SMALL"), 10, at, at + HOUR);
}

function costs(cloud: Cloud, today: number, more: Members = {}): Promise<Members> {
  return send(cloud, "ce", "GetCostAndUsage", {
    TimePeriod: { Start: day(today - DAY), End: day(today) },
    Granularity: "DAILY",
    Metrics: ["UnblendedCost", "UsageQuantity"],
    ...more,
  });
}

async function activate(cloud: Cloud, ...keys: string[]): Promise<void> {
  const { Errors } = await send(cloud, "ce", "UpdateCostAllocationTagsStatus", {
    CostAllocationTagsStatus: keys.map((TagKey) => ({ TagKey, Status: "Active" })),
  });
  assert.deepEqual(Errors, []);
}

describe("Cost Explorer of the local cloud", () => {
  it("bills usage times price", async () => {
    const { cloud, today } = costCloud();
    used(cloud, today);
    const [result] = (await costs(cloud, today)).ResultsByTime;
    assert.equal(Number(result.Total.UnblendedCost.Amount), 4 * 1.76 + 1.76 + 10 * 0.005);
    assert.equal(result.Total.UsageQuantity.Unit, "N/A", "hours and minutes make no sum");
  });

  it("groups by dimensions, each with its unit", async () => {
    const { cloud, today } = costCloud();
    used(cloud, today);
    const GroupBy = ["SERVICE", "USAGE_TYPE"].map((Key) => ({ Type: "DIMENSION", Key }));
    const [result] = (await costs(cloud, today, { GroupBy })).ResultsByTime;
    assert.deepEqual(result.Total, {});
    assert.deepEqual(
      result.Groups.map(({ Keys, Metrics }: Members) => [
        ...Keys,
        Number(Metrics.UsageQuantity.Amount),
        Metrics.UsageQuantity.Unit,
      ]),
      [
        ["Amazon SageMaker", "EUC1-Host:ml.g5.xlarge", 4, "Hrs"],
        ["Amazon SageMaker", "EUC1-Train:ml.g5.xlarge", 1, "Hrs"],
        ["CodeBuild", "EUC1-Build-Min:Linux:g1.small", 10, "Minutes"],
      ],
    );
  });

  it("tells tags apart only once they are activated, and only for what was used since", async () => {
    const { cloud, today } = costCloud();
    used(cloud, today);
    const byTag = { GroupBy: [{ Type: "TAG", Key: "environment" }] };
    const groups = async (from: number, to: number) =>
      (
        await send(cloud, "ce", "GetCostAndUsage", {
          TimePeriod: { Start: day(from), End: day(to) },
          Granularity: "DAILY",
          Metrics: ["UnblendedCost"],
          ...byTag,
        })
      ).ResultsByTime[0].Groups.map(({ Keys }: Members) => Keys[0]);
    assert.deepEqual(await groups(today - DAY, today), ["environment$"]);
    await activate(cloud, "environment");
    assert.deepEqual(await groups(today - DAY, today), ["environment$"], "what was used before stays as it was");
    cloud.meter.count(endpoint, hosting("ml.g5.xlarge"), 1);
    assert.ok((await groups(today, today + DAY)).includes("environment$prod"));
  });

  it("refuses to activate a tag that it has not seen", async () => {
    const { cloud, today } = costCloud();
    used(cloud, today);
    const { Errors } = await send(cloud, "ce", "UpdateCostAllocationTagsStatus", {
      CostAllocationTagsStatus: [{ TagKey: "planet", Status: "Active" }],
    });
    assert.equal(Errors[0].Code, "TagKeysNotFoundException");
    const { CostAllocationTags } = await send(cloud, "ce", "ListCostAllocationTags", {});
    assert.deepEqual(
      CostAllocationTags.map(({ TagKey, Status }: Members) => [TagKey, Status]),
      [
        ["environment", "Inactive"],
        ["project", "Inactive"],
      ],
    );
  });

  it("filters by tags and dimensions, also by what is not there", async () => {
    const { cloud, today } = costCloud();
    await send(cloud, "ce", "ListCostAllocationTags", {});
    used(cloud, today);
    await activate(cloud, "project", "environment");
    cloud.meter.count(endpoint, hosting("ml.g5.xlarge"), 3);
    cloud.meter.count(untagged, buildMinutes("BUILD_GENERAL1_SMALL"), 2);
    const usd = async (Filter: Members) =>
      Number(
        (
          await send(cloud, "ce", "GetCostAndUsage", {
            TimePeriod: { Start: day(today), End: day(today + DAY) },
            Granularity: "DAILY",
            Metrics: ["UnblendedCost"],
            Filter: {
              And: [Filter, { Not: { Dimensions: { Key: "SERVICE", Values: ["AWS Cost Explorer"] } } }],
            },
          })
        ).ResultsByTime[0].Total.UnblendedCost.Amount,
      );
    const tag = (Key: string, ...Values: string[]) => ({ Tags: { Key, Values } });
    assert.equal(await usd({ And: [tag("project", "peregrine"), tag("environment", "prod")] }), 3 * 1.76);
    assert.equal(await usd(tag("environment", "dev")), 0);
    assert.equal(await usd({ Tags: { Key: "project", MatchOptions: ["ABSENT"] } }), 2 * 0.005);
    assert.equal(await usd({ Or: [tag("environment", "dev"), tag("environment", "prod")] }), 3 * 1.76);
  });

  it("bills each of its own answers", async () => {
    const { cloud, today } = costCloud();
    for (let time = 0; time < 3; time++) await costs(cloud, today);
    const { ResultsByTime } = await send(cloud, "ce", "GetCostAndUsage", {
      TimePeriod: { Start: day(today), End: day(today + DAY) },
      Granularity: "DAILY",
      Metrics: ["UnblendedCost"],
    });
    assert.ok(Math.abs(Number(ResultsByTime[0].Total.UnblendedCost.Amount) - 0.03) < 1e-12);
  });

  it("says nothing of what was used within the last hours where the bill is late", async () => {
    const { cloud, today } = costCloud({ costMs: 24 * HOUR });
    cloud.meter.count(endpoint, hosting("ml.g5.xlarge"), 1);
    cloud.meter.span(job, training("ml.g5.xlarge"), 1, today - 2 * DAY, today - 2 * DAY + HOUR);
    const { ResultsByTime } = await costs(cloud, today, {
      TimePeriod: { Start: day(today - 2 * DAY), End: day(today + DAY) },
    });
    assert.deepEqual(
      ResultsByTime.map(({ Total }: Members) => Number(Total.UnblendedCost.Amount)),
      [1.76, 0, 0],
    );
  });

  it("calls what may still change estimated, and old months final", async () => {
    const { cloud, today } = costCloud();
    const long = await costs(cloud, today, {
      TimePeriod: { Start: day(today - 80 * DAY), End: day(today + DAY) },
      Granularity: "MONTHLY",
    });
    const estimated = long.ResultsByTime.map(({ Estimated }: Members) => Estimated);
    assert.equal(estimated[0], false);
    assert.equal(estimated.at(-1), true);
  });

  it("answers pages", async () => {
    const { cloud, today } = costCloud();
    for (let index = 0; index < 1100; index++)
      cloud.meter.span(
        job,
        { ...functionCalls, usageType: `Request-${String(index).padStart(4, "0")}`, price: "cost-explorer.request" },
        1,
        today - DAY,
        today - DAY + HOUR,
      );
    const GroupBy = [{ Type: "DIMENSION", Key: "USAGE_TYPE" }];
    const seen: string[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const answer: Members = await costs(cloud, today, { GroupBy, ...(token ? { NextPageToken: token } : {}) });
      for (const { Groups } of answer.ResultsByTime) seen.push(...Groups.map(({ Keys }: Members) => Keys[0]));
      token = answer.NextPageToken;
      pages += 1;
    } while (token);
    assert.deepEqual([pages, seen.length, new Set(seen).size], [3, 1100, 1100]);
  });

  it("gives no sum where something that was used has no price", async () => {
    const { cloud, today } = costCloud();
    cloud.meter.count(endpoint, hosting("ml.p9.huge"), 1);
    await assert.rejects(costs(cloud, today), {
      name: "DataUnavailableException",
      message: /sagemaker.hosting.ml.p9.huge/,
    });
  });

  const wrong: [string, Members, RegExp][] = [
    ["a period that is empty", { TimePeriod: { Start: "2026-01-02", End: "2026-01-02" } }, /should be before end date/],
    ["the future", { TimePeriod: { Start: "2999-01-01", End: "2999-01-02" } }, /after the current date/],
    ["what is older than 14 months", { TimePeriod: { Start: "2001-01-01", End: "2001-01-02" } }, /beyond 14 months/],
    ["hours", { Granularity: "HOURLY" }, /Hourly granularity is not enabled/],
    ["three groups", { GroupBy: ["A", "B", "C"].map((Key) => ({ Type: "TAG", Key })) }, /at most 2/],
    ["an unknown metric", { Metrics: ["Happiness"] }, /Invalid metric: Happiness/],
    ["groups by resource", { GroupBy: [{ Type: "DIMENSION", Key: "RESOURCE_ID" }] }, /RESOURCE_ID is not supported/],
    ["an And of one", { Filter: { And: [{ Tags: { Key: "a", Values: ["b"] } }] } }, /at least two members/],
    [
      "a filter by the beginning of a name",
      { Filter: { Dimensions: { Key: "SERVICE", Values: ["A"], MatchOptions: ["STARTS_WITH"] } } },
      /STARTS_WITH is not supported/,
    ],
    ["a filter by what usage has not", { Filter: { Dimensions: { Key: "PLATFORM", Values: ["a"] } } }, /PLATFORM/],
  ];
  for (const [what, more, message] of wrong)
    it(`refuses ${what}`, async () => {
      const { cloud, today } = costCloud();
      await assert.rejects(costs(cloud, today, more), { name: "ValidationException", message });
    });

  it("refuses an end after the beginning of next month", async () => {
    const { cloud, today } = costCloud();
    const now = new Date(cloud.clock.nowMs());
    const TimePeriod = { Start: day(today), End: day(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 2)) };
    await assert.rejects(costs(cloud, today, { TimePeriod }), { message: "end date past the beginning of next month" });
  });

  it("forecasts from five weeks of days, and refuses with less", async () => {
    const { cloud, today } = costCloud();
    const forecast = () =>
      send(cloud, "ce", "GetCostForecast", {
        TimePeriod: { Start: day(today), End: day(today + 2 * DAY) },
        Metric: "UNBLENDED_COST",
        Granularity: "DAILY",
        PredictionIntervalLevel: 80,
      });
    cloud.meter.span(endpoint, hosting("ml.g5.xlarge"), 1, today - 20 * DAY, today);
    await assert.rejects(forecast(), { name: "DataUnavailableException" });
    cloud.meter.span(endpoint, hosting("ml.g5.xlarge"), 1, today - 40 * DAY, today - 20 * DAY);
    const { Total, ForecastResultsByTime } = await forecast();
    assert.ok(Math.abs(Number(Total.Amount) - 2 * 24 * 1.76) < 1e-9);
    assert.equal(ForecastResultsByTime.length, 2);
  });

  it("lists the tags of a time and their values", async () => {
    const { cloud, today } = costCloud();
    used(cloud, today);
    await activate(cloud, "environment");
    cloud.meter.count(endpoint, hosting("ml.g5.xlarge"), 1);
    const tagsOf = (more: Members) =>
      send(cloud, "ce", "GetTags", { TimePeriod: { Start: day(today), End: day(today + DAY) }, ...more });
    assert.deepEqual((await tagsOf({})).Tags, ["environment"]);
    assert.deepEqual((await tagsOf({ TagKey: "environment", SearchString: "pro" })).Tags, ["prod"]);
  });

  it("counts requests that are billed one by one, and keys and alarms while they are there", async () => {
    const { cloud } = costCloud();
    const arn = "arn:aws:kms:eu-central-1:111122223333:key/one";
    fakeService(cloud, "kms", {
      CreateKey: () => ({ KeyMetadata: { Arn: arn } }),
      Encrypt: () => ({}),
      ScheduleKeyDeletion: () => ({}),
    });
    fakeService(cloud, "cloudwatch", { PutMetricAlarm: () => ({}), DeleteAlarms: () => ({}) });
    fakeService(cloud, "events", { PutEvents: () => ({}) });
    await send(cloud, "kms", "CreateKey", {});
    await send(cloud, "kms", "Encrypt", { KeyId: "one" });
    await send(cloud, "events", "PutEvents", { Entries: [{ EventBusName: "ours" }, { EventBusName: "ours" }] });
    await send(cloud, "cloudwatch", "PutMetricAlarm", { AlarmName: "slow", Period: 60 });
    await send(cloud, "cloudwatch", "PutMetricAlarm", { AlarmName: "fast", Period: 10 });
    const running = () => [...cloud.journal.table<{ item: { price: string } }>("usage/running").values()];
    assert.deepEqual(
      running()
        .map(({ item }) => item.price)
        .sort(),
      ["cloudwatch.alarm", "cloudwatch.alarm-high-resolution", "kms.key"],
    );
    await send(cloud, "kms", "ScheduleKeyDeletion", { KeyId: "one" });
    await send(cloud, "cloudwatch", "DeleteAlarms", { AlarmNames: ["slow", "fast"] });
    assert.deepEqual(running(), []);
    const counted = cloud.meter.usage().filter(({ item }) => item.unit === "Requests");
    assert.deepEqual(
      counted.map(({ arn: of, item, amount }) => [of, item.price, amount]),
      [
        [arn, "kms.request", 1],
        ["arn:aws:events:eu-central-1:111122223333:event-bus/ours", "events.custom", 2],
      ],
    );
  });
});
