import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CreateKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { readBill } from "../../../automation/costs/actual";
import { AnswerFiles } from "../../../automation/costs/answer-cache";
import { activateTags, readTags } from "../../../automation/costs/tags";
import { UserError } from "../../../automation/errors";
import { environmentTags } from "../../../contract/names";
import { hosting } from "../../../local/metering/items";
import type { LocalCloud } from "../../../local/server";
import { byGroup, total } from "../../../pricing/actual/bill";
import { priceTable } from "../../../pricing/table";
import { tagList } from "../../../aws/tagging";
import { enter, sdkConfig, startTestCloud } from "../../local/support";

const prices = Object.fromEntries(
  Object.entries(priceTable.regions["eu-central-1"]!).map(([key, { usd }]) => [key, usd]),
);

/** The whole way: usage of a local cloud, Cost Explorer over HTTP, the SDK, the project's report. */
describe("the bill of a local cloud, as the project reads it", function () {
  this.slow(10_000);
  let local: LocalCloud;
  let folder: string;
  let leave: () => void;
  const session = { profile: "ab", region: "eu-central-1" };
  const readNow = (cache?: AnswerFiles) => readBill(session, ["dev", "prod"], {}, cache);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "peregrine-costs-"));
    local = await startTestCloud({ priceList: prices });
    leave = enter(local, folder);
    const kms = new KMSClient(sdkConfig(local));
    const Tags = Object.entries(environmentTags("prod")).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Tags }));
    assert.deepEqual(
      (await readTags(session)).map(({ state }) => state),
      ["inactive", "inactive"],
    );
    await activateTags(session);
    for (let time = 0; time < 4; time++)
      await kms.send(new EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: Buffer.from("x") }));
    await new CloudWatchClient(sdkConfig(local)).send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: "slow", Namespace: "Ours", MetricName: "Time", Statistic: "Average", Period: 60 },
        ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "GreaterThanThreshold" },
        Tags: tagList(environmentTags("dev")),
      }),
    );
  });
  after(async () => {
    leave?.();
    await local?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is usage times price, by environment and by what it is spent on", async () => {
    const { bill } = await readNow();
    const prod = bill.lines.filter(({ environment }) => environment === "prod");
    const requests = prod.find(({ usageType }) => usageType === "EUC1-KMS-Requests")!;
    assert.deepEqual([requests.quantity, requests.unit], [4, "Requests"]);
    for (const { usageType, quantity, usd } of bill.lines) {
      const key = { "EUC1-KMS-Requests": "kms.request", "EUC1-KMS-Keys": "kms.key" }[usageType] ?? "cloudwatch.alarm";
      assert.ok(Math.abs(usd - quantity * prices[key]!) < 1e-12, usageType);
    }
    assert.ok(byGroup(prod).get("keys")! > 0);
    assert.equal(byGroup(prod).get("watching"), 0, "the alarm is of dev");
    assert.deepEqual([bill.project, bill.inactiveTags], ["peregrine", []]);
  });

  it("says how much of the account's costs carries the project's tag", async () => {
    local.cloud.meter.count("arn:aws:sagemaker:eu-central-1:1:endpoint/other", hosting("ml.g5.xlarge"), 1);
    const { bill } = await readNow();
    assert.ok(bill.account.usd > 1.76);
    assert.ok(Math.abs(bill.account.taggedUsd - total(bill.lines)) < 1e-5);
  });

  it("asks once and keeps the answers, which costs nothing; the local cloud bills each request", async () => {
    const cache = new AnswerFiles(join(folder, "answers"));
    const [first, second] = [await readNow(cache), await readNow(cache)];
    assert.deepEqual([first.paidRequests, first.cachedAnswers, first.requestsUsd], [3, 0, 0.03]);
    assert.deepEqual([second.paidRequests, second.cachedAnswers, second.requestsUsd], [0, 3, 0]);
    assert.deepEqual(second.bill, first.bill);
    const third = await readNow(new AnswerFiles(join(folder, "answers"), 0));
    assert.equal(third.paidRequests, 3, "answers that are too old are asked for again");
    const billed = local.cloud.meter.usage().filter(({ item }) => item.price === "cost-explorer.request");
    assert.ok(billed.reduce((sum, { amount }) => sum + amount, 0) >= 6);
  });

  it("names cause and next step where the question is wrong, or may not be asked", async () => {
    await assert.rejects(readBill(session, ["dev"], { from: "yesterday" }), UserError);
    await assert.rejects(readBill(session, ["dev"], { from: "2026-11-02", to: "2026-11-02" }), /is empty/);
    await assert.rejects(readBill(session, ["dev"], { from: "2001-01-01" }), /beyond 14 months/);
  });

  it("is for those who may read costs alone", async () => {
    const iam = new IAMClient(sdkConfig(local));
    await iam.send(new CreateUserCommand({ UserName: "curious" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "curious" }));
    const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    await assert.rejects(readBill({ ...session, credentials }, ["dev"], {}), /may not be asked.*ce:/);
  });
});
