import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { type DesiredRelease, maxKeptReleases, type RunningExperiment } from "../../../contract/desired-release";
import { Platform } from "../../../infra/platform";
import { type Recorded, type Recorder, record } from "../../support/mocks";
import { value } from "../../support/outputs";
import { releaseOf, scopeOf } from "../../support/scope";

const types = {
  configuration: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  endpoint: "aws:sagemaker/endpoint:Endpoint",
  model: "aws:sagemaker/model:Model",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  target: "aws:appautoscaling/target:Target",
  policy: "aws:appautoscaling/policy:Policy",
} as const;

const { kept: _none, promotedAt: _at, promotedBy: _by, ...challenger } = releaseOf("c");
const id = "x-0123456789ab";
const live: RunningExperiment = { id, mode: "live", challenger };
const shadow: RunningExperiment = { id, mode: "shadow", challenger, samplePercent: 40 };

async function build(release: DesiredRelease, stack = "prod"): Promise<Recorder> {
  const recorder = await record(stack);
  const platform = new Platform(scopeOf(stack), release, {});
  await value(platform.outputs["endpointConfigName"] as pulumi.Output<string>);
  const dashboards = "aws:cloudwatch/dashboard:Dashboard";
  for (let turn = 0; turn < 500 && recorder.ofType(dashboards).length < 2; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  return recorder;
}

/** The configuration that the endpoint is to run. */
function configurationOf(recorder: Recorder): Recorded {
  const name = recorder.one(types.endpoint).inputs["endpointConfigName"] as string;
  return recorder.ofType(types.configuration).find(({ outputs }) => outputs["name"] === name)!;
}

type Variants = Record<string, unknown>[];
const weights = (variants: Variants = []) =>
  variants.map(({ variantName, initialVariantWeight }) => [variantName, initialVariantWeight]);

describe("an experiment in the desired release", () => {
  it("starts the challenger beside the champion without any traffic", async () => {
    const recorder = await build({ ...releaseOf(), experiment: live });
    const { inputs } = configurationOf(recorder);
    assert.deepEqual(weights(inputs["productionVariants"]), [
      ["champion", 1],
      ["challenger", 0],
    ]);
    assert.equal(inputs["shadowProductionVariants"], undefined);
    assert.equal(recorder.ofType(types.model).length, 2);
  });

  it("copies a share of the requests to a shadow, which nobody is answered by", async () => {
    const recorder = await build({ ...releaseOf(), experiment: shadow });
    const { inputs } = configurationOf(recorder);
    assert.deepEqual(weights(inputs["productionVariants"]), [["champion", 1]]);
    assert.deepEqual(weights(inputs["shadowProductionVariants"]), [["challenger", 0.4]]);
  });

  it("sends no deployment configuration where variants come or go, says why, and is guarded again afterwards", async () => {
    const endpoint = async (release: DesiredRelease) => (await build(release)).one(types.endpoint).inputs;
    for (const release of [
      { ...releaseOf(), experiment: live },
      { ...releaseOf(), endedExperiment: id },
    ]) {
      const { deploymentConfig, tags } = await endpoint(release);
      assert.equal(deploymentConfig, undefined);
      assert.equal(tags.experiment, id);
    }
    const { deploymentConfig, tags } = await endpoint(releaseOf());
    assert.ok(deploymentConfig);
    assert.equal(tags.experiment, undefined);
  });

  it("keeps the configuration without the challenger in the stack, under the name it had", async () => {
    const names = async (release: DesiredRelease) => {
      const recorder = await build(release);
      return {
        live: configurationOf(recorder).name,
        all: recorder.ofType(types.configuration).map(({ name }) => name),
      };
    };
    const before = await names(releaseOf());
    const during = await names({ ...releaseOf(), experiment: live });
    assert.deepEqual(during.all.sort(), [before.live, during.live].sort());
    assert.notEqual(during.live, before.live);
    assert.deepEqual(await names({ ...releaseOf(), endedExperiment: id }), before);
  });

  it("gets another configuration in another experiment with the same challenger", async () => {
    const name = async (experiment: RunningExperiment) =>
      configurationOf(await build({ ...releaseOf(), experiment })).name;
    const first = await name(live);
    const others = [await name({ ...live, id: "x-ba9876543210" }), await name(shadow)];
    assert.equal(new Set([first, ...others]).size, 3);
    assert.equal(await name(live), first);
  });

  it("watches and scales a live challenger for itself, and only watches a shadow", async () => {
    const found = async (experiment: RunningExperiment) => {
      const recorder = await build({ ...releaseOf(), experiment });
      return {
        alarms: recorder
          .ofType(types.alarm)
          .filter(({ inputs }) => inputs["dimensions"]?.VariantName === "challenger")
          .map(({ name }) => name),
        targets: recorder.ofType(types.target).map(({ inputs }) => inputs["resourceId"] as string),
        policies: recorder.ofType(types.policy).map(({ inputs }) => inputs["name"] as string),
      };
    };
    const alarms = ["errors", "latency"].map((name) => `peregrine-prod-detector-challenger-${name}`);
    const variants = (...names: string[]) => names.map((name) => `endpoint/peregrine-prod-detector/variant/${name}`);
    assert.deepEqual(await found(live), {
      alarms,
      targets: variants("champion", "challenger"),
      policies: ["peregrine-prod-detector-load", "peregrine-prod-detector-load-challenger"],
    });
    assert.deepEqual(await found(shadow), {
      alarms,
      targets: variants("champion"),
      policies: ["peregrine-prod-detector-load"],
    });
  });

  it("leaves everything else as it was", async () => {
    const others = async (release: DesiredRelease) =>
      (await build(release)).resources
        .map(({ type, name }) => `${type} ${name}`)
        .filter((one) => !/endpointConfiguration|sagemaker\/model|rollout-|challenger/.test(one))
        .sort();
    assert.deepEqual(await others({ ...releaseOf(), experiment: live }), await others(releaseOf()));
  });

  it("fits a parameter of the standard tier together with the releases that are kept", () => {
    const long = { ...challenger, instances: 10, instanceType: "ml.g6.48xlarge" as const };
    const release = { ...releaseOf(), kept: Array.from({ length: maxKeptReleases }, () => long) };
    const text = JSON.stringify({ ...release, experiment: { ...shadow, challenger: long } });
    assert.ok(text.length < 4096, `${text.length} characters`);
  });
});
