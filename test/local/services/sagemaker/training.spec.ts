import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import type { Members } from "../../../../local/members";
import { IMAGE, ROLE, startTestCloud, type TestCloud } from "./harness";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

const job = (name: string, changes: Members = {}): Members => ({
  TrainingJobName: name,
  RoleArn: ROLE,
  AlgorithmSpecification: {
    TrainingImage: IMAGE,
    TrainingInputMode: "File",
    MetricDefinitions: [{ Name: "map50", Regex: "map50=([0-9.]+);" }],
  },
  InputDataConfig: [
    { ChannelName: "dataset", DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://artifacts/data/" } } },
  ],
  OutputDataConfig: { S3OutputPath: "s3://artifacts/runs" },
  ResourceConfig: { InstanceType: "ml.g5.xlarge", InstanceCount: 1, VolumeSizeInGB: 30 },
  StoppingCondition: { MaxRuntimeInSeconds: 600 },
  ...changes,
});
const ended = (answer: Members): boolean => ["Completed", "Failed", "Stopped"].includes(answer.TrainingJobStatus);

describe("training jobs", () => {
  let test: TestCloud;
  const finish = (name: string): Promise<Members> =>
    test.describeUntil("DescribeTrainingJob", { TrainingJobName: name }, ended);
  const unpacked = (key: string): Members =>
    JSON.parse(execFileSync("tar", ["-xzOf", "-", "model.json"], { input: test.bucket.get(key)! }).toString());

  beforeEach(async () => {
    test = await startTestCloud();
    test.bucket.set("artifacts/data/a.txt", Buffer.from("a"));
    test.bucket.set("artifacts/data/more/b.txt", Buffer.from("b"));
  });
  afterEach(() => test.stop());

  it("runs the image with its channels, and uploads what it wrote as model.tar.gz", async () => {
    await test.call("CreateTrainingJob", job("first", { HyperParameters: { epochs: "2", report: "fine" } }));
    const done = await finish("first");
    assert.equal(done.TrainingJobStatus, "Completed", done.FailureReason);
    assert.equal(done.ModelArtifacts.S3ModelArtifacts, "s3://artifacts/runs/first/output/model.tar.gz");
    const model = unpacked("artifacts/runs/first/output/model.tar.gz");
    assert.deepEqual(model.files, ["a.txt", "more", "more/b.txt"]);
    assert.deepEqual(model.parameters, { epochs: "2", report: "fine" });
    assert.equal(model.key, "ASIATEST");
    assert.ok(test.bucket.has("artifacts/runs/first/output/output.tar.gz"));
  });

  it("is tracked with its image, its data and its archive, which leads from a package back to the data", async () => {
    await test.call("CreateTrainingJob", job("tracked"));
    const { TrainingJobArn, ModelArtifacts } = await finish("tracked");
    const { TrialComponentSummaries: found } = await test.call("ListTrialComponents", { SourceArn: TrainingJobArn });
    assert.deepEqual(
      found.map(({ TrialComponentName }: Members) => TrialComponentName),
      ["tracked-aws-training-job"],
    );
    await test.call("CreateModelPackageGroup", { ModelPackageGroupName: "detector" });
    const { ModelPackageArn } = await test.call("CreateModelPackage", {
      ModelPackageGroupName: "detector",
      InferenceSpecification: {
        Containers: [{ Image: IMAGE, ModelDataUrl: ModelArtifacts.S3ModelArtifacts }],
        SupportedContentTypes: ["image/jpeg"],
        SupportedResponseMIMETypes: ["application/json"],
      },
    });
    const { ArtifactSummaries: artifacts } = await test.call("ListArtifacts", { SourceUri: ModelPackageArn });
    const { Vertices } = await test.call("QueryLineage", {
      StartArns: [artifacts[0].ArtifactArn],
      Direction: "Ascendants",
    });
    assert.deepEqual(Vertices.map(({ Type }: Members) => Type).sort(), ["DataSet", "Image", "Model", "TrainingJob"]);
  });

  it("tells its way through the statuses in transitions and events", async () => {
    await test.call("CreateTrainingJob", job("steps"));
    const done = await finish("steps");
    assert.deepEqual(
      done.SecondaryStatusTransitions.map((step: Members) => step.Status),
      ["Starting", "Downloading", "Training", "Uploading", "Completed"],
    );
    const events = test.events.filter((event) => event.detailType === "SageMaker Training Job State Change");
    assert.deepEqual(
      events.map((event) => event.detail.SecondaryStatus),
      ["Starting", "Downloading", "Training", "Uploading", "Completed"],
    );
    assert.equal(typeof events[0]!.detail.CreationTime, "number");
  });

  it("reads metrics from the log, keeps the last value and sends each to CloudWatch", async () => {
    await test.call("CreateTrainingJob", job("metrics"));
    const done = await finish("metrics");
    assert.deepEqual(
      done.FinalMetricDataList.map((metric: Members) => [metric.MetricName, metric.Value]),
      [["map50", 0.75]],
    );
    assert.deepEqual(
      test.samples.map((sample) => [sample.namespace, sample.dimensions.TrainingJobName, sample.value]),
      [
        ["/aws/sagemaker/TrainingJobs", "metrics", 0.25],
        ["/aws/sagemaker/TrainingJobs", "metrics", 0.75],
      ],
    );
    const line = test.logs.find(
      (entry) => entry.group === "/aws/sagemaker/TrainingJobs" && entry.line.startsWith("starting"),
    )!;
    assert.match(line.stream, /^metrics\/algo-1-\d+$/);
    assert.match(line.line, /job metrics; profile none$/);
  });

  it("fails with the text of /opt/ml/output/failure and the exit code", async () => {
    await test.call("CreateTrainingJob", job("broken", { HyperParameters: { fail: "no labels in the dataset" } }));
    const done = await finish("broken");
    assert.equal(done.TrainingJobStatus, "Failed");
    assert.equal(done.FailureReason, "AlgorithmError: no labels in the dataset, exit code: 3");
    assert.equal(done.ModelArtifacts, undefined);
  });

  it("fails as a pull would when the image's repository is unknown", async () => {
    await test.call(
      "CreateTrainingJob",
      job("image", {
        AlgorithmSpecification: { TrainingImage: IMAGE.replace("toy", "other"), TrainingInputMode: "File" },
      }),
    );
    assert.match(
      (await finish("image")).FailureReason,
      /^ClientError: Failed to pull image .*other:1: .*repository does not exist$/,
    );
  });

  it("uses S3 as its role, and fails with S3's own denial", async () => {
    await test.stop();
    test = await startTestCloud({
      bucket: test.bucket,
      deny: (call, input) =>
        call.operation === "PutObject" ? `no PutObject on ${input.Key} for ${call.principal.arn}` : undefined,
    });
    await test.call("CreateTrainingJob", job("denied"));
    const done = await finish("denied");
    assert.match(
      done.FailureReason,
      /^ClientError: Artifact upload failed:AccessDenied: no PutObject on runs\/denied\/output\/model.tar.gz for arn:aws:sts::111122223333:assumed-role\/.*\/SageMaker$/,
    );
    assert.ok(test.s3Calls.every((entry) => entry.startsWith("execution ")));
  });

  it("stops on request after the work was saved", async () => {
    await test.call("CreateTrainingJob", job("long", { HyperParameters: { wait: "60000" } }));
    await test.describeUntil("DescribeTrainingJob", { TrainingJobName: "long" }, () =>
      test.logs.some((entry) => entry.line.startsWith("starting")),
    );
    await test.call("StopTrainingJob", { TrainingJobName: "long" });
    const done = await finish("long");
    assert.equal(done.TrainingJobStatus, "Stopped");
    assert.ok(test.bucket.has("artifacts/runs/long/output/model.tar.gz"));
    assert.equal(
      await test.refused("StopTrainingJob", { TrainingJobName: "long" }),
      "ValidationException: The request was rejected because the training job is in status Stopped.",
    );
  });

  it("stops after its maximum runtime", async () => {
    await test.call(
      "CreateTrainingJob",
      job("slow", { HyperParameters: { wait: "60000" }, StoppingCondition: { MaxRuntimeInSeconds: 1 } }),
    );
    const done = await finish("slow");
    assert.deepEqual([done.TrainingJobStatus, done.SecondaryStatus], ["Stopped", "MaxRuntimeExceeded"]);
  });

  it("carries checkpoints to S3 and into the next job", async () => {
    const checkpoints = { CheckpointConfig: { S3Uri: "s3://artifacts/checkpoints/x" } };
    await test.call("CreateTrainingJob", job("one", checkpoints));
    await finish("one");
    await test.call("CreateTrainingJob", job("two", checkpoints));
    await finish("two");
    assert.equal(test.bucket.get("artifacts/checkpoints/x/epoch")!.toString(), "2");
  });

  it("refuses what AWS refuses, in its words", async () => {
    assert.equal(
      await test.refused("CreateTrainingJob", job("x", { RoleArn: ROLE.replace("execution", "untrusting") })),
      "ValidationException: Could not assume role arn:aws:iam::111122223333:role/peregrine/dev/untrusting. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.",
    );
    const nothing = job("x");
    nothing.InputDataConfig[0].DataSource.S3DataSource.S3Uri = "s3://nowhere/data";
    assert.match(
      await test.refused("CreateTrainingJob", nothing),
      /^ValidationException: No S3 objects found under S3 URL "s3:\/\/nowhere\/data" given in input data source\..* Error message from S3: The specified bucket does not exist$/,
    );
    assert.match(
      await test.refused(
        "CreateTrainingJob",
        job("x", { ResourceConfig: { InstanceType: "ml.z9.mega", InstanceCount: 1, VolumeSizeInGB: 1 } }),
      ),
      /^ValidationException: .*ml\.z9\.mega/,
    );
    assert.equal(
      await test.refused("DescribeTrainingJob", { TrainingJobName: "x" }),
      "ValidationException: Requested resource not found.",
    );
    await test.call("CreateTrainingJob", job("x"));
    assert.match(
      await test.refused("CreateTrainingJob", job("x")),
      /^ResourceInUse: Training job names must be unique within an AWS account and region/,
    );
    await finish("x");
  });

  it("runs where no namespaces are allowed, with variables for its paths", async () => {
    await test.stop();
    test = await startTestCloud({ bucket: test.bucket, isolation: "paths" });
    await test.call("CreateTrainingJob", job("plain"));
    assert.equal((await finish("plain")).TrainingJobStatus, "Completed");
    assert.deepEqual(unpacked("artifacts/runs/plain/output/model.tar.gz").files, ["a.txt", "more", "more/b.txt"]);
  });

  it("runs again after the local cloud was killed in the middle", async () => {
    const stateDir = makeTemporaryFolder();
    try {
      const { bucket } = test;
      const before = await startTestCloud({ stateDir, bucket });
      await before.call("CreateTrainingJob", job("survivor", { HyperParameters: { wait: "1500" } }));
      await before.describeUntil("DescribeTrainingJob", { TrainingJobName: "survivor" }, () =>
        before.logs.some((entry) => entry.line.startsWith("starting")),
      );
      await before.stop();
      const after = await startTestCloud({ stateDir, bucket });
      const done = await after.describeUntil("DescribeTrainingJob", { TrainingJobName: "survivor" }, ended);
      await after.stop();
      assert.equal(done.TrainingJobStatus, "Completed");
      assert.ok(bucket.has("artifacts/runs/survivor/output/model.tar.gz"));
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });
});
