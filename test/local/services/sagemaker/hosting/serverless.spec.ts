import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../../../../../local/members";
import { createApplicationAutoscaling } from "../../../../../local/services/application-autoscaling";
import { hostingOf } from "../../../../../local/services/sagemaker/hosting/offer";
import { eventually } from "../../../../support/eventually";
import { configured, IMAGE, ROLE, served, startTestCloud, type TestCloud } from "../harness";

const bodyOf = (answer: Members): Members => JSON.parse(answer.Body.toString());
const variant = (ModelName: string, more: Members = {}): Members => ({
  VariantName: "fallback",
  ModelName,
  ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 2 },
  ...more,
});

describe("a serverless variant", () => {
  let test: TestCloud;
  const config = (name: string, one: Members, more: Members = {}): Promise<Members> =>
    test.call("CreateEndpointConfig", { EndpointConfigName: name, ProductionVariants: [one], ...more });
  const refused = (one: Members, more: Members = {}): Promise<string> =>
    test.refused("CreateEndpointConfig", { EndpointConfigName: "x", ProductionVariants: [one], ...more });
  const pids = (): number[] =>
    hostingOf(test.cloud)
      .deployments.processes()
      .map(({ pid }) => pid);
  const values = (name: string): number[] =>
    test.samples
      .filter((sample) => sample.name === name && Object.keys(sample.dimensions).length === 2)
      .map(({ value }) => value);
  const invoke = (more: Members = {}): Promise<Members> => test.invoke({ EndpointName: "spare", ...more });
  const begin = async (speed: number, environment: Members = {}): Promise<void> => {
    test = await startTestCloud({ speed, services: (cloud) => [createApplicationAutoscaling(cloud)] });
    await configured(test, "alpha", { environment });
    await config("small", variant("alpha"));
    await served(test, "spare", "small");
  };
  afterEach(() => test.stop());

  it("serves without instances, and says so", async () => {
    await begin(1);
    assert.equal(bodyOf(await invoke()).model, "alpha");
    const [shown] = (await test.call("DescribeEndpoint", { EndpointName: "spare" })).ProductionVariants;
    const limits = { MemorySizeInMB: 2048, MaxConcurrency: 2 };
    assert.deepEqual(
      [shown.CurrentServerlessConfig, shown.DesiredServerlessConfig, shown.DesiredInstanceCount],
      [limits, limits, undefined],
    );
  });

  it("throttles what is beyond its concurrency, and takes more when that is raised", async () => {
    await begin(1, { TOY_PAUSE: "500" });
    const ask = async (): Promise<string[]> => {
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => invoke()));
      return outcomes.map((one) => (one.status === "fulfilled" ? "ok" : (one.reason as Error).message)).sort();
    };
    assert.deepEqual(await ask(), ["Rate exceeded", "Rate exceeded", "Rate exceeded", "ok", "ok"]);
    await eventually(() => {
      // What was throttled reached no model.
      assert.equal(values("Invocations").length, 2);
      assert.deepEqual(values("ServerlessConcurrentExecutionsUtilization").sort(), [0.5, 1]);
    });
    const code = await test.refused("UpdateEndpointWeightsAndCapacities", {
      EndpointName: "spare",
      DesiredWeightsAndCapacities: [{ VariantName: "fallback", DesiredInstanceCount: 2 }],
    });
    assert.match(code, /Use ServerlessUpdateConfig for serverless variants/);
    await test.call("UpdateEndpointWeightsAndCapacities", {
      EndpointName: "spare",
      DesiredWeightsAndCapacities: [{ VariantName: "fallback", ServerlessUpdateConfig: { MaxConcurrency: 5 } }],
    });
    const after = await test.endpointUntil("spare", "InService");
    assert.equal(after.ProductionVariants[0].CurrentServerlessConfig.MaxConcurrency, 5);
    assert.deepEqual(await ask(), ["ok", "ok", "ok", "ok", "ok"]);
  });

  it("has one container a request, ends them when they are idle, and then starts cold", async () => {
    await begin(600, { TOY_PAUSE: "300" });
    await Promise.all([invoke(), invoke()]);
    assert.ok(pids().length <= 2);
    await eventually(() => assert.deepEqual(pids(), []));
    test.samples.splice(0);
    await invoke();
    await eventually(() => {
      const [setup] = values("ModelSetupTime");
      const [overhead] = values("OverheadLatency");
      const [model] = values("ModelLatency");
      assert.ok(setup! > 10_000, `${setup} microseconds to set up`);
      assert.ok(overhead! >= setup!, "the cold start is overhead");
      assert.ok(model! < 2_000_000 && model! >= 300_000, `${model} microseconds in the model`);
    });
    for (const absent of ["InvocationsPerInstance", "InvocationModelErrors", "CPUUtilization", "DiskUtilization"])
      assert.deepEqual(values(absent), [], absent);
  });

  it("keeps as many containers as are provisioned, warm", async () => {
    await begin(600);
    await config("ready", {
      ...variant("alpha"),
      ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 3, ProvisionedConcurrency: 2 },
    });
    await test.call("UpdateEndpoint", { EndpointName: "spare", EndpointConfigName: "ready" });
    await test.endpointUntil("spare", "InService");
    // Idle containers go after half a second here.
    await delay(1000);
    const before = pids();
    assert.equal(before.length, 2);
    test.samples.splice(0);
    await invoke();
    await eventually(() => assert.deepEqual(values("ServerlessProvisionedConcurrencyUtilization"), [0.5]));
    assert.deepEqual(values("ModelSetupTime"), []);
    assert.deepEqual(pids(), before);
  });

  it("loses a request with its container, and starts another for the next", async () => {
    await begin(1);
    await assert.rejects(invoke({ Body: Buffer.from("die") }), (error: Members) => {
      assert.deepEqual([error.code, error.members.OriginalStatusCode], ["ModelError", 0]);
      return true;
    });
    await eventually(async () => assert.equal(bodyOf(await invoke()).model, "alpha"));
  });

  it("fails its endpoint when its container does not come up", async () => {
    await begin(1);
    await configured(test, "crash", { environment: { TOY: "crash" } });
    await config("bad", variant("crash"));
    await test.call("CreateEndpoint", { EndpointName: "bad", EndpointConfigName: "bad" });
    assert.match((await test.endpointUntil("bad", "Failed")).FailureReason, /did not pass the ping health check/);
  });

  it("takes 4 MB and no more", async () => {
    await begin(1);
    await invoke({ Body: Buffer.alloc(4 * 1024 ** 2) });
    await assert.rejects(invoke({ Body: Buffer.alloc(4 * 1024 ** 2 + 1) }), /must not be larger than 4 MB/);
  });

  it("becomes one of instances by an update, and never one of instances serverless", async () => {
    await begin(1);
    await test.call("UpdateEndpoint", { EndpointName: "spare", EndpointConfigName: "alpha" });
    const after = await test.endpointUntil("spare", "InService");
    assert.equal(after.ProductionVariants[0].CurrentInstanceCount, 1);
    assert.equal(bodyOf(await invoke()).model, "alpha");
    assert.match(
      await test.refused("UpdateEndpoint", { EndpointName: "spare", EndpointConfigName: "small" }),
      /^ValidationException: Cannot update endpoint .* from an instance-based to a serverless endpoint/,
    );
  });

  it("is refused with what AWS excludes", async () => {
    await begin(1);
    const { ServerlessConfig: limits } = variant("alpha");
    const cases: [RegExp, Members, Members?][] = [
      [/InstanceType cannot be specified together/, variant("alpha", { InstanceType: "ml.c6i.large" })],
      [/MemorySizeInMB must be one of/, variant("alpha", { ServerlessConfig: { ...limits, MemorySizeInMB: 2000 } })],
      [
        /ProvisionedConcurrency must be less/,
        variant("alpha", { ServerlessConfig: { ...limits, ProvisionedConcurrency: 3 } }),
      ],
      [
        /DataCaptureConfig is not supported/,
        variant("alpha"),
        {
          DataCaptureConfig: {
            InitialSamplingPercentage: 100,
            DestinationS3Uri: "s3://artifacts/capture",
            CaptureOptions: [{ CaptureMode: "Output" }],
          },
        },
      ],
      [
        /do not support multiple production variants or shadow/,
        variant("alpha"),
        { ShadowProductionVariants: [variant("alpha", { VariantName: "shadow" })] },
      ],
    ];
    for (const [words, one, more] of cases) assert.match(await refused(one, more), words);
    await test.call("CreateModel", {
      ModelName: "inside",
      ExecutionRoleArn: ROLE,
      PrimaryContainer: { Image: IMAGE },
      VpcConfig: { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] },
    });
    assert.match(await refused(variant("inside")), /VpcConfig is not supported for serverless/);
    assert.match(
      await test.refused("CreateEndpoint", {
        EndpointName: "guarded",
        EndpointConfigName: "small",
        DeploymentConfig: {
          BlueGreenUpdatePolicy: {
            TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 0 },
          },
        },
      }),
      /DeploymentConfig is not supported for serverless/,
    );
    assert.match(
      await test.refused(
        "RegisterScalableTarget",
        {
          ServiceNamespace: "sagemaker",
          ResourceId: "endpoint/spare/variant/fallback",
          ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
          MinCapacity: 1,
          MaxCapacity: 2,
        },
        "application-autoscaling",
      ),
      /No scalable resource found/,
    );
  });
});
