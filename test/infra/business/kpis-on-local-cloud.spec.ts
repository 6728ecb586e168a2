import assert from "node:assert/strict";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { scoresKey } from "../../../contract/experiment";
import { kpiNamespace, kpiRowsKey, kpiTableKey } from "../../../contract/kpi";
import { isoDay } from "../../../lifecycle/forecasting/calendar";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { eventually } from "../../support/eventually";
import { scopeOf } from "../../support/scope";

const kpis = ["false-calls calls/image lower inspection feedback:wrong", "repairs repairs/day lower field csv"];
const scope = scopeOf("prod", { "peregrine:kpis": JSON.stringify(kpis) });
const FunctionName = scope.names.of("function", "publish-kpis");

/** The deployed function under the program's role. */
describe("business metrics on the local cloud", function () {
  let account: GovernedAccount;
  let today: number;

  const put = (Key: string, Body: string) =>
    account.administer("s3", "PutObject", { Bucket: scope.artifactsBucket, Key, Body });

  before(async () => {
    account = await GovernedAccount.start();
    today = Math.floor(account.local.cloud.clock.nowMs() / 86_400_000);
    await account.deploy(scope, "publish-kpis", {
      ENVIRONMENT: "prod",
      ENDPOINT: scope.endpointName,
      ARTIFACTS_BUCKET: scope.artifactsBucket,
      KPIS: JSON.stringify(scope.settings.kpis),
      SETTLE_DAYS: "1",
    });
    await account.encrypt(scope);
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

    const said = await account.invoke(FunctionName, { time: `${day(0)}T05:00:00Z` });
    assert.equal(said, "false-calls 2 days, repairs 1 days");

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
    const { Body } = await account.administer("s3", "GetObject", {
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
