import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
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
import { SageMakerRuntime } from "../../../../aws/sagemaker-runtime";
import type { AwsSession } from "../../../../aws/session";
import { guardUpdate } from "../../../../automation/release/guard/watch";
import { endpointSteady } from "../../../../automation/release/verify-live";
import { rolloutAlarms } from "../../../../infra/serving/alarms";
import type { LocalCloud } from "../../../../local/server";
import { enter, sdkConfig, startTestCloud } from "../../../local/support";
import { scopeOf } from "../../../support/scope";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

const [endpoint, variant, account] = ["detector", "champion", "111122223333"];
const role = `arn:aws:iam::${account}:role/execution`;
const packageOf = (name: string) => `arn:aws:sagemaker:eu-central-1:${account}:model-package/detector/${name}`;
/** A minute is three seconds: enough requests in it to tell a share of a few per cent. */
const speed = 20;
/** Far above what a container takes on a busy machine. */
const latencyMs = 1500;
/**
 * The plain alarm on errors is silent below 5 %. That on latency would be while nine of ten answers are in time, which a
 * busy machine decides: the counts show that.
 */
const { "rollout-latency": _, ...alarms } = rolloutAlarms(scopeOf("prod", { "peregrine:errorPercent": "5" }));
/** Releases by what is wrong with them, as the container's environment. */
const releases = {
  old: {},
  sound: {},
  errors: { FAIL_EVERY: "30" },
  slow: { SLOW_EVERY: "14", SLOW_MS: String(2 * latencyMs) },
  empty: { EMPTY_EVERY: "10" },
  unsure: { UNSURE_EVERY: "8" },
} as const;
type Release = keyof typeof releases;

/**
 * The whole chain but Pulumi: what two fleets of real processes serve, CloudWatch's metrics and logs, the guard, the
 * alarm as the program makes it, and SageMaker's guarded update.
 */
