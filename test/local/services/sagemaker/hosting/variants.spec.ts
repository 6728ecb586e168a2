import assert from "node:assert/strict";
import fc from "fast-check";
import type { Members } from "../../../../../local/members";
import { AwsError } from "../../../../../local/errors";
import { withDesired } from "../../../../../local/services/sagemaker/hosting/capacity";
import type { Deployed, Variant } from "../../../../../local/services/sagemaker/hosting/endpoint";
import { eventually } from "../../../../support/eventually";
import { configured, served, startTestCloud, type TestCloud } from "../harness";

const modelOf = (answer: Members): string => JSON.parse(answer.Body.toString()).model;
const variant = (
  VariantName: string,
  ModelName: string,
  InitialVariantWeight: number,
  more: Members = {},
): Members => ({
  VariantName,
  ModelName,
  InitialVariantWeight,
  InstanceType: "ml.c6i.large",
  InitialInstanceCount: 1,
  ...more,
});

describe("several production variants", () => {
  let test: TestCloud;
  const config = (name: string, variants: Members[], more: Members = {}): Promise<Members> =>
    test.call("CreateEndpointConfig", { EndpointConfigName: name, ProductionVariants: variants, ...more });
  const weigh = (...DesiredWeightsAndCapacities: Members[]): Promise<Members> =>
    test.call("UpdateEndpointWeightsAndCapacities", { EndpointName: "shop", DesiredWeightsAndCapacities });
  const sumOf = (name: string, VariantName: string): number =>
    test.samples
      .filter(({ dimensions, ...sample }) => sample.name === name && dimensions.VariantName === VariantName)
      .filter(({ dimensions }) => Object.keys(dimensions).length === 2)
      .reduce((sum, { value }) => sum + value, 0);
  const shown = async (): Promise<unknown[]> =>
    (await test.call("DescribeEndpoint", { EndpointName: "shop" })).ProductionVariants.map((one: Members) => [
      one.VariantName,
      one.CurrentWeight,
      one.CurrentInstanceCount,
    ]);

  beforeEach(async () => {
    test = await startTestCloud({ speed: 60 });
    for (const name of ["alpha", "beta"]) await configured(test, name);
    await config("both", [variant("champion", "alpha", 3), variant("challenger", "beta", 1)], {
      DataCaptureConfig: {
        InitialSamplingPercentage: 100,
        DestinationS3Uri: "s3://artifacts/capture",
        CaptureOptions: [{ CaptureMode: "Output" }],
      },
    });
    await served(test, "shop", "both");
  });
  afterEach(() => test.stop());

  it("are measured and captured each by itself, whoever chose them", async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        test.invoke({ EndpointName: "shop", ...(index % 4 === 0 ? { TargetVariant: "challenger" } : {}) }),
      ),
    );
    const counts = { champion: 0, challenger: 0 };
    for (const answer of answers) {
      const name = answer.InvokedProductionVariant as keyof typeof counts;
      counts[name]++;
      assert.equal(modelOf(answer), name === "champion" ? "alpha" : "beta");
    }
    // 50 were sent to it, and of 150 one in four: Binomial(150, 1/4) leaves 10..70 once in 10^8.
    assert.ok(counts.challenger > 60 && counts.challenger < 120, String(counts.challenger));
    await test
      .invoke({ EndpointName: "shop", TargetVariant: "champion", Body: Buffer.from("fail 500") })
      .catch(() => 0);
    await eventually(() => {
      assert.equal(sumOf("Invocations", "champion"), counts.champion + 1);
      assert.equal(sumOf("Invocations", "challenger"), counts.challenger);
      assert.deepEqual([sumOf("Invocation5XXErrors", "champion"), sumOf("Invocation5XXErrors", "challenger")], [1, 0]);
    });
    await test.stop();
    const lines = (name: string): number =>
      [...test.bucket]
        .filter(([key]) => key.startsWith(`artifacts/capture/shop/${name}/`))
        .reduce((sum, [, body]) => sum + body.toString().trim().split("\n").length, 0);
    assert.deepEqual([lines("champion"), lines("challenger")], [counts.champion + 1, counts.challenger]);
  });

  it("count their invocations per instance by their own instances", async () => {
    await weigh({ VariantName: "challenger", DesiredInstanceCount: 2 });
    await test.endpointUntil("shop", "InService");
    for (const TargetVariant of ["champion", "challenger"])
      for (let index = 0; index < 4; index++) await test.invoke({ EndpointName: "shop", TargetVariant });
    await eventually(() =>
      assert.deepEqual(
        [sumOf("InvocationsPerInstance", "champion"), sumOf("InvocationsPerInstance", "challenger")],
        [4, 2],
      ),
    );
  });

  it("keep what they were given over an update that retains it, and lose it over one that does not", async () => {
    await weigh({ VariantName: "champion", DesiredWeight: 1 }, { VariantName: "challenger", DesiredWeight: 0 });
    await test.endpointUntil("shop", "InService");
    await weigh({ VariantName: "champion", DesiredInstanceCount: 2 });
    await test.endpointUntil("shop", "InService");
    await config("next", [
      variant("champion", "beta", 5),
      variant("challenger", "alpha", 5),
      variant("third", "beta", 7),
    ]);
    const update = async (more: Members): Promise<unknown[]> => {
      await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "next", ...more });
      await test.endpointUntil("shop", "InService");
      return shown();
    };
    // A variant that was not there has nothing to retain.
    assert.deepEqual(await update({ RetainAllVariantProperties: true }), [
      ["champion", 1, 2],
      ["challenger", 0, 1],
      ["third", 7, 1],
    ]);
    assert.deepEqual(
      await update({
        RetainAllVariantProperties: true,
        ExcludeRetainedVariantProperties: [{ VariantPropertyType: "DesiredWeight" }],
      }),
      [
        ["champion", 5, 2],
        ["challenger", 5, 1],
        ["third", 7, 1],
      ],
    );
    assert.deepEqual(await update({}), [
      ["champion", 5, 1],
      ["challenger", 5, 1],
      ["third", 7, 1],
    ]);
  });

  it("are split by their weights on both fleets of a canary, and answer to their names on the old one throughout", async () => {
    const counted = { InitialInstanceCount: 2 };
    await config("next", [variant("champion", "beta", 1, counted), variant("challenger", "alpha", 0, counted)]);
    await test.call("UpdateEndpoint", {
      EndpointName: "shop",
      EndpointConfigName: "next",
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: "CANARY",
            WaitIntervalInSeconds: 240,
            CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
          },
        },
      },
    });
    await test.describeUntil("DescribeEndpoint", { EndpointName: "shop" }, (answer) =>
      /^Baking/.test(answer.PendingDeploymentSummary?.ProductionVariants[1].VariantStatus?.[0].StatusMessage),
    );
    const seen = new Set<string>();
    for (let index = 0; index < 120; index++) {
      const answer = await test.invoke({ EndpointName: "shop" });
      seen.add(`${answer.InvokedProductionVariant} ${modelOf(answer)}`);
    }
    assert.deepEqual([...seen].sort(), ["challenger beta", "champion alpha", "champion beta"]);
    await test.endpointUntil("shop", "InService");
    await assert.rejects(
      test.invoke({ EndpointName: "shop", TargetVariant: "third" }),
      /Variant third of endpoint shop/,
    );
  });

  it("cannot be told what makes no sense", async () => {
    const refused = (...DesiredWeightsAndCapacities: Members[]): Promise<string> =>
      test.refused("UpdateEndpointWeightsAndCapacities", { EndpointName: "shop", DesiredWeightsAndCapacities });
    assert.match(
      await refused({ VariantName: "champion", DesiredWeight: 0 }, { VariantName: "challenger", DesiredWeight: 0 }),
      /weight greater than 0/,
    );
    assert.match(
      await refused(
        { VariantName: "champion", DesiredInstanceCount: 2 },
        { VariantName: "challenger", DesiredInstanceCount: 2 },
      ),
      /capacity of one variant/,
    );
    assert.match(
      await refused({ VariantName: "champion", DesiredWeight: 1 }, { VariantName: "champion", DesiredWeight: 2 }),
      /more than once/,
    );
    assert.match(
      await test.refused("CreateEndpointConfig", {
        EndpointConfigName: "none",
        ProductionVariants: [variant("champion", "alpha", 0), variant("challenger", "beta", 0)],
      }),
      /weight greater than 0/,
    );
    assert.match(
      await test.refused("UpdateEndpoint", {
        EndpointName: "shop",
        EndpointConfigName: "both",
        DeploymentConfig: {
          RollingUpdatePolicy: { MaximumBatchSize: { Type: "CAPACITY_PERCENT", Value: 50 }, WaitIntervalInSeconds: 0 },
        },
      }),
      /RollingUpdatePolicy is not supported for an endpoint with several variants/,
    );
    assert.deepEqual(await shown(), [
      ["champion", 3, 1],
      ["challenger", 1, 1],
    ]);
  });
});

