import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { readAlarmDescription } from "../../../contract/alarm-description";
import { watchEvent } from "../../../contract/monitoring";
import { Platform } from "../../../infra/platform";
import type { DesiredRelease } from "../../../contract/desired-release";
import { type Recorder, record } from "../../support/mocks";
import { value } from "../../support/outputs";
import { releaseOf, scopeOf } from "../../support/scope";

interface Built {
  readonly recorder: Recorder;
  /** Options by `type name`. */
  readonly options: ReadonlyMap<string, pulumi.CustomResourceOptions>;
}

/** What was built is looked at by many tests: nothing changes it any more. */
const built = new Map<string, Promise<Built>>();

function build(stack: string, release: DesiredRelease, changes: Readonly<Record<string, string>> = {}): Promise<Built> {
  const key = JSON.stringify([stack, release, changes]);
  if (!built.has(key)) built.set(key, construct(stack, release, changes));
  return built.get(key)!;
}

async function construct(
  stack: string,
  release: DesiredRelease,
  changes: Readonly<Record<string, string>>,
): Promise<Built> {
  const recorder = await record(stack);
  const options = new Map<string, pulumi.CustomResourceOptions>();
  const platform = new Platform(scopeOf(stack, changes), release, {
    transformations: [({ type, name, opts }) => (options.set(`${type} ${name}`, opts), undefined)],
  });
  await value(platform.outputs["endpointConfigName"] as pulumi.Output<string>);
  // The dashboard is registered last.
  await drained(recorder, "aws:cloudwatch/dashboard:Dashboard", 2);
  return { recorder, options };
}

