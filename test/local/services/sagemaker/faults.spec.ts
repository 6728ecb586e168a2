import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { hostingOf } from "../../../../local/services/sagemaker/hosting/offer";
import { eventually } from "../../../support/eventually";
import { configured, IMAGE, ROLE, served, startTestCloud, type TestCloud } from "./harness";

const bodyOf = (answer: Members): Members => JSON.parse(answer.Body.toString());

describe("faults on request in endpoints", function () {
  let test: TestCloud;
  beforeEach(async () => {
    test = await startTestCloud({ speed: 600 });
    await configured(test, "old", { variant: { InitialInstanceCount: 2 } });
    await served(test, "shop", "old");
  });
  afterEach(() => test.stop());
  const invoke = (input: Members = {}): Promise<Members> => test.invoke({ EndpointName: "shop", ...input });
  const refused = (input: Members = {}): Promise<string> =>
    test.refused("InvokeEndpoint", { EndpointName: "shop", Body: Buffer.from("x"), ...input }, "sagemaker-runtime");

  it("crash: kills what is up and whatever comes up, until it is cleared", async () => {
    const { pid } = hostingOf(test.cloud).deployments.processes()[0]!;
    const { id } = test.cloud.faults.add({ kind: "crash", endpoint: "shop", variant: "champion" });
    await eventually(() => assert.throws(() => process.kill(pid, 0), /ESRCH/));
    await eventually(async () => assert.match(await refused(), /^ModelError: Received server error \(0\) /));
    // Two were killed at once; more hits can only be containers that came up again.
    await eventually(() => assert.ok(test.cloud.faults.list()[0]!.hits >= 4));
    test.cloud.faults.clear([id]);
    await eventually(() => invoke());
    await eventually(() =>
      assert.ok(
        test.samples.some(
          (sample) =>
            sample.name === "Invocation5XXErrors" &&
            sample.value === 1 &&
            sample.dimensions.EndpointConfigName === "old",
        ),
        "an alarm can see it",
      ),
    );
  });

  it("crash --when starting --config: the new fleet of an update never comes up, the old one serves on", async () => {
    await configured(test, "new");
    test.cloud.faults.add({ kind: "crash", endpoint: "shop", config: "new", when: "starting" });
    await test.call("UpdateEndpoint", { EndpointName: "shop", EndpointConfigName: "new" });
    assert.equal((await test.endpointUntil("shop", "InService")).EndpointConfigName, "old");
    assert.equal(bodyOf(await invoke()).model, "old");
  });

  it("error: answers with a status, for a share of the requests or for some times", async () => {
    test.cloud.faults.add({ kind: "error", endpoint: "shop", status: 503, times: 1 });
    assert.match(await refused(), /^ModelError: Received server error \(503\) from primary/);
    assert.equal(bodyOf(await invoke()).model, "old");
  });

  it("slow: the model's latency is longer by that much", async () => {
    test.cloud.faults.add({ kind: "slow", endpoint: "shop", delayMs: 80, times: 1 });
    await invoke();
    await eventually(() =>
      assert.ok(test.samples.some((sample) => sample.name === "ModelLatency" && sample.value >= 80_000)),
    );
  });

  it("empty and absurd: a valid answer without what was found, or without sense", async () => {
    const { id } = test.cloud.faults.add({ kind: "empty", endpoint: "shop" });
    const empty = bodyOf(await invoke());
    assert.deepEqual([empty.model, empty.detections], ["old", []]);
    test.cloud.faults.clear([id]);
    test.cloud.faults.add({ kind: "absurd", endpoint: "shop" });
    const [found] = bodyOf(await invoke()).detections;
    assert.deepEqual([found.confidence, found.box[0] > 1e6], [7, true]);
  });

  it("hang: SageMaker gives up after 60 seconds of cloud time, and an alarm sees them", async () => {
    test.cloud.faults.add({ kind: "hang", endpoint: "shop", times: 1 });
    const began = test.cloud.clock.nowMs();
    assert.match(
      await refused(),
      /^ModelError: Received server error \(0\) from primary with message "Your invocation timed out while waiting for a response from container primary/,
    );
    assert.ok(test.cloud.clock.nowMs() - began >= 60_000);
    await eventually(() =>
      assert.ok(test.samples.some((sample) => sample.name === "ModelLatency" && sample.value === 60e6)),
    );
  });

  it("out-of-memory: the container dies of the request; the other instance serves on", async () => {
    test.cloud.faults.add({ kind: "out-of-memory", endpoint: "shop", times: 1 });
    const before = test.cloud.journal.table<Members>("sagemaker/endpoints").get("shop");
    assert.match(
      await refused(),
      /^ModelError: Received server error \(0\) from primary with message "Amazon SageMaker could not get a response from the shop endpoint/,
    );
    await eventually(async () => assert.equal(bodyOf(await invoke()).model, "old"));
    assert.deepEqual(
      test.cloud.journal.table<Members>("sagemaker/endpoints").get("shop"),
      before,
      "the endpoint stays InService",
    );
  });

  for (const after of ["start", "traffic", "bake"] as const)
    it(`silent-revert --after ${after}: an update ends InService on the old configuration, the next one succeeds`, async () => {
      await configured(test, "new");
      test.cloud.faults.add({ kind: "silent-revert", endpoint: "shop", config: "new", after });
      const update = {
        EndpointName: "shop",
        EndpointConfigName: "new",
        DeploymentConfig: {
          BlueGreenUpdatePolicy: {
            TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 0 },
            TerminationWaitInSeconds: 60,
          },
        },
      };
      await test.call("UpdateEndpoint", update);
      const done = await test.endpointUntil("shop", "InService");
      assert.deepEqual([done.EndpointConfigName, done.FailureReason], ["old", undefined]);
      const pending = test.events
        .map((event) => event.detail.PendingDeploymentSummary as Members | undefined)
        .filter((summary) => summary?.EndpointConfigName === "new");
      const steps = pending.map((summary) => summary!.ProductionVariants[0].VariantStatus[0].Status as string);
      assert.deepEqual(
        [steps.includes("ActivatingTraffic"), steps.includes("Baking")],
        [after !== "start", after === "bake"],
      );
      await test.call("UpdateEndpoint", update);
      assert.equal((await test.endpointUntil("shop", "InService")).EndpointConfigName, "new");
    });

  it("throttling and reject-request: operations answer AWS's errors and do nothing", async () => {
    test.cloud.faults.add({ kind: "throttling", service: "sagemaker", operation: "DeleteEndpoint", times: 1 });
    test.cloud.faults.add({
      kind: "reject-request",
      service: "sagemaker",
      operation: "DeleteEndpoint",
      code: "ResourceLimitExceeded",
      message: "no more",
      times: 1,
    });
    assert.equal(await test.refused("DeleteEndpoint", { EndpointName: "shop" }), "ThrottlingException: Rate exceeded");
    assert.equal(await test.refused("DeleteEndpoint", { EndpointName: "shop" }), "ResourceLimitExceeded: no more");
    assert.equal((await test.call("DescribeEndpoint", { EndpointName: "shop" })).EndpointStatus, "InService");
    assert.deepEqual(
      test.cloud.audit
        .recent()
        .filter((record) => record.eventName === "DeleteEndpoint")
        .map((record) => record.errorCode),
      ["ResourceLimitExceeded", "ThrottlingException"],
    );
  });
});

