import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import fc from "fast-check";
import type { Members } from "../../../../../local/members";
import { splitOf, type Deployed, type Variant } from "../../../../../local/services/sagemaker/hosting/endpoint";
import { Fleet } from "../../../../../local/services/sagemaker/hosting/fleets/fleet";
import { Router } from "../../../../../local/services/sagemaker/hosting/rollouts/router";
import { eventually } from "../../../../support/eventually";
import { makeTemporaryFolder } from "../../../../support/temporary-folder";
import { configured, served, startTestCloud, type TestCloud, type TestOptions } from "../harness";

const modelOf = (answer: Members): string => JSON.parse(answer.Body.toString()).model;
const variant = (VariantName: string, ModelName: string, more: Members = {}): Members => ({
  VariantName,
  ModelName,
  InstanceType: "ml.c6i.large",
  InitialInstanceCount: 1,
  ...more,
});
const capture = {
  InitialSamplingPercentage: 100,
  DestinationS3Uri: "s3://artifacts/capture",
  CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
  CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
};

describe("a shadow variant", () => {
  let test: TestCloud;
  const config = (name: string, more: Members = {}): Promise<Members> =>
    test.call("CreateEndpointConfig", {
      EndpointConfigName: name,
      ProductionVariants: [variant("champion", "alpha")],
      ShadowProductionVariants: [variant("shadow", "beta")],
      ...more,
    });
  const refused = (name: string, more: Members): Promise<string> =>
    test.refused("CreateEndpointConfig", {
      EndpointConfigName: name,
      ProductionVariants: [variant("champion", "alpha")],
      ShadowProductionVariants: [variant("shadow", "beta")],
      ...more,
    });
  const sumOf = (name: string, VariantName: string): number =>
    test.samples
      .filter((sample) => sample.name === name && Object.keys(sample.dimensions).length === 2)
      .filter(({ dimensions }) => dimensions.VariantName === VariantName)
      .reduce((sum, { value }) => sum + value, 0);
  const captured = (name: string): Members[] =>
    [...test.bucket]
      .filter(([key]) => key.startsWith(`artifacts/capture/shop/${name}/`))
      .flatMap(([, body]) => body.toString().trim().split("\n"))
      .map((line) => JSON.parse(line));
  const begin = async (options: TestOptions = {}, environment: Members = {}): Promise<void> => {
    test = await startTestCloud({ speed: 60, ...options });
    await configured(test, "alpha");
    await configured(test, "beta", { environment });
  };
  beforeEach(() => begin());
  afterEach(() => test.stop());

  it("gets a copy of each request, and is measured and captured by itself; the answer is production's", async () => {
    await config("shadowed", { DataCaptureConfig: capture });
    await served(test, "shop", "shadowed");
    for (let index = 0; index < 20; index++) {
      const answer = await test.invoke({ EndpointName: "shop", InferenceId: `id-${index}` });
      assert.deepEqual([answer.InvokedProductionVariant, modelOf(answer)], ["champion", "alpha"]);
    }
    await eventually(() => {
      for (const name of ["champion", "shadow"])
        assert.deepEqual([sumOf("Invocations", name), sumOf("InvocationsPerInstance", name)], [20, 20]);
      assert.ok(sumOf("ModelLatency", "shadow") > 0);
    });
    await test.stop();
    const [production, shadow] = ["champion", "shadow"].map(captured) as [Members[], Members[]];
    const ids = (lines: Members[]): string[] => lines.map((line) => line.eventMetadata.inferenceId).sort();
    assert.deepEqual(ids(shadow), ids(production));
    assert.equal(new Set(ids(shadow)).size, 20);
    const modelsIn = (lines: Members[]): string[] => [
      ...new Set(lines.map((line) => JSON.parse(line.captureData.endpointOutput.data).model as string)),
    ];
    assert.deepEqual([modelsIn(production), modelsIn(shadow)], [["alpha"], ["beta"]]);
  });

  it("gets a share of the requests by its weight over production's, which a change of weights moves", async () => {
    await config("shadowed", {
      ProductionVariants: [variant("champion", "alpha", { InitialVariantWeight: 2 })],
      ShadowProductionVariants: [variant("shadow", "beta", { InitialVariantWeight: 1 })],
    });
    await served(test, "shop", "shadowed");
    const ask = async (): Promise<void> => {
      test.samples.splice(0);
      await Promise.all(Array.from({ length: 200 }, () => test.invoke({ EndpointName: "shop" })));
      await eventually(() => assert.equal(sumOf("Invocations", "champion"), 200));
      await test.cloud.clock.sleep(30_000);
    };
    await ask();
    // Binomial(200, 1/2): outside 60..140 once in 10^8.
    const share = sumOf("Invocations", "shadow");
    assert.ok(share > 60 && share < 140, String(share));
    await test.call("UpdateEndpointWeightsAndCapacities", {
      EndpointName: "shop",
      DesiredWeightsAndCapacities: [{ VariantName: "shadow", DesiredWeight: 0 }],
    });
    const after = await test.endpointUntil("shop", "InService");
    assert.deepEqual(
      [after.ShadowProductionVariants[0].CurrentWeight, after.ProductionVariants[0].CurrentWeight],
      [0, 2],
    );
    await ask();
    assert.equal(sumOf("Invocations", "shadow"), 0);
  });

  it("is never felt by who asks: slow, failing, dying or gone", async () => {
    await test.stop();
    await begin({}, { TOY_PAUSE: "2000" });
    await config("shadowed");
    await served(test, "shop", "shadowed");
    const began = performance.now();
    await test.invoke({ EndpointName: "shop" });
    assert.ok(performance.now() - began < 1500, "it waited for the shadow");
    test.cloud.faults.add({ kind: "error", endpoint: "shop", variant: "shadow", status: 500 });
    await test.invoke({ EndpointName: "shop" });
    await eventually(() => assert.equal(sumOf("Invocation5XXErrors", "shadow"), 1));
    test.cloud.faults.clear();
    test.cloud.faults.add({ kind: "crash", endpoint: "shop", variant: "shadow" });
    for (let index = 0; index < 20; index++) await test.invoke({ EndpointName: "shop" });
    await eventually(() => assert.ok(sumOf("Invocation5XXErrors", "shadow") > 5));
    assert.equal(sumOf("Invocation5XXErrors", "champion"), 0);
    assert.equal((await test.call("DescribeEndpoint", { EndpointName: "shop" })).EndpointStatus, "InService");
  });

  it("cannot be asked for, and is described beside the production variants while it comes and stays", async () => {
    await config("shadowed");
    await test.call("CreateEndpoint", { EndpointName: "shop", EndpointConfigName: "shadowed" });
    const { PendingDeploymentSummary: pending } = await test.call("DescribeEndpoint", { EndpointName: "shop" });
    assert.deepEqual(
      pending.ShadowProductionVariants.map((one: Members) => [
        one.VariantName,
        one.DesiredInstanceCount,
        one.VariantStatus[0].StatusMessage,
      ]),
      [["shadow", 1, "Launching 1 instance(s)."]],
    );
    const up = await test.endpointUntil("shop", "InService");
    assert.deepEqual(
      [up.ProductionVariants, up.ShadowProductionVariants].map((list) =>
        list.map((one: Members) => [one.VariantName, one.CurrentInstanceCount, one.CurrentWeight]),
      ),
      [[["champion", 1, 1]], [["shadow", 1, 1]]],
    );
    await assert.rejects(test.invoke({ EndpointName: "shop", TargetVariant: "shadow" }), /Variant shadow of endpoint/);
    const described = await test.call("DescribeEndpointConfig", { EndpointConfigName: "shadowed" });
    assert.deepEqual(described.ShadowProductionVariants, [{ ...variant("shadow", "beta"), InitialVariantWeight: 1 }]);
  });

  it("is promoted by an update, all at once, without a failed request; a guarded update may not take it away", async () => {
    await config("shadowed");
    await config("promoted", {
      ProductionVariants: [variant("champion", "beta")],
      ShadowProductionVariants: undefined,
    });
    await served(test, "shop", "shadowed");
    assert.match(
      await test.refused("UpdateEndpoint", {
        EndpointName: "shop",
        EndpointConfigName: "promoted",
        DeploymentConfig: {
          BlueGreenUpdatePolicy: {
            TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 0 },
          },
        },
      }),
      /the endpoint has champion, shadow shadow, the new configuration champion/,
    );
    await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "promoted" });
    let answers = 0;
    for (;;) {
      answers++;
      await test.invoke({ EndpointName: "shop" });
      if ((await test.call("DescribeEndpoint", { EndpointName: "shop" })).EndpointStatus === "InService") break;
    }
    const after = await test.call("DescribeEndpoint", { EndpointName: "shop" });
    assert.deepEqual([after.EndpointConfigName, after.ShadowProductionVariants], ["promoted", undefined]);
    assert.equal(modelOf(await test.invoke({ EndpointName: "shop" })), "beta");
    assert.ok(answers > 3, `${answers} requests`);
  });

  it("keeps the endpoint from an update when it does not come up", async () => {
    await configured(test, "broken", { environment: { TOY: "crash" } });
    await config("bad", { ShadowProductionVariants: [variant("shadow", "broken")] });
    await served(test, "shop", "alpha");
    await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "bad" });
    assert.equal((await test.endpointUntil("shop", "InService")).EndpointConfigName, "alpha");
  });

  it("is back after a restart", async () => {
    const stateDir = makeTemporaryFolder();
    try {
      await test.stop();
      await begin({ stateDir });
      await config("shadowed");
      await served(test, "shop", "shadowed");
      await test.stop();
      test = await startTestCloud({ stateDir, speed: 60 });
      await test.invoke({ EndpointName: "shop" });
      await eventually(() => assert.equal(sumOf("Invocations", "shadow"), 1));
      await test.stop();
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });

  it("is alone beside one production variant, which serves one model on instances that may", async () => {
    assert.match(
      await refused("x", { ShadowProductionVariants: [variant("s1", "alpha"), variant("s2", "beta")] }),
      /only specify one variant/,
    );
    assert.match(
      await refused("x", { ProductionVariants: [variant("a", "alpha"), variant("b", "beta")] }),
      /only specify one variant/,
    );
    assert.match(await refused("x", { ShadowProductionVariants: [variant("champion", "beta")] }), /Duplicate/);
    assert.match(
      await refused("x", { ShadowProductionVariants: [variant("s", "beta", { InstanceType: "ml.inf1.xlarge" })] }),
      /not supported with shadow variants/,
    );
    assert.match(await refused("x", { ShadowProductionVariants: [variant("s", "gone")] }), /Could not find model/);
    assert.match(
      await refused("x", { ShadowProductionVariants: [{ ...variant("s", "beta"), InitialInstanceCount: undefined }] }),
      /InitialInstanceCount must be at least 1 for production variant "s"/,
    );
  });
});

describe("the copies of a router", () => {
  const fleet = new Fleet(
    "x",
    ["champion", "shadow"].map((name) => ({
      name,
      kind: "instances",
      instances: 1,
      routing: "RANDOM",
      healthCheckMs: 1,
      start: () => assert.fail("nothing is started here"),
      sized: () => undefined,
    })),
  );
  const deployed = (production: number, shadow: number): Deployed => ({
    configName: "x",
    variants: [{ name: "champion", weight: production } as Variant],
    shadow: { name: "shadow", weight: shadow } as Variant,
  });

  it("are made below the ratio of the weights, of every request where that is 1 and of none where it is 0", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 200 }),
        (draw, production, shadow) => {
          const router = new Router(() => draw);
          router.serve(fleet, splitOf(deployed(production, shadow)));
          const route = router.route()!;
          assert.equal(route.variant, "champion");
          assert.equal(route.copy?.variant, draw < shadow / production ? "shadow" : undefined);
          assert.equal(router.route("shadow"), undefined);
        },
      ),
    );
  });
});