describe("the guard of a rollout against an update by canary", function () {
  this.slow(60_000);
  const folder = makeTemporaryFolder();
  const traffic = new AbortController();
  let sending: Promise<unknown>;
  let local: LocalCloud;
  let session: AwsSession;
  let leave: () => void;
  let sagemaker: SageMakerClient;

  before(async () => {
    local = await startTestCloud({
      speed,
      images: {
        detector: { entrypoint: [process.execPath, join(__dirname, "..", "images", "counting-detector.cjs")] },
      },
    });
    leave = enter(local, join(folder, "aws"));
    session = { profile: "ab", region: local.cloud.region };
    sagemaker = new SageMakerClient(sdkConfig(local));
    const iam = new IAMClient(sdkConfig(local));
    const document = (statement: object) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
    const trust = { Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" };
    await iam.send(new CreateRoleCommand({ RoleName: "execution", AssumeRolePolicyDocument: document(trust) }));
    const duties = {
      Action: ["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricData", "ecr:*", "logs:*"],
      Resource: "*",
    };
    await iam.send(
      new PutRolePolicyCommand({ RoleName: "execution", PolicyName: "duties", PolicyDocument: document(duties) }),
    );
    for (const [name, faults] of Object.entries(releases)) await makeRelease(name, faults);
    await sagemaker.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: "old" }));
    await endpointSteady(new SageMaker(session), endpoint, () => undefined);
    const runtime = new SageMakerRuntime(session, 1);
    const one = async () => {
      while (!traffic.signal.aborted)
        await runtime.invoke(endpoint, Buffer.from("image"), "image/jpeg", {}).catch(() => delay(5));
    };
    sending = Promise.all(Array.from({ length: 12 }, one));
  });
  after(async () => {
    traffic.abort();
    await sending;
    leave?.();
    await local?.stop();
  });

  async function makeRelease(name: string, faults: Record<string, string>): Promise<void> {
    await sagemaker.send(
      new CreateModelCommand({
        ModelName: name,
        ExecutionRoleArn: role,
        PrimaryContainer: {
          Image: `${account}.dkr.ecr.eu-central-1.amazonaws.com/detector:1`,
          Environment: { ...faults, MODEL_PACKAGE_ARN: packageOf(name) },
        },
      }),
    );
    const one = {
      VariantName: variant,
      ModelName: name,
      InstanceType: "ml.c6i.large",
      InitialInstanceCount: 2,
    } as const;
    await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: [one] }));
    for (const [alarm, description] of Object.entries(alarms)) {
      const { namespace, metricName, statistic, extendedStatistic, threshold } = description;
      await new CloudWatchClient(sdkConfig(local)).send(
        new PutMetricAlarmCommand({
          AlarmName: `${alarm}-${name}`,
          Namespace: namespace,
          MetricName: metricName,
          ...(statistic ? { Statistic: statistic as "Maximum" } : { ExtendedStatistic: extendedStatistic }),
          Threshold: threshold,
          Period: description.periodSeconds,
          EvaluationPeriods: description.evaluationPeriods,
          DatapointsToAlarm: description.datapointsToAlarm,
          ComparisonOperator: "GreaterThanThreshold",
          TreatMissingData: "notBreaching",
          Dimensions: Object.entries({
            EndpointName: endpoint,
            VariantName: variant,
            EndpointConfigName: name,
          }).map(([Name, Value]) => ({ Name, Value })),
        }),
      );
    }
  }

  /** Updates as a release does, under traffic. @param canarySeconds cloud time. */
  async function update(release: Release, canarySeconds: number) {
    const began = local.cloud.clock.nowMs();
    const guard = guardUpdate(
      { session, name: "prod" },
      { endpoint, variant, latencyMs, modelPackageArn: packageOf(release) },
    );
    await sagemaker.send(
      new UpdateEndpointCommand({
        EndpointName: endpoint,
        EndpointConfigName: release,
        DeploymentConfig: {
          BlueGreenUpdatePolicy: {
            TrafficRoutingConfiguration: {
              Type: "CANARY",
              WaitIntervalInSeconds: canarySeconds,
              CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
            },
            TerminationWaitInSeconds: 120,
          },
          AutoRollbackConfiguration: {
            Alarms: Object.keys(alarms).map((alarm) => ({ AlarmName: `${alarm}-${release}` })),
          },
        },
      }),
    );
    const live = await endpointSteady(new SageMaker(session), endpoint, () => undefined);
    const minutes = (local.cloud.clock.nowMs() - began) / 60_000;
    const raised = Object.keys(alarms).map(
      async (alarm) =>
        [alarm, (await new Metrics(session).alarmReasons(`${alarm}-${release}`, new Date(began))).length] as const,
    );
    return {
      live: live?.EndpointConfigName,
      minutes,
      outcome: await guard.stop(),
      raised: (await Promise.all(raised)).filter(([, times]) => times > 0).map(([alarm]) => alarm),
    };
  }

  for (const [release, reason] of [
    ["errors", /^more errors: /],
    ["slow", /^more answers beyond the latency objective: /],
    ["empty", /^more empty or absurd answers: /],
    ["unsure", /^more answers of low confidence: /],
  ] as const)
    it(`has SageMaker itself take a release back that has more ${release}, which no plain alarm sees`, async () => {
      const { live, minutes, outcome, raised } = await update(release, 3000);
      process.stdout.write(`      ${release}: back after ${minutes.toFixed(1)} minutes of the cloud's clock\n`);
      assert.deepEqual(
        [live, outcome.verdict, raised],
        ["old", "roll back", ["rollout-golden"]],
        outcome.reasons.join(),
      );
      assert.match(outcome.reasons.join("\n"), reason);
      const { requests, answers, slow } = outcome.served.new;
      assert.ok(release !== "slow" || slow < 0.1 * requests, "the alarm on latency looks at one request in ten");
      assert.ok(requests > 0 && answers > 0.5 * requests, JSON.stringify(outcome.served));
    });

  it("lets a sound release go live, and says that so little time has proven nothing", async () => {
    const { live, outcome, raised } = await update("sound", 180);
    assert.deepEqual([live, outcome.verdict, raised], ["sound", "inconclusive", []], outcome.reasons.join());
    assert.match(outcome.reasons.join("\n"), /watched for [1-9] of at least 10 blocks/);
  });
});
