import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerFile } from "../../local/main";
import { isAlive } from "../../local/lock";
import { type Finished, ProjectCopy } from "./project-copy";
import { datasetBucket as dataset } from "../support/dataset";
import { group, Registry } from "./registry";

const endpoint = "peregrine-staging-detector";
const noPackage = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/peregrine-dev-detector/99";

/** Asserts on an error meant for the user: cause and next step, exit code 1, no stack of ours. */
function refused(finished: Finished, ...patterns: readonly RegExp[]): void {
  assert.equal(finished.code, 1, finished.output);
  for (const pattern of patterns) assert.match(finished.output, pattern);
  assert.doesNotMatch(finished.output, /bug in Peregrine|\n\s+at .*\.ts:\d+/);
}

describe("a release that must not be, as a user meets it", function () {
  this.slow(30_000);
  let project: ProjectCopy;
  let server: ServerFile;
  let registry: Registry;
  let archive: Buffer;
  let good: string;
  let images: string[];

  const aws = (...args: string[]): Promise<Finished> => registry.aws(...args);
  const as = (profile: string, ...args: string[]): Promise<Finished> => aws("--profile", profile, ...args);
  const status = async (): Promise<{
    desired?: { modelPackageArn: string };
    endpoint?: { status: string };
    converged: boolean;
  }> =>
    JSON.parse(
      (await project.succeed(process.execPath, "scripts/peregrine.cjs", "status", "--stack", "staging", "--json"))
        .stdout,
    )[0];
  const awsJson = (...args: string[]) => registry.json(...args);
  const register = (...args: Parameters<Registry["register"]>) => registry.register(...args);
  const promote = (arn: string, ...options: string[]): Promise<Finished> =>
    project.peregrine("promote", arn, "--to", "staging", "--golden-images", "2", ...options);

  before(async () => {
    project = await ProjectCopy.make();
    server = await project.startCloud("--speed", "60", "--lags", "on");
    registry = new Registry(project, server);
    const [archives] = await Promise.all([registry.archives({ base: undefined }), project.bringUp("dev")]);
    archive = archives.base;
    good = await register("good", archive);
  });
  after(async () => {
    await project?.remove();
  });

  it("refuses an environment that is not up before it changes any", async () => {
    refused(await promote(good), /Environment staging is not up/, /pulumi up --stack staging/);
    await project.succeed("pulumi", "stack", "init", "staging");
    const up = await project.up("staging");
    assert.equal(up.code, 0, up.output);
    refused(await project.peregrine("promote", good, "--to", "staging,prod"), /Environment prod is not up/);
    assert.equal((await status()).desired, undefined, "staging was not released to either");
  });

  it("refuses what is no ARN, another thing's ARN, and a package that does not exist", async () => {
    refused(await promote("peregrine dev 1"), /Cannot read the model package peregrine dev 1/, /peregrine status/);
    refused(
      await promote(noPackage.replace("model-package/", "endpoint/")),
      /Cannot read the model package arn:aws:sagemaker/,
    );
    refused(
      await promote(noPackage),
      /Cannot read the model package .*\/99: .*does not exist/,
      /List the packages: npx peregrine status/,
    );
    refused(
      await project.peregrine("approve", noPackage, "--why", "looks right"),
      /Cannot read the model package .*\/99: .*does not exist/,
    );
  });

  it("refuses a package that nobody approved, one below the bar, and an archive that is not the evaluated one, with all reasons", async () => {
    const pending = await register("cut", archive.subarray(0, archive.length / 2), {
      approval: "PendingManualApproval",
      recordedSha256: createHash("sha256").update(archive).digest("hex"),
    });
    refused(
      await promote(pending, "--min-map50", "0.99"),
      /is PendingManualApproval, not Approved/,
      /is below the bar of 0\.990/,
      /the model archive is not the one that was evaluated/,
      /Approve a package that meets the bar/,
    );
    refused(
      await project.peregrine("approve", pending, "--why", "please", "--profile", "data-scientist"),
      /not authorized to perform: (ecr:DescribeImages|kms:Sign)/,
      /--profile approver/,
    );
    const after = await status();
    assert.deepEqual([after.desired, after.endpoint, after.converged], [undefined, undefined, true]);
  });

  it("refuses to release without images to test with, and leaves no endpoint behind", async () => {
    refused(await promote(good), new RegExp(`${dataset}.*(does not exist|holds no JPEG or PNG)`), /dataset bucket/);
    const after = await status();
    assert.deepEqual([after.desired, after.endpoint], [undefined, undefined]);
  });

  it("takes a truncated archive back when there was no release before: no endpoint, nothing desired", async () => {
    images = await registry.seedDataset(2);
    const truncated = await register("truncated", archive.subarray(0, archive.length / 2));
    refused(
      await promote(truncated),
      /putting the previous release back/,
      /update of staging failed/,
      /Failed to extract model data archive/,
    );
    const after = await status();
    assert.deepEqual([after.desired, after.endpoint, after.converged], [undefined, undefined, true]);
    const described = await aws("sagemaker", "describe-endpoint", "--endpoint-name", endpoint);
    assert.match(described.output, /ValidationException.*Could not find endpoint/);
  });

  it("releases the good one, and keeps it when a truncated one is to follow", async () => {
    const released = await promote(good);
    assert.equal(released.code, 0, released.output);
    assert.match(
      released.stdout,
      /staging: peregrine-staging-detector serves release r-[0-9a-f]{12} by .*; 2 golden images/,
    );
    const again = await register("truncated-again", archive.subarray(0, archive.length / 3));
    // SageMaker keeps the old fleet and says InService: the update has failed all the same.
    refused(
      await promote(again),
      /putting the previous release back/,
      /SageMaker took the update back\. No alarm of the deployment fired: the new fleet did not come up/,
      /log group \/aws\/sagemaker\/Endpoints\/peregrine-staging-detector/,
    );
    const after = await status();
    assert.deepEqual(
      [after.desired?.modelPackageArn, after.endpoint?.status, after.converged],
      [good, "InService", true],
    );
  });

  it("answers an image that is none with ModelError, and the next image as ever", async () => {
    const body = join(project.folder, ".peregrine", "text.jpg");
    writeFileSync(body, "this is no image");
    const out = join(project.folder, ".peregrine", "answer.json");
    const invoke = (type: string, file: string) =>
      aws(
        "sagemaker-runtime",
        "invoke-endpoint",
        "--endpoint-name",
        endpoint,
        "--content-type",
        type,
        "--body",
        `fileb://${file}`,
        out,
        "--debug",
      );
    const failed = await invoke("image/jpeg", body);
    assert.ok([254, 255].includes(failed.code), failed.output.slice(-2000));
    assert.match(
      failed.output,
      /An error occurred \(ModelError\) when calling the InvokeEndpoint operation: Received client error \(400\) from/,
    );
    assert.match(failed.output, /HTTP\/1\.1" 424 /);
    assert.match(failed.output, /"OriginalStatusCode": ?400/);
    const answered = await invoke("image/jpeg", images[0]!);
    assert.equal(answered.code, 0, answered.output.slice(-2000));
    assert.ok(Array.isArray((JSON.parse(readFileSync(out, "utf8")) as { detections: unknown[] }).detections));
  });

  it("refuses a pipeline parameter that is no number before anything runs", async () => {
    refused(await project.peregrine("train", "--parameter", "Epochs=many"), /Epochs/);
    assert.deepEqual(
      (await awsJson("sagemaker", "list-pipeline-executions", "--pipeline-name", "peregrine-dev-training"))
        .PipelineExecutionSummaries,
      [],
    );
  });

  it("answers the AWS CLI and boto3 as SageMaker", async () => {
    assert.deepEqual(
      (await awsJson("sagemaker", "list-pipelines")).PipelineSummaries.map(
        ({ PipelineName }: any) => PipelineName,
      ).sort(),
      ["dev-monitoring", "dev-training", "staging-monitoring", "staging-training"].map((name) => `peregrine-${name}`),
    );
    assert.equal(
      (await awsJson("sagemaker", "describe-endpoint", "--endpoint-name", endpoint)).EndpointStatus,
      "InService",
    );
    const program = `import boto3, datetime, json
sm = boto3.client("sagemaker")
found = sm.describe_endpoint(EndpointName="${endpoint}")
packages = sum(len(page["ModelPackageSummaryList"]) for page in sm.get_paginator("list_model_packages").paginate(ModelPackageGroupName="${group}", PaginationConfig={"PageSize": 1}))
try:
    boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName="${endpoint}", ContentType="image/jpeg", Body=b"no image")
except Exception as error:
    failed = [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["OriginalStatusCode"]]
print(json.dumps([found["EndpointStatus"], isinstance(found["CreationTime"], datetime.datetime), packages, failed]))`;
    const { code, output } = await project.run(".venv/bin/python", "-W", "ignore", "-c", program);
    assert.equal(code, 0, output);
    assert.deepEqual(JSON.parse(output), ["InService", true, 4, ["ModelError", 424, 400]]);
  });

  it("lets the data scientist read the dataset, and denies the rest with AWS's message", async () => {
    const { Contents } = JSON.parse(
      (await as("data-scientist", "s3api", "list-objects-v2", "--bucket", dataset)).stdout,
    ) as { Contents: { Key: string }[] };
    const read = await as(
      "data-scientist",
      "s3api",
      "get-object",
      "--bucket",
      dataset,
      "--key",
      Contents[0]!.Key,
      join(project.folder, ".peregrine", "read"),
    );
    assert.equal(read.code, 0, read.output);
    const me = `arn:aws:sts::${server.accountId}:assumed-role/peregrine-dev-data-scientist/anna`;
    const denied = async (operation: string, action: string, resource: string, ...args: string[]): Promise<void> => {
      const finished = await as("data-scientist", ...args);
      assert.ok([254, 255].includes(finished.code), finished.output);
      const message = `An error occurred (AccessDenied${args[0] === "s3api" ? "" : "Exception"}) when calling the ${operation} operation: User: ${me} is not authorized to perform: ${action} on resource: `;
      assert.ok(
        finished.stderr.includes(message) && finished.stderr.includes(resource),
        `${finished.stderr}\nexpected: ${message}`,
      );
    };
    await denied(
      "PutObject",
      "s3:PutObject",
      `arn:aws:s3:::${dataset}/flights/mine.jpg`,
      "s3api",
      "put-object",
      "--bucket",
      dataset,
      "--key",
      "flights/mine.jpg",
    );
    await denied(
      "UpdateEndpoint",
      "sagemaker:UpdateEndpoint",
      "endpoint/peregrine-prod-detector",
      "sagemaker",
      "update-endpoint",
      "--endpoint-name",
      "peregrine-prod-detector",
      "--endpoint-config-name",
      "other",
    );
    await denied(
      "UpdateModelPackage",
      "sagemaker:UpdateModelPackage",
      "model-package/peregrine-dev-detector/1",
      "sagemaker",
      "update-model-package",
      "--model-package-arn",
      good,
      "--model-approval-status",
      "Approved",
    );
  });

  it("finds stacks, objects and the serving endpoint again after kill -9, and nothing to change", async () => {
    process.kill(server.pid, "SIGKILL");
    while (isAlive(server.pid)) await delay(20);
    refused(await project.peregrine("local", "status"), /No local cloud is running/);
    refused(await project.peregrine("status"), /AWS cannot be reached: .*ECONNREFUSED/, /peregrine local start/);
    server = await project.startCloud("--speed", "60", "--lags", "on");
    const answer = join(project.folder, ".peregrine", "again.json");
    const invoked = await aws(
      "sagemaker-runtime",
      "invoke-endpoint",
      "--endpoint-name",
      endpoint,
      "--content-type",
      "image/jpeg",
      "--body",
      `fileb://${images[0]}`,
      answer,
    );
    assert.equal(invoked.code, 0, invoked.output);
    assert.equal(
      (await awsJson("s3api", "list-objects-v2", "--bucket", dataset)).Contents.length,
      5,
      "two images, their labels, flights.csv",
    );
    assert.equal((await status()).converged, true);
    for (const stack of ["dev", "staging"]) {
      const preview = await project.pulumi(
        "preview",
        "--stack",
        stack,
        "--policy-pack",
        "policies",
        "--expect-no-changes",
      );
      assert.equal(preview.code, 0, preview.output);
    }
  });
});
