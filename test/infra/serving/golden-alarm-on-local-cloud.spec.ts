import assert from "node:assert/strict";
import { rolloutAlarms } from "../../../infra/serving/alarms";
import { goldenMetric } from "../../../contract/golden-metric";
import type { Members } from "../../../local/members";
import { createCloudWatch } from "../../../local/services/cloudwatch";
import { configured, served, startTestCloud, type TestCloud } from "../../local/services/sagemaker/harness";
import { scopeOf } from "../../support/scope";

const description = rolloutAlarms(scopeOf("prod"))["rollout-golden"]!;
const { namespace, name } = goldenMetric("prod");
const dimensions = (config: string) =>
  Object.entries({ EndpointName: "shop", VariantName: "champion", EndpointConfigName: config }).map(
    ([Name, Value]) => ({ Name, Value }),
  );

/** The alarm as the program makes it, on a CloudWatch that evaluates it and a SageMaker that asks for it. */
describe("the alarm on golden images", () => {
  let test: TestCloud;
  beforeEach(async () => {
    test = await startTestCloud({ speed: 60, services: (cloud) => [createCloudWatch(cloud)] });
    await configured(test, "old", { variant: { InitialInstanceCount: 2 } });
    await configured(test, "new", { variant: { InitialInstanceCount: 2 } });
    await served(test, "shop", "old");
    const { namespace, metricName, statistic, threshold, periodSeconds, evaluationPeriods, datapointsToAlarm } =
      description;
    await test.call(
      "PutMetricAlarm",
      {
        AlarmName: "rollout-golden-new",
        Namespace: namespace,
        MetricName: metricName,
        Statistic: statistic,
        Threshold: threshold,
        Period: periodSeconds,
        EvaluationPeriods: evaluationPeriods,
        DatapointsToAlarm: datapointsToAlarm,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
        Dimensions: dimensions("new"),
      },
      "cloudwatch",
    );
    const BlueGreenUpdatePolicy = {
      TrafficRoutingConfiguration: {
        Type: "CANARY",
        WaitIntervalInSeconds: 300,
        CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
      },
      TerminationWaitInSeconds: 60,
    };
    await test.call("UpdateEndpoint", {
      EndpointName: "shop",
      EndpointConfigName: "new",
      DeploymentConfig: {
        BlueGreenUpdatePolicy,
        AutoRollbackConfiguration: { Alarms: [{ AlarmName: "rollout-golden-new" }] },
      },
    });
  });
  afterEach(() => test.stop());

  const stage = (message: RegExp) =>
    test.describeUntil("DescribeEndpoint", { EndpointName: "shop" }, (answer) =>
      message.test(answer.PendingDeploymentSummary?.ProductionVariants[0].VariantStatus?.[0].StatusMessage ?? ""),
    );
  const settled = (): Promise<Members> =>
    test.describeUntil("DescribeEndpoint", { EndpointName: "shop" }, (answer) => answer.EndpointStatus !== "Updating");
  const publish = (config: string, Value: number) =>
    test.call(
      "PutMetricData",
      {
        Namespace: namespace,
        MetricData: [{ MetricName: name, Dimensions: dimensions(config), Value, StorageResolution: 1 }],
      },
      "cloudwatch",
    );

  it("takes the update back in the canary, within an alarm period of the first wrong answer", async () => {
    await stage(/^Baking .* canary/);
    for (const value of [0, 1, 0]) await publish("new", value);
    const wrongAt = test.cloud.clock.nowMs();
    const done = await settled();
    assert.deepEqual([done.EndpointStatus, done.EndpointConfigName], ["InService", "old"]);
    // A period of ten seconds, an evaluation every ten, SageMaker's look every five; draining the new fleet takes real
    // time.
    const seconds = (test.cloud.clock.nowMs() - wrongAt) / 1000;
    assert.ok(seconds < 200, `${seconds} s of cloud time, of a canary of 300`);
    assert.ok(
      !test.events.some(
        ({ detail }) =>
          detail.PendingDeploymentSummary?.EndpointConfigName === "new" && /full capacity/.test(JSON.stringify(detail)),
      ),
      "the new fleet never had all traffic",
    );
  });

  it("lets an update pass whose answers are right, whatever another configuration answers", async () => {
    await stage(/^Baking .* canary/);
    await publish("new", 0);
    await publish("old", 1);
    assert.equal((await settled()).EndpointConfigName, "new");
  });
});
