import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { createApplicationAutoscaling } from "../../../../local/services/application-autoscaling";
import { configured, served, startTestCloud, type TestCloud } from "../sagemaker/harness";

const target = {
  ServiceNamespace: "sagemaker",
  ResourceId: "endpoint/shop/variant/champion",
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
};
const tracking = {
  ...target,
  PolicyName: "load",
  PolicyType: "TargetTrackingScaling",
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: 100,
    PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
  },
};
const service = "application-autoscaling";

describe("autoscaling of an endpoint", () => {
  let test: TestCloud;
  let perMinute: number;
  /** An operation that nobody may call. */
  let mayNot: string | undefined;
  beforeEach(async () => {
    perMinute = 50;
    mayNot = undefined;
    test = await startTestCloud({
      speed: 240,
      deny: ({ operation }) => (operation === mayNot ? "not allowed" : undefined),
      services: (cloud) => [
        createApplicationAutoscaling(cloud),
        {
          id: "cloudwatch",
          operations: {
            GetMetricStatistics: (input) => {
              assert.deepEqual(
                [input.Namespace, input.MetricName, input.Statistics],
                ["AWS/SageMaker", "InvocationsPerInstance", ["Sum"]],
              );
              const minutes = [3, 2, 1].map((ago) => new Date(cloud.clock.nowMs() - ago * 60_000));
              return { Datapoints: minutes.map((Timestamp) => ({ Timestamp, Sum: perMinute })) };
            },
          },
        },
      ],
    });
    await configured(test, "alpha");
    await served(test, "shop", "alpha");
  });
  afterEach(() => test.stop());

  it("adds real instances under load, within the bounds, and tells so in its activities", async () => {
    await test.call("RegisterScalableTarget", { ...target, MinCapacity: 1, MaxCapacity: 2 }, service);
    await test.call("PutScalingPolicy", tracking, service);
    perMinute = 1000;
    const grown = await test.describeUntil(
      "DescribeEndpoint",
      { EndpointName: "shop" },
      (answer) => answer.ProductionVariants[0].CurrentInstanceCount === 2,
    );
    assert.equal(grown.ProductionVariants[0].DesiredInstanceCount, 2);
    const { ScalingActivities } = await test.call(
      "DescribeScalingActivities",
      { ServiceNamespace: "sagemaker" },
      service,
    );
    assert.equal(ScalingActivities[0].Description, "Setting desired instance count to 2.");
  });

  it("raises a variant to the minimum capacity", async () => {
    await test.call("RegisterScalableTarget", { ...target, MinCapacity: 2, MaxCapacity: 3 }, service);
    await test.call("PutScalingPolicy", tracking, service);
    await test.describeUntil(
      "DescribeEndpoint",
      { EndpointName: "shop" },
      (answer) => answer.ProductionVariants[0].CurrentInstanceCount === 2,
    );
  });

  it("refuses what does not exist, in AWS's words", async () => {
    const refused = (operation: string, input: Members): Promise<string> => test.refused(operation, input, service);
    assert.match(
      await refused("RegisterScalableTarget", {
        ...target,
        ResourceId: "endpoint/shop/variant/x",
        MinCapacity: 1,
        MaxCapacity: 2,
      }),
      /^ValidationException: No scalable resource found/,
    );
    assert.match(
      await refused("RegisterScalableTarget", { ...target, MinCapacity: 3, MaxCapacity: 2 }),
      /Maximum capacity cannot be less than minimum capacity/,
    );
    assert.equal(
      await refused("PutScalingPolicy", tracking),
      "ObjectNotFoundException: No scalable target registered for service namespace: sagemaker, resource ID: endpoint/shop/variant/champion, scalable dimension: sagemaker:variant:DesiredInstanceCount",
    );
    await test.call("RegisterScalableTarget", { ...target, MinCapacity: 1, MaxCapacity: 2 }, service);
    for (const [metric, words] of [
      [
        "ECSServiceAverageCPUUtilization",
        /is not supported for scalable dimension sagemaker:variant:DesiredInstanceCount/,
      ],
      ["SageMakerVariantConcurrentRequestsPerModelHighResolution", /The local cloud tracks/],
    ] as const)
      assert.match(
        await refused("PutScalingPolicy", {
          ...tracking,
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: 100,
            PredefinedMetricSpecification: { PredefinedMetricType: metric },
          },
        }),
        words,
      );
    await test.call("DeregisterScalableTarget", target, service);
    assert.match(
      await refused("DeregisterScalableTarget", target),
      /^ObjectNotFoundException: No scalable target found/,
    );
  });

  it("forgets policies together with their target", async () => {
    const { ScalableTargetARN } = await test.call(
      "RegisterScalableTarget",
      { ...target, MinCapacity: 1, MaxCapacity: 2, Tags: { project: "peregrine" } },
      service,
    );
    await test.call("PutScalingPolicy", tracking, service);
    assert.deepEqual((await test.call("ListTagsForResource", { ResourceARN: ScalableTargetARN }, service)).Tags, {
      project: "peregrine",
    });
    await test.call("DeregisterScalableTarget", target, service);
    assert.deepEqual(
      (await test.call("DescribeScalingPolicies", { ServiceNamespace: "sagemaker" }, service)).ScalingPolicies,
      [],
    );
    assert.deepEqual(
      (await test.call("DescribeScalableTargets", { ServiceNamespace: "sagemaker" }, service)).ScalableTargets,
      [],
    );
  });

  describe("by the clock", () => {
    const plan = (changes: Members): Promise<Members> =>
      test.call("PutScheduledAction", { ...target, ScheduledActionName: "evening", ...changes }, service);
    const instances = (count: number): Promise<Members> =>
      test.describeUntil(
        "DescribeEndpoint",
        { EndpointName: "shop" },
        (answer) =>
          answer.EndpointStatus === "InService" && answer.ProductionVariants[0].CurrentInstanceCount === count,
      );
    const bounds = async (): Promise<number[]> => {
      const [{ MinCapacity, MaxCapacity }] = (
        await test.call("DescribeScalableTargets", { ServiceNamespace: "sagemaker" }, service)
      ).ScalableTargets;
      return [MinCapacity, MaxCapacity];
    };
    /** A minute and a half from now, as clocks on a wall show it. */
    const soon = (aheadHours = 0): string =>
      new Date(test.cloud.clock.nowMs() + 90_000 + aheadHours * 3_600_000).toISOString().slice(0, 19);

    it("gives the target new bounds in its time zone, and moves the variant into them without any policy", async () => {
      await test.call("RegisterScalableTarget", { ...target, MinCapacity: 1, MaxCapacity: 3 }, service);
      const madeMs = test.cloud.clock.nowMs();
      // India's clocks are never put forward.
      await plan({
        Schedule: `at(${soon(5.5)})`,
        Timezone: "Asia/Kolkata",
        ScalableTargetAction: { MinCapacity: 2, MaxCapacity: 2 },
      });
      assert.deepEqual(await bounds(), [1, 3]);
      await instances(2);
      assert.ok(test.cloud.clock.nowMs() - madeMs < 3_600_000, "hours late: not in its time zone");
      assert.deepEqual(await bounds(), [2, 2]);
      const { ScalingActivities } = await test.call(
        "DescribeScalingActivities",
        { ServiceNamespace: "sagemaker" },
        service,
      );
      assert.deepEqual(ScalingActivities.map((one: Members) => [one.Description, one.Cause]).sort(), [
        ["Setting desired instance count to 2.", "minimum capacity was set to 2"],
        ["Setting min capacity to 2 and max capacity to 2", "scheduled action name evening was triggered"],
      ]);
      await plan({ Schedule: "rate(1 minute)", ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 } });
      await instances(1);
    });

    it("does nothing while scheduled scaling is suspended, nor when the action or its target is gone", async () => {
      await test.call(
        "RegisterScalableTarget",
        { ...target, MinCapacity: 1, MaxCapacity: 3, SuspendedState: { ScheduledScalingSuspended: true } },
        service,
      );
      await plan({ Schedule: `at(${soon()})`, ScalableTargetAction: { MinCapacity: 2 } });
      await test.cloud.clock.sleep(120_000);
      assert.deepEqual(await bounds(), [1, 3]);
      await test.call(
        "RegisterScalableTarget",
        { ...target, SuspendedState: { ScheduledScalingSuspended: false } },
        service,
      );
      await plan({ Schedule: "rate(1 minute)" });
      await test.call("DeleteScheduledAction", { ...target, ScheduledActionName: "evening" }, service);
      await test.cloud.clock.sleep(120_000);
      assert.deepEqual(await bounds(), [1, 3]);
    });

    it("ends with the end of its time", async () => {
      await test.call("RegisterScalableTarget", { ...target, MinCapacity: 1, MaxCapacity: 3 }, service);
      await plan({
        Schedule: "rate(1 minute)",
        EndTime: new Date(test.cloud.clock.nowMs() + 30_000),
        ScalableTargetAction: { MaxCapacity: 2 },
      });
      await test.cloud.clock.sleep(120_000);
      assert.deepEqual(await bounds(), [1, 3]);
    });

    it("is refused where it has no times, no such zone or bounds that cross", async () => {
      await test.call("RegisterScalableTarget", { ...target, MinCapacity: 1, MaxCapacity: 3 }, service);
      const refused = (changes: Members): Promise<string> =>
        test.refused("PutScheduledAction", { ...target, ScheduledActionName: "evening", ...changes }, service);
      assert.match(await refused({ Schedule: "cron(0 19 * * MON-FRI *)" }), /^ValidationException/);
      assert.match(
        await refused({ Schedule: "cron(0 19 ? * MON-FRI *)", Timezone: "Europe/Atlantis" }),
        /^ValidationException/,
      );
      assert.match(
        await refused({ Schedule: "rate(1 minute)", ScalableTargetAction: { MinCapacity: 3, MaxCapacity: 2 } }),
        /Maximum capacity cannot be less than minimum capacity/,
      );
    });
  });

  it("moves a variant into the bounds of its target at once", async () => {
    await test.call("RegisterScalableTarget", { ...target, MinCapacity: 2, MaxCapacity: 3 }, service);
    assert.equal(
      (await test.call("DescribeEndpoint", { EndpointName: "shop" })).ProductionVariants[0].DesiredInstanceCount,
      2,
    );
  });

  const register = async (): Promise<void> => {
    await test.call("RegisterScalableTarget", { ...target, MinCapacity: 1, MaxCapacity: 2 }, service);
    await test.call("PutScalingPolicy", tracking, service);
    await test.call(
      "PutScheduledAction",
      {
        ...target,
        ScheduledActionName: "evening",
        Schedule: "cron(0 19 ? * MON-FRI *)",
        ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 },
      },
      service,
    );
  };
  const update = { EndpointName: "shop", EndpointConfigName: "larger" };

  it("holds its instance type: an update with another one is refused until the target is deregistered, one with another model is not", async () => {
    await register();
    await configured(test, "larger", { variant: { InstanceType: "ml.c6i.xlarge" } });
    await configured(test, "better");
    assert.equal(
      await test.refused("UpdateEndpoint", update),
      'ValidationException: The variant(s) "["champion"]" must be deregistered as scalable targets with AutoScaling before they can be removed or have their instance type updated.',
    );
    await test.call("UpdateEndpoint", { ...update, EndpointConfigName: "better" });
    await test.endpointUntil("shop", "InService");
    await test.call("DeregisterScalableTarget", target, service);
    await test.call("UpdateEndpoint", update);
    assert.equal((await test.endpointUntil("shop", "InService")).EndpointConfigName, "larger");
    await register();
  });

  it("holds its variant: an update without it is refused", async () => {
    await register();
    await configured(test, "larger", { variant: { VariantName: "challenger" } });
    assert.match(await test.refused("UpdateEndpoint", update), /must be deregistered as scalable targets/);
  });

  it("goes with the endpoint, without a word", async () => {
    await register();
    assert.equal(
      (await test.call("DescribeScheduledActions", { ServiceNamespace: "sagemaker" }, service)).ScheduledActions.length,
      1,
    );
    await test.call("DeleteEndpoint", { EndpointName: "shop" });
    assert.deepEqual(
      (await test.call("DescribeScheduledActions", { ServiceNamespace: "sagemaker" }, service)).ScheduledActions,
      [],
    );
    assert.deepEqual(
      (await test.call("DescribeScalableTargets", { ServiceNamespace: "sagemaker" }, service)).ScalableTargets,
      [],
    );
    assert.deepEqual(
      (await test.call("DescribeScalingPolicies", { ServiceNamespace: "sagemaker" }, service)).ScalingPolicies,
      [],
    );
  });

  it("keeps an endpoint from those who may delete it and not its target", async () => {
    await register();
    mayNot = "DeregisterScalableTarget";
    assert.equal(
      await test.refused("DeleteEndpoint", { EndpointName: "shop" }),
      "ValidationException: An Application AutoScaling scalable target exists for a variant being deleted, and the IAM identity used to invoke DeleteEndpoint does not have application-autoscaling:DeregisterScalableTarget permission to deregister the scalable target.",
    );
    assert.equal((await test.call("DescribeEndpoint", { EndpointName: "shop" })).EndpointStatus, "InService");
  });
});
