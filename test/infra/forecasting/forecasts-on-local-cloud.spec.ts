import assert from "node:assert/strict";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  forecastDetail,
  forecastStateKey,
  monitoringMetric,
  monitoringNamespace,
  retrainingProposal,
} from "../../../contract/monitoring";
import { championVariant } from "../../../contract/variants";
import { forecastLimits } from "../../../infra/forecasting/forecasts";
import { isoDay } from "../../../lifecycle/forecasting/calendar";
import { emptyTally } from "../../../lifecycle/forecasting/score";
import type { Members } from "../../../local/members";
import type { ForecastState } from "../../../records/forecasts";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { eventually } from "../../support/eventually";
import { scopeOf } from "../../support/scope";

const scope = scopeOf("prod", { "peregrine:objectiveMap50": "0.5" });
const FunctionName = scope.names.of("function", "forecast");
const bus = scope.names.of("eventBus", "events");

/**
 * The deployed function under the program's role: metrics of two weeks, as far back as CloudWatch takes them
 * (PutMetricData, `Timestamp`), older values from what it remembers itself.
 */
describe("forecasts on the local cloud", function () {
  let account: GovernedAccount;
  let today: number;

  /** mAP50 of a day: steady at 0.6, falling by 0.008 a day since 22 days ago, below 0.5 since ten days ago. */
  const qualityOf = (daysAgo: number): number =>
    0.6 - 0.008 * Math.max(0, 22 - daysAgo) + 0.004 * (((daysAgo * 7919) % 11) / 5 - 1);

  const invoke = (daysAgo: number): Promise<string> =>
    account.invoke(FunctionName, { time: `${isoDay(today - daysAgo + 1)}T03:00:00Z` });

  const state = async (): Promise<ForecastState> => {
    const { Body } = await account.administer("s3", "GetObject", {
      Bucket: scope.artifactsBucket,
      Key: forecastStateKey,
    });
    return JSON.parse(String(Body)) as ForecastState;
  };

  const received: Members[] = [];
  const receive = async (QueueUrl: string): Promise<void> => {
    const { Messages = [] } = await account.administer("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    for (const { Body, ReceiptHandle } of Messages as { Body: string; ReceiptHandle: string }[]) {
      received.push(JSON.parse(Body) as Members);
      await account.administer("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
    }
  };

  before(async () => {
    account = await GovernedAccount.start();
    today = Math.floor(account.local.cloud.clock.nowMs() / 86_400_000) - 1;
    await account.deploy(scope, "forecast", {
      ENDPOINT: scope.endpointName,
      VARIANT: championVariant,
      ENVIRONMENT: "prod",
      ARTIFACTS_BUCKET: scope.artifactsBucket,
      EVENT_BUS: bus,
      LIMITS: JSON.stringify(forecastLimits(scope)),
    });
    await account.encrypt(scope);
    await account.administer("events", "CreateEventBus", { Name: bus });
    const metrics = new CloudWatchClient(sdkConfig(account.local));
    for (let daysAgo = 12; daysAgo >= 0; daysAgo--)
      await metrics.send(
        new PutMetricDataCommand({
          Namespace: monitoringNamespace("prod"),
          MetricData: [
            {
              MetricName: monitoringMetric.map50,
              Dimensions: [
                { Name: "EndpointName", Value: scope.endpointName },
                { Name: "VariantName", Value: championVariant },
              ],
              Timestamp: new Date(`${isoDay(today - daysAgo)}T12:00:00Z`),
              Value: qualityOf(daysAgo),
            },
          ],
        }),
      );
  });
  after(() => account?.stop());

  it("begin with nothing, warn on the bus of what is on its way, and judge the warning when its day has come", async () => {
    const heard = scope.arns.queue("heard");
    const Statement = [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: heard,
      },
    ];
    const { QueueUrl } = await account.administer("sqs", "CreateQueue", {
      QueueName: "heard",
      Attributes: { Policy: JSON.stringify({ Version: "2012-10-17", Statement }) },
    });
    const EventPattern = JSON.stringify({ source: ["peregrine.model"] });
    await account.administer("events", "PutRule", { Name: "heard", EventBusName: bus, EventPattern });
    await account.administer("events", "PutTargets", {
      Rule: "heard",
      EventBusName: bus,
      Targets: [{ Id: "1", Arn: heard }],
    });

    // Nothing is remembered, and two weeks of metrics are too little.
    assert.match(await invoke(13), /^quality unknown/);
    const values = Array.from({ length: 50 }, (_, index) => ({
      day: isoDay(today - 62 + index),
      value: qualityOf(62 - index),
    }));
    const remembered = await state();
    await account.administer("s3", "PutObject", {
      Bucket: scope.artifactsBucket,
      Key: forecastStateKey,
      Body: JSON.stringify({
        ...remembered,
        series: { quality: { values, pending: [], warnings: [], tally: emptyTally } },
      }),
    });

    assert.match(await invoke(12), /^quality will-breach/);
    await eventually(async () => {
      await receive(QueueUrl as string);
      assert.equal(received.length, 2);
    }, 30_000);
    const of = (type: string) => received.find((event) => event["detail-type"] === type)!["detail"];
    const warning = forecastDetail.parse(of("Breach Forecast"));
    assert.equal(warning.series, "quality");
    assert.match(warning.message, /No warning about it has been judged yet/);
    assert.equal(retrainingProposal.parse(of("Retraining Proposed")).trigger, "forecast");

    assert.equal(await invoke(12), `${isoDay(today - 12)} was looked at before`);
    for (let daysAgo = 11; daysAgo >= 3; daysAgo--) await invoke(daysAgo);
    const { warnings, tally } = (await state()).series["quality"]!;
    assert.equal(warnings.length, 1);
    assert.equal(warnings[0]!.outcome.outcome, "hit");
    assert.deepEqual([tally.hits, tally.falseWarnings], [1, 0]);
    const logs = new CloudWatchLogsClient(sdkConfig(account.local));
    await eventually(async () => {
      const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${FunctionName}` }));
      assert.match(JSON.stringify(events), /quality breached/);
    }, 30_000);
  }).timeout(240_000);
});