describe("desired weights and counts", () => {
  const names = ["a", "b", "c"];
  const count = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
  const change = fc.record({
    VariantName: fc.constantFrom(...names, "unknown"),
    DesiredWeight: count,
    DesiredInstanceCount: count,
  });
  const live = (weights: readonly number[]): Deployed => ({
    configName: "x",
    variants: weights.map(
      (weight, index) =>
        ({ name: names[index]!, weight, desiredWeight: weight, instances: 1, desiredInstances: 1 }) as Variant,
    ),
  });

  it("change what is named and nothing else, leave some variant traffic and each an instance, or are refused", () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (weights, changes) => {
          const before = live(weights);
          let after: Deployed;
          try {
            after = withDesired(before, changes, "arn");
          } catch (error) {
            assert.ok(error instanceof AwsError && error.code === "ValidationException");
            return;
          }
          taken++;
          assert.ok(after.variants.some(({ desiredWeight }) => desiredWeight > 0));
          assert.ok(after.variants.every(({ desiredInstances }) => desiredInstances >= 1));
          for (const [index, one] of after.variants.entries()) {
            const old = before.variants[index]!;
            const wanted = changes.filter(({ VariantName }) => VariantName === one.name);
            assert.ok(wanted.length <= 1);
            assert.deepEqual(one, {
              ...old,
              desiredWeight: wanted[0]?.DesiredWeight ?? old.desiredWeight,
              desiredInstances: wanted[0]?.DesiredInstanceCount ?? old.desiredInstances,
            });
          }
        },
      ),
      { numRuns: 2000 },
    );
    assert.ok(taken > 100, `${taken} were taken`);
  });
});
