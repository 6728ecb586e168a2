import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../../../../local/members";
import { createApplicationAutoscaling } from "../../../../local/services/application-autoscaling";
import { createCloudWatch } from "../../../../local/services/cloudwatch";
import { configured, served, startTestCloud, type TestCloud } from "../sagemaker/harness";

const service = "application-autoscaling";
const target = (variant: string): Members => ({
  ServiceNamespace: "sagemaker",
  ResourceId: `endpoint/shop/variant/${variant}`,
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
});
const variant = (VariantName: string, ModelName: string, InitialVariantWeight: number): Members => ({
  VariantName,
  ModelName,
  InitialVariantWeight,
  InstanceType: "ml.c6i.large",
  InitialInstanceCount: 1,
});

/** Real metrics, real instances; fifteen minutes pass in four seconds. */
describe("autoscaling of several variants", () => {
  let test: TestCloud;
  beforeEach(async () => {
    test = await startTestCloud({
      speed: 240,
      services: (cloud) => [createCloudWatch(cloud), createApplicationAutoscaling(cloud)],
    });
    for (const name of ["alpha", "beta"]) await configured(test, name);
    for (const [name, ...models] of [
      ["both", "alpha", "beta"],
      ["swapped", "beta", "alpha"],
    ] as const)
      await test.call("CreateEndpointConfig", {
        EndpointConfigName: name,
        ProductionVariants: [variant("champion", models[0], 1), variant("challenger", models[1], 0)],
      });
    await served(test, "shop", "both");
    for (const name of ["champion", "challenger"]) {
      await test.call("RegisterScalableTarget", { ...target(name), MinCapacity: 1, MaxCapacity: 3 }, service);
      await test.call(
        "PutScalingPolicy",
        {
          ...target(name),
          PolicyName: "load",
          PolicyType: "TargetTrackingScaling",
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: 2,
            PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
          },
        },
        service,
      );
    }
  });
  afterEach(() => test.stop());

  const counts = (answer: Members): number[] =>
    answer.ProductionVariants.map((one: Members) => one.CurrentInstanceCount as number);
  const until = (...wanted: number[]): Promise<Members> =>
    test.describeUntil(
      "DescribeEndpoint",
      { EndpointName: "shop" },
      (answer) => answer.EndpointStatus === "InService" && String(counts(answer)) === String(wanted),
    );
  /** Requests until told to end. @returns what failed, and what ends it. */
  const load = (): { failed: string[]; end(): Promise<void> } => {
    let running = true;
    const failed: string[] = [];
    const clients = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (running) {
          await test.invoke({ EndpointName: "shop" }).catch((error: Error) => failed.push(error.message));
          await delay(5);
        }
      }),
    );
    return {
      failed,
      end: async () => {
        running = false;
        await clients;
      },
    };
  };

  it("follows each variant's own load: weights move it, and a variant that nobody asks goes back to the minimum", async () => {
    const { failed, end } = load();
    await until(3, 1);
    await test.call("UpdateEndpointWeightsAndCapacities", {
      EndpointName: "shop",
      DesiredWeightsAndCapacities: [
        { VariantName: "champion", DesiredWeight: 0 },
        { VariantName: "challenger", DesiredWeight: 1 },
      ],
    });
    await until(1, 3);
    await end();
    await until(1, 1);
    assert.deepEqual(failed, []);
  });

  it("outlives an update, which begins with the configuration's counts unless it retains the endpoint's", async () => {
    const { failed, end } = load();
    await until(3, 1);
    const update = async (more: Members): Promise<Members> => {
      await test.call("UpdateEndpoint", { EndpointName: "shop", ...more });
      const deploying = await test.describeUntil("DescribeEndpoint", { EndpointName: "shop" }, (answer) =>
        Boolean(answer.PendingDeploymentSummary),
      );
      await test.describeUntil(
        "DescribeEndpoint",
        { EndpointName: "shop" },
        (answer) => !answer.PendingDeploymentSummary,
      );
      return deploying.PendingDeploymentSummary.ProductionVariants[0];
    };
    const retained = await update({ EndpointConfigName: "swapped", RetainAllVariantProperties: true });
    assert.equal(retained.DesiredInstanceCount, 3);
    const reset = await update({ EndpointConfigName: "both" });
    assert.equal(reset.DesiredInstanceCount, 1);
    await until(3, 1);
    await end();
    assert.deepEqual(failed, []);
    const { ScalableTargets } = await test.call("DescribeScalableTargets", { ServiceNamespace: "sagemaker" }, service);
    assert.equal(ScalableTargets.length, 2);
  });
});
