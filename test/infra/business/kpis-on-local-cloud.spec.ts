import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import AdmZip from "adm-zip";
import { scoresKey } from "../../../contract/experiment";
import { kpiNamespace, kpiRowsKey, kpiTableKey } from "../../../contract/kpi";
import { isoDay } from "../../../lifecycle/forecasting/calendar";
import type { Members } from "../../../local/members";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { eventually } from "../../support/eventually";
import { scopeOf } from "../../support/scope";

const kpis = ["false-calls calls/image lower inspection feedback:wrong", "repairs repairs/day lower field csv"];
const scope = scopeOf("prod", { "peregrine:kpis": JSON.stringify(kpis) });
const FunctionName = scope.names.of("function", "publish-kpis");
const bundle = join(__dirname, "..", "..", "..", "functions", "dist", "publish-kpis", "index.js");

/** The deployed function under the program's role. */
describe("business metrics on the local cloud", function () {
  let account: GovernedAccount;
  let today: number;

  const administer = async (service: string, operation: string, input: Members): Promise<Members> => {
    const { cloud, administrator } = account.local;
    const caller = { principal: administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" };
    return (await cloud.call(service, operation, input, caller)) as Members;
  };
  const put = (Key: string, Body: string) =>
    administer("s3", "PutObject", { Bucket: scope.artifactsBucket, Key, Body });

  before(async () => {
    account = await GovernedAccount.start();
    today = Math.floor(account.local.cloud.clock.nowMs() / 86_400_000);
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(bundle));
    await administer("lambda", "CreateFunction", {
      FunctionName,
      Role: scope.roleArn("publish-kpis"),
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zip.toBuffer() },
      Timeout: 60,
      Environment: {
        Variables: {
          ENVIRONMENT: "prod",
          ENDPOINT: scope.endpointName,
          ARTIFACTS_BUCKET: scope.artifactsBucket,
          KPIS: JSON.stringify(scope.settings.kpis),
          SETTLE_DAYS: "1",
        },
      },
    });
    const logGroupName = `/aws/lambda/${FunctionName}`;
    await new CloudWatchLogsClient(sdkConfig(account.local)).send(new CreateLogGroupCommand({ logGroupName }));
    await administer("s3", "PutBucketEncryption", {
      Bucket: scope.artifactsBucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: "aws:kms",
              KMSMasterKeyID: account.targets.prod.keyArn,
            },
          },
        ],
      },
    });
  });
  after(() => account?.stop());

  it("are published from labels and from the business's table, and what labels said is kept", async () => {
    const day = (ago: number) => isoDay(today - ago);
    const answer = (ago: number, found: number) => ({
      ...{ id: `f-${ago}/1`, flight: `f-${ago}`, variant: "champion", sample: "random", right: 1, found, true: 1 },
      answeredAt: `${day(ago)}T10:00:00Z`,
      labelledAt: `${day(ago)}T11:00:00Z`,
    });
    const answers = [answer(5, 4), answer(3, 2), answer(1, 9)];
    const scores = { schema: "peregrine.scores/1", until: `${day(1)}T12:00:00Z`, answers, flights: {} };
    await put(scoresKey(scope.endpointName), JSON.stringify(scores));
    await put(kpiTableKey("repairs"), `day,value\n${day(4)},12\n`);

    const { Payload, FunctionError } = await new LambdaClient(sdkConfig(account.local)).send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify({ time: `${day(0)}T05:00:00Z` })) }),
    );
    const said = Buffer.from(Payload!).toString("utf8");
    assert.equal(FunctionError, undefined, said);
    assert.equal(JSON.parse(said), "false-calls 2 days, repairs 1 days");

    const values = async (name: string) => {
      const { MetricDataResults } = await new CloudWatchClient(sdkConfig(account.local)).send(
        new GetMetricDataCommand({
          StartTime: new Date(`${day(10)}T00:00:00Z`),
          EndTime: new Date(`${day(0)}T00:00:00Z`),
          ScanBy: "TimestampAscending",
          MetricDataQueries: [
            {
              Id: "kpi",
              MetricStat: {
                Metric: {
                  Namespace: kpiNamespace("prod"),
                  MetricName: name,
                  Dimensions: [{ Name: "EndpointName", Value: scope.endpointName }],
                },
                Period: 86_400,
                Stat: "Average",
              },
            },
          ],
        }),
      );
      const { Timestamps = [], Values = [] } = MetricDataResults![0]!;
      return Timestamps.map((time, index) => [time.toISOString().slice(0, 10), Values[index]]);
    };
    assert.deepEqual(await values("false-calls"), [
      [day(5), 3],
      [day(3), 1],
    ]);
    assert.deepEqual(await values("repairs"), [[day(4), 12]]);
    const { Body } = await administer("s3", "GetObject", {
      Bucket: scope.artifactsBucket,
      Key: kpiRowsKey("false-calls"),
    });
    assert.deepEqual(
      (JSON.parse(String(Body)) as { rows: { day: string }[] }).rows.map((row) => row.day),
      [day(5), day(3), day(1)],
    );
    const logs = new CloudWatchLogsClient(sdkConfig(account.local));
    await eventually(async () => {
      const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${FunctionName}` }));
      assert.match(JSON.stringify(events), /repairs 1 days/);
    }, 30_000);
  }).timeout(120_000);
});
