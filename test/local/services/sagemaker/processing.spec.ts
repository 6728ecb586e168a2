import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { IMAGE, ROLE, startTestCloud, type TestCloud } from "./harness";

const job = (name: string, changes: Members = {}): Members => ({
  ProcessingJobName: name,
  RoleArn: ROLE,
  AppSpecification: { ImageUri: IMAGE, ContainerArguments: ["copy", "--tile", "256"] },
  ProcessingInputs: [
    {
      InputName: "in",
      S3Input: {
        S3Uri: "s3://artifacts/data",
        LocalPath: "/opt/ml/processing/input",
        S3DataType: "S3Prefix",
        S3InputMode: "File",
      },
    },
  ],
  ProcessingOutputConfig: {
    Outputs: [
      {
        OutputName: "out",
        S3Output: { S3Uri: "s3://artifacts/out", LocalPath: "/opt/ml/processing/output", S3UploadMode: "EndOfJob" },
      },
    ],
  },
  ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.xlarge", VolumeSizeInGB: 30 } },
  ...changes,
});

describe("processing jobs", () => {
  let test: TestCloud;
  const finish = (name: string): Promise<Members> =>
    test.describeUntil("DescribeProcessingJob", { ProcessingJobName: name }, (answer) =>
      ["Completed", "Failed", "Stopped"].includes(answer.ProcessingJobStatus),
    );
  beforeEach(async () => {
    test = await startTestCloud();
    test.bucket.set("artifacts/data/a.txt", Buffer.from("a"));
    test.bucket.set("artifacts/data/more/b.txt", Buffer.from("b"));
  });
  afterEach(() => test.stop());

  it("run the image with its arguments between S3 inputs and S3 outputs", async () => {
    await test.call("CreateProcessingJob", job("copy"));
    const done = await finish("copy");
    assert.equal(done.ProcessingJobStatus, "Completed", done.FailureReason);
    assert.equal(done.ExitMessage, "copied");
    assert.deepEqual(
      [...test.bucket]
        .filter(([key]) => key.startsWith("artifacts/out/"))
        .map(([key, body]) => [key, body.toString()])
        .sort(),
      [
        ["artifacts/out/a.txt", "a"],
        ["artifacts/out/job.txt", "copy"],
        ["artifacts/out/more_b.txt", "b"],
      ],
    );
    assert.ok(
      test.logs.some(
        (entry) => entry.group === "/aws/sagemaker/ProcessingJobs" && entry.line === "arguments: copy --tile 256",
      ),
    );
    const events = test.events.filter((event) => event.detailType === "SageMaker Processing Job State Change");
    assert.deepEqual(
      events.map((event) => event.detail.ProcessingJobStatus),
      ["InProgress", "Completed"],
    );
  });

  it("fail on request as a killed container fails, and only the kind of job that was asked for", async () => {
    test.cloud.faults.add({ kind: "failing-job", jobType: "training" });
    await test.call("CreateProcessingJob", job("first"));
    assert.equal((await finish("first")).ProcessingJobStatus, "Completed");
    test.cloud.faults.add({ kind: "failing-job", jobType: "processing" });
    await test.call("CreateProcessingJob", job("second"));
    const failed = await finish("second");
    assert.deepEqual(
      [failed.ProcessingJobStatus, failed.FailureReason],
      ["Failed", "AlgorithmError: See job logs for more information, exit code: 137"],
    );
  });

  it("fail with the exit code and show the container's message", async () => {
    await test.call(
      "CreateProcessingJob",
      job("broken", { AppSpecification: { ImageUri: IMAGE, ContainerArguments: ["break"] } }),
    );
    const done = await finish("broken");
    assert.deepEqual(
      [done.ProcessingJobStatus, done.ExitMessage, done.FailureReason],
      ["Failed", "the input is broken", "AlgorithmError: See job logs for more information, exit code: 4"],
    );
  });

  it("take an entrypoint of their own", async () => {
    await test.call(
      "CreateProcessingJob",
      job("own", {
        AppSpecification: {
          ImageUri: IMAGE,
          ContainerEntrypoint: [
            "sh",
            "-c",
            "ls ${SM_ROOT:-/opt/ml}/processing/input; echo from $0 > ${SM_ROOT:-/opt/ml}/processing/output/x",
          ],
          ContainerArguments: ["me"],
        },
      }),
    );
    const done = await finish("own");
    assert.equal(done.ProcessingJobStatus, "Completed", done.FailureReason);
    assert.equal(test.bucket.get("artifacts/out/x")!.toString(), "from me\n");
  });

  it("read a content that an earlier job wrote from the cache, but only when the role may", async () => {
    await test.call("CreateProcessingJob", job("first"));
    await finish("first");
    test.s3Calls.length = 0;
    await test.call("CreateProcessingJob", job("second"));
    await finish("second");
    assert.deepEqual(
      test.s3Calls.filter((entry) => entry.includes("GetObject")),
      [],
    );
    assert.ok(test.bucket.has("artifacts/out/more_b.txt"));
  });

  it("fail with S3's denial when the role may list but not read, cached or not", async () => {
    let denying = false;
    const { bucket } = test;
    await test.stop();
    test = await startTestCloud({
      bucket,
      deny: (call) =>
        denying && call.operation === "GetObject" ? "User is not authorized to perform: s3:GetObject" : undefined,
    });
    await test.call("CreateProcessingJob", job("first"));
    await finish("first");
    denying = true;
    await test.call("CreateProcessingJob", job("denied"));
    assert.equal(
      (await finish("denied")).FailureReason,
      "ClientError: Data download failed:AccessDenied: User is not authorized to perform: s3:GetObject",
    );
  });

  it("are deleted only after they ended", async () => {
    await test.call("CreateProcessingJob", job("x"));
    assert.match(await test.refused("DeleteProcessingJob", { ProcessingJobName: "x" }), /^ResourceInUse: /);
    await finish("x");
    await test.call("DeleteProcessingJob", { ProcessingJobName: "x" });
    assert.match(await test.refused("DeleteProcessingJob", { ProcessingJobName: "x" }), /^ResourceNotFound: /);
    assert.deepEqual(await test.cloud.inventory(), []);
  });

  it("are refused in AWS's words", async () => {
    const outside = job("x");
    outside.ProcessingInputs[0].S3Input.LocalPath = "/etc";
    assert.match(
      await test.refused("CreateProcessingJob", outside),
      /^ValidationException: LocalPath '\/etc' is invalid/,
    );
    const escape = job("x");
    escape.ProcessingOutputConfig.Outputs[0].S3Output.LocalPath = "/opt/ml/processing/../../etc";
    assert.match(await test.refused("CreateProcessingJob", escape), /LocalPath .* is invalid/);
    assert.equal(
      await test.refused("DescribeProcessingJob", { ProcessingJobName: "x" }),
      "ValidationException: Could not find requested job with name: x",
    );
    await test.call("CreateProcessingJob", job("x"));
    assert.match(
      await test.refused("CreateProcessingJob", job("x")),
      /^ResourceInUse: Processing job names must be unique/,
    );
    await finish("x");
  });
});