/** Waits until resources that are registered last have arrived. */
async function drained(recorder: Recorder, type: string, count: number): Promise<void> {
  for (let turn = 0; turn < 500 && recorder.ofType(type).length < count; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
}

const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const model = "aws:sagemaker/model:Model";

describe("a monitored endpoint", () => {
  it("captures requests and answers, with JSON left readable", async () => {
    const { recorder } = await build("prod", releaseOf());
    assert.deepEqual(recorder.one(configuration).inputs["dataCaptureConfig"], {
      enableCapture: true,
      initialSamplingPercentage: 100,
      captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
      captureContentTypeHeader: { jsonContentTypes: ["application/json"] },
      destinationS3Uri: "s3://peregrine-prod-artifacts-123456789012/capture",
    });
  });

  it("is updated by canary in prod, with alarms that watch the new fleet alone", async () => {
    const { recorder } = await build("prod", releaseOf());
    const deployment = recorder.one("aws:sagemaker/endpoint:Endpoint").inputs["deploymentConfig"];
    assert.deepEqual(deployment.blueGreenUpdatePolicy, {
      trafficRoutingConfiguration: {
        type: "CANARY",
        waitIntervalInSeconds: 300,
        canarySize: { type: "CAPACITY_PERCENT", value: 50 },
      },
      terminationWaitInSeconds: 600,
      maximumExecutionTimeoutInSeconds: 2700,
    });
    const names = deployment.autoRollbackConfiguration.alarms.map(({ alarmName }: { alarmName: string }) => alarmName);
    const digest = recorder.one(configuration).name.split("-").at(-1);
    assert.deepEqual(names, [
      `peregrine-prod-detector-rollout-errors-${digest}`,
      `peregrine-prod-detector-rollout-latency-${digest}`,
      `peregrine-prod-detector-rollout-golden-${digest}`,
    ]);
    const live = recorder.one("aws:sagemaker/endpoint:Endpoint").inputs["endpointConfigName"];
    for (const alarm of recorder
      .ofType("aws:cloudwatch/metricAlarm:MetricAlarm")
      .filter(({ inputs }) => names.includes(inputs["name"]))) {
      assert.equal(alarm.inputs["dimensions"].EndpointConfigName, live);
      assert.equal(alarm.inputs["treatMissingData"], "notBreaching");
    }
  });

  it("is updated all at once where there is one instance, still with alarms", async () => {
    const { recorder } = await build("dev", releaseOf());
    const deployment = recorder.one("aws:sagemaker/endpoint:Endpoint").inputs["deploymentConfig"];
    assert.equal(deployment.blueGreenUpdatePolicy.trafficRoutingConfiguration.type, "ALL_AT_ONCE");
    assert.equal(deployment.autoRollbackConfiguration.alarms.length, 3);
  });

  const alarmsOf = async (changes: Record<string, string> = {}) => {
    const { recorder } = await build("prod", releaseOf(), changes);
    const all = recorder
      .ofType("aws:cloudwatch/metricAlarm:MetricAlarm")
      .filter(({ name }) => name.startsWith("peregrine-prod-detector-") && !name.includes("-rollout-"));
    return Object.fromEntries(all.map(({ name, inputs }) => [name.replace("peregrine-prod-detector-", ""), inputs]));
  };
  const unwatched = { "peregrine:monitoringMode": "off" };
  const watched = { "peregrine:monitoringMode": "self-hosted", "peregrine:monitoringEnabled": "true" };

  it("alarms people about errors, latency in microseconds, and its instances as far as they have what can be short", async () => {
    const alarms = await alarmsOf({ ...unwatched, "peregrine:servingInstanceType": "ml.g5.12xlarge" });
    const thresholds = Object.entries(alarms).map(([name, inputs]) => [name, inputs["threshold"]]);
    assert.deepEqual(Object.fromEntries(thresholds), {
      errors: 0.01,
      latency: 2_000_000,
      // 48 processors and four GPUs count one by one.
      cpu: 4320,
      memory: 90,
      gpu: 360,
      "gpu-memory": 360,
      disk: 75,
    });
    assert.equal(alarms["latency"]!["extendedStatistic"], "p90");
    const plain = await alarmsOf({ "peregrine:servingInstanceType": "ml.c6i.large" });
    assert.deepEqual([plain["gpu"], plain["gpu-memory"]], [undefined, undefined]);
    assert.equal(plain["cpu"]!["threshold"], 180);
  });

  it("alarms people about quality, labels and watching where monitoring runs, in periods of its runs", async () => {
    const alarms = await alarmsOf({
      ...watched,
      "peregrine:monitoringEveryHours": "24",
      "peregrine:objectiveF1": "0.4",
    });
    for (const name of ["quality-map50", "quality-f1", "quality-estimated"])
      assert.equal(alarms[name]!["comparisonOperator"], "LessThanThreshold");
    assert.equal(alarms["quality-f1"]!["threshold"], 0.4);
    assert.equal(alarms["quality-f1"]!["namespace"], "Peregrine/prod/monitoring");
    for (const name of ["quality-map50", "quality-f1", "quality-estimated", "label-lag", "capture-gap", "unwatched"]) {
      const { period = 86_400, evaluationPeriods, metricQueries = [] } = alarms[name]!;
      assert.equal(period, 86_400);
      for (const { metric } of metricQueries) if (metric) assert.equal(metric.period, 86_400);
      assert.ok(evaluationPeriods * 86_400 <= 604_800, `${name}: CloudWatch looks at most seven days back`);
    }
    for (const off of [unwatched, { ...watched, "peregrine:monitoringEnabled": "false" }])
      assert.ok(!Object.keys(await alarmsOf(off)).some((name) => /quality|label|capture|unwatched/.test(name)));
  });

  it("raises each alarm for so many bad periods of so many: a peak is no fault, and a fault soon is one", async () => {
    const alarms = await alarmsOf(watched);
    const bounds = Object.entries(alarms).map(([name, { datapointsToAlarm, evaluationPeriods }]) => [
      name,
      `${datapointsToAlarm ?? evaluationPeriods} of ${evaluationPeriods}`,
    ]);
    assert.deepEqual(Object.fromEntries(bounds), {
      errors: "2 of 3",
      latency: "3 of 5",
      cpu: "10 of 15",
      memory: "5 of 5",
      gpu: "10 of 15",
      "gpu-memory": "5 of 5",
      disk: "1 of 3",
      "quality-map50": "2 of 3",
      "quality-f1": "2 of 3",
      "quality-estimated": "2 of 3",
      "label-lag": "3 of 3",
      "capture-gap": "2 of 2",
      unwatched: "3 of 3",
    });
  });

  it("alarms of quality under the cause of what its monitoring tells: they are one incident", async () => {
    const alarms = await alarmsOf(watched);
    const notices = JSON.parse(
      readFileSync(join(__dirname, "..", "..", "..", "ml", "tests", "notices.json"), "utf8"),
    ) as { kind: string; detail: { cause: string } }[];
    const told = notices.find(({ kind }) => kind === watchEvent.quality)!.detail.cause;
    for (const name of ["quality-map50", "quality-f1"])
      assert.equal(readAlarmDescription(alarms[name]!["alarmDescription"]).cause, told);
  });

  it("says of each alarm what silence means, whose it is and what to do, and calls one who tells people", async () => {
    const alarms = await alarmsOf(watched);
    const silence = Object.entries(alarms).map(([name, { treatMissingData }]) => [name, treatMissingData]);
    assert.deepEqual(Object.fromEntries(silence), {
      errors: "notBreaching",
      latency: "notBreaching",
      cpu: "missing",
      memory: "missing",
      gpu: "missing",
      "gpu-memory": "missing",
      disk: "missing",
      "quality-map50": "ignore",
      "quality-f1": "ignore",
      "quality-estimated": "ignore",
      "label-lag": "ignore",
      "capture-gap": "ignore",
      unwatched: "notBreaching",
    });
    for (const [name, { alarmDescription, alarmActions, okActions }] of Object.entries(alarms)) {
      const { what, severity, area, cause, runbook, command } = readAlarmDescription(alarmDescription);
      for (const said of [what, severity, area, cause, command]) assert.ok(said, `${name}: ${alarmDescription}`);
      assert.ok(existsSync(join(__dirname, "..", "..", "..", runbook!)), `${name}: ${runbook}`);
      assert.deepEqual([alarmActions.length, okActions], [1, alarmActions], name);
    }
  });

  it("scales its one variant between the settings' bounds", async () => {
    const { recorder } = await build("prod", releaseOf());
    const target = recorder.one("aws:appautoscaling/target:Target").inputs;
    assert.deepEqual(
      [target["resourceId"], target["minCapacity"], target["maxCapacity"]],
      ["endpoint/peregrine-prod-detector/variant/champion", 2, 6],
    );
    const policy = recorder.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"];
    assert.equal(policy.predefinedMetricSpecification.predefinedMetricType, "SageMakerVariantInvocationsPerInstance");
    assert.equal(policy.targetValue, 900);
  });

  it("of one instance has nothing to scale: whoever deletes it needs no right to deregister it, and mornings bring it back as it was", async () => {
    const { recorder } = await build("dev", releaseOf());
    assert.deepEqual(recorder.ofType("aws:appautoscaling/target:Target"), []);
  });

  it("asks for hosts whose driver fits the image where those of the family do not, by name and by content", async () => {
    const variant = async (stack: string, changes: Record<string, string> = {}) => {
      const { name, inputs } = (await build(stack, releaseOf(), changes)).recorder.one(configuration);
      return { name, ami: inputs["productionVariants"][0].inferenceAmiVersion as string | undefined };
    };
    for (const stack of ["dev", "staging", "prod"])
      assert.equal((await variant(stack)).ami, "al2023-ami-sagemaker-inference-gpu-4-1", stack);
    assert.equal((await variant("prod", { "peregrine:servingInstanceType": "ml.c6i.xlarge" })).ami, undefined);
    assert.equal((await variant("prod", { "peregrine:servingInstanceType": "ml.g7e.2xlarge" })).ami, undefined);
  });

  it("demands a GPU of its container where its hosts have one", async () => {
    const demanded = async (type: string) =>
      (await build("prod", releaseOf(), { "peregrine:servingInstanceType": type })).recorder.one(model).inputs[
        "primaryContainer"
      ].environment.PEREGRINE_REQUIRE_GPU as string | undefined;
    assert.deepEqual([await demanded("ml.g6.xlarge"), await demanded("ml.c6i.xlarge")], ["1", undefined]);
  });

  it("stays on the instance type that its release came with, and going back goes back to the type, too", async () => {
    const types = async (release: DesiredRelease) =>
      (await build("prod", release, { "peregrine:servingInstanceType": "ml.g6.2xlarge" })).recorder
        .ofType(configuration)
        .map(({ inputs }) => inputs["productionVariants"][0].instanceType as string);
    assert.deepEqual(await types({ ...releaseOf(), instanceType: "ml.g5.xlarge" }), ["ml.g5.xlarge"]);
    const { kept: _none, ...older } = releaseOf("a");
    assert.deepEqual(
      await types({
        ...releaseOf("b"),
        instanceType: "ml.g6.2xlarge",
        kept: [{ ...older, instanceType: "ml.g5.xlarge" }],
      }),
      ["ml.g6.2xlarge", "ml.g5.xlarge"],
    );
  });

  it("shows a dashboard whose graphs name this endpoint", async () => {
    const { recorder } = await build("prod", releaseOf());
    const body = JSON.parse(
      recorder.one("aws:cloudwatch/dashboard:Dashboard", "peregrine-prod-detector-dashboard").inputs["dashboardBody"],
    );
    const graphs = body.widgets.filter(({ type }: { type: string }) => type === "metric");
    assert.ok(graphs.length >= 6);
    for (const { properties } of graphs)
      for (const metric of properties.metrics) assert.ok(metric.includes("peregrine-prod-detector"));
  });

  it("keeps model and configuration when they are replaced, for SageMaker may roll back to them", async () => {
    const { recorder, options } = await build("prod", releaseOf());
    for (const type of [model, configuration])
      assert.equal(options.get(`${type} ${recorder.one(type).name}`)?.retainOnDelete, true);
  });

  it("leaves names of model and configuration to Pulumi, after a stem with a content digest", async () => {
    const { recorder } = await build("prod", releaseOf());
    for (const type of [model, configuration]) {
      assert.equal(recorder.one(type).inputs["name"], undefined);
      assert.match(recorder.one(type).name, /^peregrine-prod-detector-[0-9a-f]{12}$/);
    }
  });

  it("gets another model and configuration for another archive, and the same for the same", async () => {
    const names = async (release: DesiredRelease, changes = {}) => {
      const { recorder } = await build("prod", release, changes);
      return [recorder.one(model).name, recorder.one(configuration).name];
    };
    const first = await names(releaseOf("a"));
    assert.deepEqual(await names(releaseOf("a")), first);
    const other = await names(releaseOf("b"));
    assert.notEqual(other[0], first[0]);
    assert.notEqual(other[1], first[1]);
    const bigger = await names(releaseOf("a"), { "peregrine:servingInstanceType": "ml.g6.2xlarge" });
    assert.equal(bigger[0], first[0], "the model is the same");
    assert.notEqual(bigger[1], first[1], "the configuration is not");
  });

  it("keeps earlier releases in the stack under the names they had, so that going back creates nothing", async () => {
    const names = async (release: DesiredRelease) => {
      const { recorder } = await build("prod", release);
      return [model, configuration].map((type) => recorder.ofType(type).map(({ name }) => name));
    };
    const [olderModels, olderConfigurations] = await names(releaseOf("a"));
    const { kept: _none, ...older } = releaseOf("a");
    const [models, configurations] = await names({ ...releaseOf("b"), kept: [older] });
    assert.deepEqual([models!.length, configurations!.length], [2, 2]);
    assert.deepEqual([models![1], configurations![1]], [olderModels![0], olderConfigurations![0]]);
    const [again] = await names({ ...releaseOf("b"), kept: [older, older] });
    assert.equal(again!.length, 2, "the same release twice is one model");
  });

  it("starts a new fleet as large as the one it replaces, within the settings' bounds", async () => {
    const counts = async (instances?: number) =>
      (await build("prod", { ...releaseOf(), instances })).recorder.one(configuration).inputs["productionVariants"][0]
        .initialInstanceCount;
    assert.deepEqual([await counts(), await counts(1), await counts(4), await counts(40)], [2, 2, 4, 6]);
  });

  it("serves without network access", async () => {
    const { recorder } = await build("prod", releaseOf());
    assert.equal(recorder.one(model).inputs["enableNetworkIsolation"], true);
  });
});
