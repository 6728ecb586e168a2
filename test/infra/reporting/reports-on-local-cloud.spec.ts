import assert from "node:assert/strict";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { monitoringMetric, monitoringNamespace } from "../../../contract/monitoring";
import { championVariant } from "../../../contract/variants";
import type { Report } from "../../../insight/report/report";
import { objectivesOf, ownersOf } from "../../../infra/reporting/reports";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { eventually } from "../../support/eventually";
import { scopeOf } from "../../support/scope";

const scope = scopeOf("prod");
const FunctionName = scope.names.of("function", "report");

/** The deployed function under the program's role, in a bucket that the environment's key encrypts. */
describe("the scheduled report on the local cloud", function () {
  let account: GovernedAccount;

  const invoke = (time: string): Promise<string> => account.invoke(FunctionName, { time });

  before(async () => {
    account = await GovernedAccount.start();
    const topic = "peregrine-prod-alerts-info";
    await account.administer("sns", "CreateTopic", { Name: topic });
    await account.deploy(scope, "report", {
      ENVIRONMENT: "prod",
      ENDPOINT: scope.endpointName,
      ARTIFACTS_BUCKET: scope.artifactsBucket,
      TOPIC_ARN: scope.arns.topic(topic),
      KIND: "week",
      OBJECTIVES: JSON.stringify(objectivesOf(scope)),
      OWNERS: JSON.stringify(ownersOf(scope)),
      DOOR: "https://door.example",
    });
    await account.encrypt(scope);
  });
  after(() => account?.stop());

  it("reads what its role may, keeps the report, and tells people where it is", async () => {
    const heard = scope.arns.queue("heard");
    const TopicArn = scope.arns.topic("peregrine-prod-alerts-info");
    const { QueueUrl } = await account.administer("sqs", "CreateQueue", {
      QueueName: "heard",
      Attributes: {
        Policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "sns.amazonaws.com" },
              Action: "sqs:SendMessage",
              Resource: heard,
            },
          ],
        }),
      },
    });
    await account.administer("sns", "Subscribe", { TopicArn, Protocol: "sqs", Endpoint: heard });
    const now = Math.floor(account.local.cloud.clock.nowMs() / 1000) * 1000;
    await new CloudWatchClient(sdkConfig(account.local)).send(
      new PutMetricDataCommand({
        Namespace: monitoringNamespace("prod"),
        MetricData: [
          {
            MetricName: monitoringMetric.driftScore,
            Dimensions: [
              { Name: "EndpointName", Value: scope.endpointName },
              { Name: "VariantName", Value: championVariant },
            ],
            Timestamp: new Date(now - 3_600_000),
            Value: 1.4,
          },
        ],
      }),
    );
    const time = new Date(now).toISOString();
    const uri = await invoke(time);
    const Key = `${uri.replace(`s3://${scope.artifactsBucket}/`, "")}report.json`;
    const { Body } = await account.administer("s3", "GetObject", { Bucket: scope.artifactsBucket, Key });
    const report = JSON.parse(String(Body)) as Report;
    assert.deepEqual(report.environments, ["prod"]);
    // What it may read it read: only what its role may not is missing.
    const unread = report.unknowns.find((text) => text.startsWith("Not read: "))!;
    assert.deepEqual([...unread.matchAll(/(\w+) of prod/g)].map(([, part]) => part).sort(), [
      "effects",
      "log",
      "packages",
      "price",
      "running",
      "serving",
      "told",
    ]);
    await eventually(async () => {
      const { Messages = [] } = await account.administer("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 1 });
      const [{ Body: told }] = Messages as [{ Body: string }];
      assert.match(told, /\[prod\] Report of the week/);
    }, 30_000);
    assert.match(await invoke(time), /was made before/);
  }).timeout(240_000);
});
