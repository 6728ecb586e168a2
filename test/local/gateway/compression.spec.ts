import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { Cloud } from "../../../local/cloud";
import { uncompressed } from "../../../local/gateway/compression";
import { startGateway, type Gateway } from "../../../local/gateway/gateway";
import type { Members } from "../../../local/members";
import { BotocoreModels } from "../../../local/model/models";
import { venv } from "../support";

describe("compressed requests", () => {
  const credentials = { accessKeyId: "AKIATESTTESTTESTTEST", secretAccessKey: "secret" };
  const principal = {
    type: "user",
    arn: "arn:aws:iam::111122223333:user/u",
    accountId: "111122223333",
    id: "A",
  } as const;
  const models = new BotocoreModels({ venv });
  let gateway: Gateway;
  let encoding: string | undefined;
  let received: Members;

  before(async () => {
    const cloud = new Cloud({ models });
    cloud.authoriser = { authorise: () => undefined };
    cloud.register({
      id: "cloudwatch",
      operations: {
        PutMetricData: (input, { caller }) => {
          encoding = caller.raw?.headers["content-encoding"];
          received = input;
          return {};
        },
      },
    });
    gateway = await startGateway({ cloud, port: 0, credentialsOf: () => ({ ...credentials, principal }) });
  });
  after(() => gateway.close());

  it("are read as they were before: SDKs compress metrics from 10 KiB on, and sign what they send", async () => {
    const client = new CloudWatchClient({ endpoint: gateway.url, region: "eu-central-1", credentials, maxAttempts: 1 });
    const MetricData = Array.from({ length: 400 }, (_, index) => ({ MetricName: `Metric${index}`, Value: index }));
    await client.send(new PutMetricDataCommand({ Namespace: "N", MetricData }));
    assert.equal(encoding, "gzip");
    assert.equal(received["MetricData"].length, 400);
  });

  it("are taken by operations whose model says so, and by no other", () => {
    assert.deepEqual(models.service("cloudwatch").operation("PutMetricData")?.compressions, ["gzip"]);
    assert.deepEqual(models.service("sagemaker").operation("CreateModel")?.compressions, []);
  });

  it("that are none stay as they are, and so do those that unpack to more than any service takes", () => {
    const request = (body: Buffer) => ({
      method: "POST",
      url: "/",
      path: "/",
      query: [],
      headers: { "content-encoding": "gzip" },
      body,
    });
    for (const body of [Buffer.from("{}"), gzipSync(Buffer.alloc(20 * 1024 ** 2))])
      assert.equal(uncompressed(request(body)).body, body);
  });
});
