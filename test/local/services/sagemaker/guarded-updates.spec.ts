import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { hostingOf } from "../../../../local/services/sagemaker/hosting/offer";
import { configured, served, startTestCloud, type TestCloud } from "./harness";

const modelOf = (answer: Members): string => JSON.parse(answer.Body.toString()).model;
const two = { variant: { InitialInstanceCount: 2 } };
const alarms = { AutoRollbackConfiguration: { Alarms: [{ AlarmName: "errors" }] } };
const blueGreen = (routing: Members, TerminationWaitInSeconds = 60, more: Members = {}): Members => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: { WaitIntervalInSeconds: 60, ...routing },
    TerminationWaitInSeconds,
    ...more,
  },
  ...alarms,
});
const canary = blueGreen({ Type: "CANARY", CanarySize: { Type: "INSTANCE_COUNT", Value: 1 } });
const rolling = (more: Members = {}): Members => ({
  RollingUpdatePolicy: { MaximumBatchSize: { Type: "INSTANCE_COUNT", Value: 1 }, WaitIntervalInSeconds: 60, ...more },
  ...alarms,
});

describe("guarded updates", () => {
  let test: TestCloud;
  let alarm: string;
  beforeEach(async () => {
    alarm = "OK";
    test = await startTestCloud({
      speed: 120,
      services: () => [
        {
          id: "cloudwatch",
          operations: { DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: "errors", StateValue: alarm }] }) },
        },
      ],
    });
    await configured(test, "old", two);
    await configured(test, "new", two);
    await served(test, "shop", "old");
  });
  afterEach(() => test.stop());

  const update = (more: Members = {}): Promise<Members> =>
    test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "new", ...more });
  const refused = (more: Members): Promise<string> =>
    test.refused("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "new", ...more });
  const describe_ = (): Promise<Members> => test.call("DescribeEndpoint", { EndpointName: "shop" });
  const settled = (): Promise<Members> =>
    test.describeUntil("DescribeEndpoint", { EndpointName: "shop" }, (answer) => answer.EndpointStatus !== "Updating");
  const messageOf = (answer: Members): string =>
    answer.PendingDeploymentSummary?.ProductionVariants[0].VariantStatus?.[0].StatusMessage ?? "";
  const stage = (message: RegExp): Promise<Members> =>
    test.describeUntil("DescribeEndpoint", { EndpointName: "shop" }, (answer) => message.test(messageOf(answer)));
  /** The stages of the update to `new` that EventBridge was told, in their order. */
  const stages = (): string[] =>
    test.events
      .filter(
        (event) =>
          event.detailType === "SageMaker Endpoint Deployment State Change" &&
          event.detail.PendingDeploymentSummary?.EndpointConfigName === "new",
      )
      .map(
        ({ detail }) =>
          (detail.PendingDeploymentSummary.ProductionVariants[0].VariantStatus ??
            detail.ProductionVariants[0].VariantStatus)[0].StatusMessage as string,
      );
  const shareOfNew = async (): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => test.invoke({ EndpointName: "shop" })));
    return answers.filter((answer) => modelOf(answer) === "new").length;
  };

  it("move a canary's share first, then all, and remember their deployment", async () => {
    await update({ DeploymentConfig: canary });
    const shown = await stage(
      /^Baking for 60 seconds \(WaitIntervalInSeconds\) with traffic enabled on canary capacity of 1 instance\(s\)\.$/,
    );
    assert.deepEqual([shown.EndpointConfigName, shown.PendingDeploymentSummary.EndpointConfigName], ["old", "new"]);
    const [variant] = shown.PendingDeploymentSummary.ProductionVariants;
    assert.deepEqual(
      [variant.CurrentInstanceCount, variant.DesiredInstanceCount, variant.VariantStatus[0].Status],
      [1, 2, "Baking"],
    );
    const share = await shareOfNew();
    assert.ok(share > 20 && share < 80, String(share));
    const done = await settled();
    assert.deepEqual(
      [done.EndpointStatus, done.EndpointConfigName, done.LastDeploymentConfig],
      ["InService", "new", canary],
    );
  });

  it("tell EventBridge each stage, naming the old and the new configuration", async () => {
    await update({ DeploymentConfig: canary });
    await settled();
    assert.deepEqual(
      [...new Set(stages())],
      [
        "Launching 2 instance(s).",
        "Activating traffic on canary capacity of 1 instance(s).",
        "Baking for 60 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 1 instance(s).",
        "Activating traffic on full capacity of 2 instance(s).",
        "Baking for 60 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of 2 instance(s).",
        "Terminating 2 instance(s).",
      ],
    );
    const deployment = test.events.filter(
      (event) => event.detail.PendingDeploymentSummary?.EndpointConfigName === "new",
    );
    assert.ok(
      deployment.every(({ detail }) => detail.EndpointConfigName === "old" && detail.EndpointStatus === "UPDATING"),
    );
    const states = test.events
      .filter((event) => event.detailType === "SageMaker Endpoint State Change")
      .map(({ detail }) => [detail.EndpointStatus, detail.EndpointConfigName]);
    assert.deepEqual(states.slice(-2), [
      ["UPDATING", "old"],
      ["IN_SERVICE", "new"],
    ]);
  });

  it("go in steps when linear", async () => {
    await update({
      DeploymentConfig: blueGreen({ Type: "LINEAR", LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 50 } }, 0),
    });
    assert.equal((await settled()).EndpointConfigName, "new");
    assert.deepEqual([...new Set(stages())].slice(1, 4), [
      "Activating traffic on partial capacity of 1 instance(s).",
      "Baking for 60 seconds (WaitIntervalInSeconds) with traffic enabled on partial capacity of 1 instance(s).",
      "Activating traffic on full capacity of 2 instance(s).",
    ]);
  });

  for (const [wait, message] of [
    ["the canary's", /WaitInterval/],
    ["the last", /TerminationWait/],
  ] as const)
    it(`go back silently when an alarm goes off in ${wait} wait`, async () => {
      await update({ DeploymentConfig: canary });
      await stage(message);
      alarm = "ALARM";
      const done = await settled();
      assert.deepEqual(
        [done.EndpointStatus, done.EndpointConfigName, done.FailureReason, done.PendingDeploymentSummary],
        ["InService", "old", undefined, undefined],
      );
      assert.deepEqual(done.LastDeploymentConfig, canary);
      assert.equal(await shareOfNew(), 0);
      assert.ok(
        !test.events.some(({ detail }) => /roll/i.test(JSON.stringify(detail.EndpointStatus))),
        "no event names a rollback",
      );
    });

  it("end before anything is changed when an alarm is on already", async () => {
    alarm = "ALARM";
    await update({ DeploymentConfig: canary });
    const done = await settled();
    assert.deepEqual(
      [done.EndpointStatus, done.EndpointConfigName, done.LastDeploymentConfig],
      ["InService", "old", canary],
    );
    assert.ok(!stages().some((message) => /traffic/.test(message)), String(stages()));
  });

  it("go back when they take longer than they may", async () => {
    await update({
      DeploymentConfig: blueGreen(
        { Type: "CANARY", CanarySize: { Type: "INSTANCE_COUNT", Value: 1 }, WaitIntervalInSeconds: 900 },
        0,
        { MaximumExecutionTimeoutInSeconds: 600 },
      ),
    });
    const done = await settled();
    assert.deepEqual([done.EndpointStatus, done.EndpointConfigName], ["InService", "old"]);
    assert.ok(!stages().some((message) => /full capacity/.test(message)), String(stages()));
  });

  it("use the last deployment configuration only when they are told to", async () => {
    await update({ DeploymentConfig: blueGreen({ Type: "ALL_AT_ONCE" }, 30) });
    await settled();
    test.events.length = 0;
    await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "old" });
    await settled();
    assert.ok(!JSON.stringify(test.events).includes("Baking"), "RetainDeploymentConfig is false by default");
    await update({ RetainDeploymentConfig: true });
    await settled();
    assert.ok(
      stages().includes(
        "Baking for 30 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of 2 instance(s).",
      ),
      String(stages()),
    );
  });

  it("reset counts and weights unless they are retained, except those excluded", async () => {
    const shape = async (more: Members): Promise<number[]> => {
      await test.call("UpdateEndpointWeightsAndCapacities", {
        EndpointName: "shop",
        DesiredWeightsAndCapacities: [{ VariantName: "champion", DesiredInstanceCount: 1, DesiredWeight: 0.25 }],
      });
      await settled();
      await update(more);
      const [variant] = (await settled()).ProductionVariants;
      return [variant.CurrentInstanceCount, variant.CurrentWeight];
    };
    assert.deepEqual(await shape({}), [2, 1]);
    assert.deepEqual(await shape({ RetainAllVariantProperties: true }), [1, 0.25]);
    assert.deepEqual(
      await shape({
        RetainAllVariantProperties: true,
        ExcludeRetainedVariantProperties: [{ VariantPropertyType: "DesiredWeight" }],
      }),
      [1, 1],
    );
  });

  it("are refused while another change is under way", async () => {
    await update({ DeploymentConfig: canary });
    const inProgress =
      'ValidationException: Cannot update in-progress endpoint "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/shop".';
    assert.equal(await refused({}), inProgress);
    assert.equal(await test.refused("DeleteEndpoint", { EndpointName: "shop" }), inProgress);
    assert.equal(
      await test.refused("UpdateEndpointWeightsAndCapacities", {
        EndpointName: "shop",
        DesiredWeightsAndCapacities: [{ VariantName: "champion", DesiredWeight: 1 }],
      }),
      inProgress,
    );
  });

  it("are refused when their deployment cannot be", async () => {
    const wrong = async (DeploymentConfig: Members): Promise<string> =>
      (await refused({ DeploymentConfig })).replace("ValidationException: ", "");
    assert.match(await wrong({ ...canary, ...rolling() }), /^Only one update policy/);
    assert.match(await wrong(blueGreen({ Type: "CANARY" })), /must have a CanarySize/);
    assert.match(
      await wrong(blueGreen({ Type: "CANARY", CanarySize: { Type: "INSTANCE_COUNT", Value: 2 } })),
      /^CanarySize must be at most 50 % of the 2 instance\(s\) of variant champion, not 2 instance\(s\)/,
    );
    assert.match(
      await wrong(blueGreen({ Type: "LINEAR", LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 5 } })),
      /^LinearStepSize must be between 10 and 50 %/,
    );
    assert.match(
      await wrong(rolling({ MaximumBatchSize: { Type: "CAPACITY_PERCENT", Value: 60 } })),
      /^MaximumBatchSize must be between 5 and 50 %/,
    );
    await configured(test, "renamed", { variant: { InitialInstanceCount: 2, VariantName: "challenger" } });
    assert.match(
      await test.refused("UpdateEndpoint", {
        EndpointName: "shop",
        EndpointConfigName: "renamed",
        DeploymentConfig: canary,
      }),
      /same variants before and after: the endpoint has champion, the new configuration challenger/,
    );
    assert.equal((await describe_()).EndpointStatus, "InService");
  });

  it("may change the variants when they are not guarded", async () => {
    await configured(test, "renamed", { variant: { VariantName: "challenger" } });
    await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "renamed" });
    assert.equal((await settled()).ProductionVariants[0].VariantName, "challenger");
  });

  describe("in batches", () => {
    it("replace instances one by one", async () => {
      await update({ DeploymentConfig: rolling() });
      const half = await stage(
        /^Baking for 60 seconds \(WaitIntervalInSeconds\) with traffic enabled on partial capacity of 1 instance\(s\)\.$/,
      );
      assert.deepEqual(
        [
          half.ProductionVariants[0].CurrentInstanceCount,
          half.PendingDeploymentSummary.ProductionVariants[0].CurrentInstanceCount,
        ],
        [2, 1],
      );
      const full = await stage(/^Baking for 60 seconds .* full capacity of 2/);
      assert.equal(full.ProductionVariants[0].CurrentInstanceCount, 1, "a batch of the old fleet is gone");
      const done = await settled();
      assert.deepEqual(
        [done.EndpointStatus, done.EndpointConfigName, done.ProductionVariants[0].CurrentInstanceCount],
        ["InService", "new", 2],
      );
      assert.equal(await shareOfNew(), 100);
    });

    it("bring the old instances back when an alarm goes off", async () => {
      await update({ DeploymentConfig: rolling() });
      await stage(/full capacity of 2/);
      alarm = "ALARM";
      const done = await settled();
      assert.deepEqual(
        [done.EndpointStatus, done.EndpointConfigName, done.ProductionVariants[0].CurrentInstanceCount],
        ["InService", "old", 2],
      );
      assert.equal(
        hostingOf(test.cloud).deployments.processes().length,
        2,
        "as many processes serve as DescribeEndpoint says",
      );
      assert.equal(await shareOfNew(), 0);
    });

    it("leave both configurations in service when the old instances do not come back, until another update", async () => {
      await update({ DeploymentConfig: rolling() });
      await stage(/^Baking .* full capacity of 2/);
      const { id } = test.cloud.faults.add({ kind: "crash", endpoint: "shop", config: "old", when: "starting" });
      alarm = "ALARM";
      const broken = await settled();
      assert.deepEqual(
        [broken.EndpointStatus, broken.EndpointConfigName, broken.ProductionVariants[0].CurrentInstanceCount],
        ["UpdateRollbackFailed", "old", 1],
      );
      const share = await shareOfNew();
      assert.ok(share > 0, `${share} of 100 requests were answered by the new configuration`);
      assert.match(
        await test.refused("UpdateEndpointWeightsAndCapacities", {
          EndpointName: "shop",
          DesiredWeightsAndCapacities: [{ VariantName: "champion", DesiredWeight: 1 }],
        }),
        /status UpdateRollbackFailed/,
      );
      test.cloud.faults.clear([id]);
      await update();
      const cured = await settled();
      assert.deepEqual(
        [cured.EndpointStatus, cured.EndpointConfigName, cured.ProductionVariants[0].CurrentInstanceCount],
        ["InService", "new", 2],
      );
      assert.equal(await shareOfNew(), 100);
    });
  });
});
