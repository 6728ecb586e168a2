import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PutMetricAlarmCommand, CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { Metrics } from "../../../../aws/cloudwatch";
import { SageMaker } from "../../../../aws/sagemaker";
import type { AwsSession } from "../../../../aws/session";
import { askGolden } from "../../../../automation/release/golden/ask";
import type { GoldenImage } from "../../../../automation/release/golden/images";
import { watchUpdate } from "../../../../automation/release/golden/watch";
import { endpointSteady } from "../../../../automation/release/verify-live";
import type { Environment } from "../../../../automation/stack/environment";
import { rolloutAlarms } from "../../../../infra/serving/alarms";
import type { LocalCloud } from "../../../../local/server";
import { enter, sdkConfig, startTestCloud } from "../../../local/support";
import { makeTemporaryFolder } from "../../../support/temporary-folder";
import { scopeOf } from "../../../support/scope";

const [endpoint, variant, account] = ["detector", "champion", "111122223333"];
const role = `arn:aws:iam::${account}:role/execution`;
const speed = 60;
const expected = {
  width: 200,
  height: 200,
  detections: [0, 40, 80, 120].map((x) => ({ name: "tree", confidence: 1, box: [x, 10, x + 20, 30] as const })),
};
const images = ["a.jpg", "b.jpg", "c.jpg"].map((key): GoldenImage => ({
  key,
  contentType: "image/jpeg",
  body: Buffer.from(key),
  expected: { image: key, ...expected },
}));

/**
 * The whole chain but Pulumi: our probes and metric, CloudWatch's alarm as the program makes it, SageMaker's guarded
 * update.
 */
describe("golden images against an update by canary", function () {
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let session: AwsSession;
  let leave: () => void;
  let sagemaker: SageMakerClient;

  before(async () => {
    local = await startTestCloud({
      speed,
      images: { detector: { entrypoint: [process.execPath, join(__dirname, "..", "images", "detector.cjs")] } },
    });
    leave = enter(local, join(folder, "aws"));
    session = { profile: "ab", region: local.cloud.region };
    sagemaker = new SageMakerClient(sdkConfig(local));
    const iam = new IAMClient(sdkConfig(local));
    const document = (statement: object) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
    await iam.send(
      new CreateRoleCommand({
        RoleName: "execution",
        AssumeRolePolicyDocument: document({
          Principal: { Service: "sagemaker.amazonaws.com" },
          Action: "sts:AssumeRole",
        }),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "execution",
        PolicyName: "duties",
        PolicyDocument: document({
          Action: ["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricData", "ecr:*", "logs:*"],
          Resource: "*",
        }),
      }),
    );
    for (const name of ["old", "next", "other"]) {
      await sagemaker.send(
        new CreateModelCommand({
          ModelName: name,
          ExecutionRoleArn: role,
          PrimaryContainer: {
            Image: `${account}.dkr.ecr.eu-central-1.amazonaws.com/detector:1`,
            Environment: { MODEL: name },
          },
        }),
      );
      await sagemaker.send(
        new CreateEndpointConfigCommand({
          EndpointConfigName: name,
          ProductionVariants: [
            { VariantName: variant, ModelName: name, InstanceType: "ml.c6i.large", InitialInstanceCount: 2 },
          ],
        }),
      );
      await putAlarm(name);
    }
    await sagemaker.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: "old" }));
    await endpointSteady(new SageMaker(session), endpoint, () => undefined);
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  async function putAlarm(config: string): Promise<void> {
    const { namespace, metricName, statistic, threshold, periodSeconds, evaluationPeriods, datapointsToAlarm } =
      rolloutAlarms(scopeOf("prod"))["rollout-golden"]!;
    const Dimensions = Object.entries({ EndpointName: endpoint, VariantName: variant, EndpointConfigName: config }).map(
      ([Name, Value]) => ({ Name, Value }),
    );
    await new CloudWatchClient(sdkConfig(local)).send(
      new PutMetricAlarmCommand({
        AlarmName: `golden-${config}`,
        Namespace: namespace,
        MetricName: metricName,
        Statistic: statistic as "Maximum",
        Threshold: threshold,
        Period: periodSeconds,
        EvaluationPeriods: evaluationPeriods,
        DatapointsToAlarm: datapointsToAlarm,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
        Dimensions,
      }),
    );
  }

  /** Updates as a release does: asked before, watched meanwhile. @param canarySeconds cloud time. */
  async function update(config: string, canarySeconds: number) {
    const before = await askGolden(session, endpoint, images);
    const watch = watchUpdate({ session, name: "prod" } as Environment, endpoint, variant, images, before);
    const began = performance.now();
    const BlueGreenUpdatePolicy = {
      TrafficRoutingConfiguration: {
        Type: "CANARY",
        WaitIntervalInSeconds: canarySeconds,
        CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
      },
      TerminationWaitInSeconds: 60,
    } as const;
    await sagemaker.send(
      new UpdateEndpointCommand({
        EndpointName: endpoint,
        EndpointConfigName: config,
        DeploymentConfig: {
          BlueGreenUpdatePolicy,
          AutoRollbackConfiguration: { Alarms: [{ AlarmName: `golden-${config}` }] },
        },
      }),
    );
    const live = await endpointSteady(new SageMaker(session), endpoint, () => undefined);
    return {
      live: [live?.EndpointStatus, live?.EndpointConfigName],
      seconds: (performance.now() - began) / 1000,
      seen: await watch.stop(),
    };
  }

  for (const kind of ["empty", "absurd"] as const)
    it(`has SageMaker itself take a model back whose answers are ${kind}, in the canary`, async () => {
      const { id } = local.cloud.faults.add({ kind, endpoint, config: "next" });
      const since = local.cloud.clock.now();
      const { live, seconds, seen } = await update("next", 600);
      local.cloud.faults.clear([id]);
      assert.deepEqual([live, seen.trouble], [["InService", "old"], undefined]);
      assert.match(
        seen.wrong.join(),
        kind === "empty"
          ? /nothing found where 4 objects are expected/
          : /4 of 4 detections have a confidence outside 0 to 1/,
      );
      assert.match(
        (await new Metrics(session).alarmReasons("golden-next", since))[0]!,
        /^Threshold Crossed: 1 out of the last 6 datapoints \[1\.0/,
      );
      // The canary alone would have taken ten minutes.
      assert.ok(seconds < 600 / speed, `${seconds} s`);
      // The next one must not meet this one's alarm.
      while ((await new Metrics(session).alarmStates("golden-next"))["golden-next"] === "ALARM") await delay(100);
    });

  it("lets a sound model pass, and the way back from a bad one: its own answers stop nothing", async () => {
    const sound = await update("next", 120);
    assert.deepEqual(
      [sound.live, sound.seen.wrong, sound.seen.trouble, sound.seen.asked > 0],
      [["InService", "next"], [], undefined, true],
    );
    const { id } = local.cloud.faults.add({ kind: "empty", endpoint, config: "next" });
    const back = await update("other", 120);
    local.cloud.faults.clear([id]);
    assert.deepEqual([back.live, back.seen.wrong], [["InService", "other"], []]);
  });
});