describe("a failing job on request", () => {
  it("is killed as AWS reports it; the next one of the name succeeds", async () => {
    const test = await startTestCloud();
    const job = (name: string): Members => ({
      TrainingJobName: name,
      AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
      RoleArn: ROLE,
      InputDataConfig: [
        { ChannelName: "train", DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://data/train/" } } },
      ],
      OutputDataConfig: { S3OutputPath: "s3://artifacts/jobs" },
      ResourceConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 10 },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
      HyperParameters: { wait: "300" },
    });
    const outcome = async (name: string): Promise<Members> => {
      await test.call("CreateTrainingJob", job(name));
      return test.describeUntil(
        "DescribeTrainingJob",
        { TrainingJobName: name },
        (answer) => answer.TrainingJobStatus !== "InProgress",
      );
    };
    test.bucket.set("data/train/a.txt", Buffer.from("a"));
    test.cloud.faults.add({ kind: "failing-job", jobPrefix: "night-" });
    assert.equal((await outcome("day-1")).TrainingJobStatus, "Completed");
    const failed = await outcome("pipelines-abc123-night-run-xyz");
    assert.deepEqual([failed.TrainingJobStatus, failed.FailureReason], ["Failed", "AlgorithmError: , exit code: 137"]);
    assert.equal((await outcome("night-2")).TrainingJobStatus, "Completed");
    await test.stop();
  });
});
