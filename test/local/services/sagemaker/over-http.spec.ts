import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateTrainingJobCommand,
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  type CreateTrainingJobRequest,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { startLocalCloud, type LocalCloud } from "../../../../local/server";
import { IMAGE } from "./harness";
import { eventually } from "../../../support/eventually";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

const ROLE = "arn:aws:iam::111122223333:role/execution";
const images = { toy: { entrypoint: ["node", join(__dirname, "images", "toy.cjs")] } };

/** The whole way: SDK clients, signatures, IAM, moto behind, and processes. */
describe("SageMaker over HTTP", function () {
  let stateDir: string;
  let local: LocalCloud;
  const clients = () => {
    const settings = { endpoint: local.url, region: "eu-central-1", maxAttempts: 1, credentials: local.administrator };
    return {
      iam: new IAMClient(settings),
      s3: new S3Client({ ...settings, forcePathStyle: true }),
      sagemaker: new SageMakerClient(settings),
      runtime: new SageMakerRuntimeClient(settings),
      logs: new CloudWatchLogsClient(settings),
      cloudwatch: new CloudWatchClient(settings),
      tagging: new ResourceGroupsTaggingAPIClient(settings),
    };
  };
  const trust = (service: string): string =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    });
  const policy = (actions: string[]): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });
  const job = (name: string): CreateTrainingJobRequest => ({
    TrainingJobName: name,
    RoleArn: ROLE,
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
    InputDataConfig: [
      {
        ChannelName: "dataset",
        DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://artifacts-1/data/" } },
      },
    ],
    OutputDataConfig: { S3OutputPath: "s3://artifacts-1/runs" },
    ResourceConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 60 },
    Tags: [{ Key: "project", Value: "peregrine" }],
  });
  const jobEnded = async (name: string) => {
    for (;;) {
      const answer = await clients().sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
      if (answer.TrainingJobStatus !== "InProgress") return answer;
      await delay(50);
    }
  };
  const inService = async (EndpointName: string) => {
    for (;;) {
      const answer = await clients().sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
      if (answer.EndpointStatus !== "Creating") return answer;
      await delay(50);
    }
  };

  before(async () => {
    stateDir = makeTemporaryFolder();
    local = await startLocalCloud({ stateDir, images, speed: 30 });
    const { iam, s3 } = clients();
    await iam.send(
      new CreateRoleCommand({ RoleName: "execution", AssumeRolePolicyDocument: trust("sagemaker.amazonaws.com") }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "execution",
        PolicyName: "s3",
        PolicyDocument: policy(["s3:ListBucket", "s3:GetObject"]),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "execution",
        PolicyName: "run",
        PolicyDocument: policy([
          "ecr:GetAuthorizationToken",
          "ecr:BatchGetImage",
          "ecr:BatchCheckLayerAvailability",
          "ecr:GetDownloadUrlForLayer",
          "logs:CreateLogGroup",
          "logs:CreateLogStream",
          "logs:PutLogEvents",
          "cloudwatch:PutMetricData",
        ]),
      }),
    );
    await s3.send(
      new CreateBucketCommand({
        Bucket: "artifacts-1",
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket: "artifacts-1", Key: "data/a.txt", Body: "a" }));
  });
  after(async () => {
    await local?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("fails a job whose role may not write, and runs it when it may", async () => {
    const { iam, sagemaker, s3, logs } = clients();
    await sagemaker.send(new CreateTrainingJobCommand(job("denied")));
    const denied = await jobEnded("denied");
    assert.equal(denied.TrainingJobStatus, "Failed");
    assert.match(
      denied.FailureReason!,
      /assumed-role\/execution\/SageMaker is not authorized to perform: s3:PutObject on resource: "?arn:aws:s3:::artifacts-1\/runs\/denied\/output\/model.tar.gz"? because no identity-based policy allows the s3:PutObject action/,
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "execution",
        PolicyName: "s3",
        PolicyDocument: policy(["s3:ListBucket", "s3:GetObject", "s3:PutObject"]),
      }),
    );
    await sagemaker.send(new CreateTrainingJobCommand(job("allowed")));
    const allowed = await jobEnded("allowed");
    assert.equal(allowed.TrainingJobStatus, "Completed", allowed.FailureReason);
    assert.ok(allowed.TrainingEndTime! > allowed.TrainingStartTime!);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "artifacts-1", Prefix: "runs/allowed/" }));
    assert.deepEqual(
      Contents!.map((object) => object.Key),
      ["runs/allowed/output/model.tar.gz"],
    );
    // A bucket's policy knows the job by its role, whatever that role's own policies allow.
    const others = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::artifacts-1/runs/*",
      Condition: {
        ArnLike: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/*" },
        ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/writer" },
      },
    };
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket: "artifacts-1",
        Policy: JSON.stringify({ Version: "2012-10-17", Statement: [others] }),
      }),
    );
    const { Tags: _tags, ...untagged } = job("kept-out");
    await sagemaker.send(new CreateTrainingJobCommand(untagged));
    assert.match(
      (await jobEnded("kept-out")).FailureReason!,
      /s3:PutObject on resource: "arn:aws:s3:::artifacts-1\/runs\/kept-out\/output\/model.tar.gz" with an explicit deny in a resource-based policy/,
    );
    await s3.send(new DeleteBucketPolicyCommand({ Bucket: "artifacts-1" }));
    await eventually(async () => {
      const { events } = await logs.send(
        new FilterLogEventsCommand({ logGroupName: "/aws/sagemaker/TrainingJobs", logStreamNamePrefix: "allowed/" }),
      );
      assert.ok(
        events!.some((event) => event.message!.startsWith("starting at epoch")),
        JSON.stringify(events),
      );
    });
  });

  it("serves the trained model, captures and measures it, and does so again after a restart", async () => {
    const { sagemaker, runtime, cloudwatch, s3, tagging } = clients();
    await sagemaker.send(
      new CreateModelCommand({
        ModelName: "m",
        ExecutionRoleArn: ROLE,
        PrimaryContainer: { Image: IMAGE, ModelDataUrl: "s3://artifacts-1/runs/allowed/output/model.tar.gz" },
      }),
    );
    await sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: "c",
        ProductionVariants: [
          { VariantName: "champion", ModelName: "m", InstanceType: "ml.c6i.large", InitialInstanceCount: 1 },
        ],
        DataCaptureConfig: {
          EnableCapture: true,
          InitialSamplingPercentage: 100,
          DestinationS3Uri: "s3://artifacts-1/capture",
          CaptureOptions: [{ CaptureMode: "Input" }],
        },
      }),
    );
    await sagemaker.send(
      new CreateEndpointCommand({
        EndpointName: "e",
        EndpointConfigName: "c",
        Tags: [{ Key: "project", Value: "peregrine" }],
      }),
    );
    assert.equal((await inService("e")).EndpointStatus, "InService");
    const answer = await runtime.send(
      new InvokeEndpointCommand({
        EndpointName: "e",
        Body: Buffer.from("picture"),
        ContentType: "image/jpeg",
        CustomAttributes: "trace=1",
      }),
    );
    assert.deepEqual(
      [answer.InvokedProductionVariant, answer.ContentType, answer.CustomAttributes],
      ["champion", "application/json", "trace=1"],
    );
    assert.equal(JSON.parse(Buffer.from(answer.Body!).toString()).size, 7);
    const failed = await runtime
      .send(new InvokeEndpointCommand({ EndpointName: "e", Body: Buffer.from("fail 500") }))
      .catch((error) => error);
    assert.deepEqual(
      [failed.name, failed.$metadata.httpStatusCode, failed.OriginalStatusCode, failed.OriginalMessage],
      ["ModelError", 424, 500, "cannot: fail 500"],
    );
    const unknown = await runtime
      .send(new InvokeEndpointCommand({ EndpointName: "none", Body: Buffer.from("x") }))
      .catch((error) => error);
    assert.deepEqual(
      [unknown.name, unknown.message],
      ["ValidationError", "Endpoint none of account 111122223333 not found."],
    );

    const { ResourceTagMappingList } = await tagging.send(
      new GetResourcesCommand({ TagFilters: [{ Key: "project", Values: ["peregrine"] }] }),
    );
    assert.deepEqual(
      ResourceTagMappingList!.map((row) => row.ResourceARN!.split(":").pop()),
      ["endpoint/e", "training-job/allowed", "training-job/denied"],
    );
    await eventually(async () => {
      const { Contents } = await s3.send(
        new ListObjectsV2Command({ Bucket: "artifacts-1", Prefix: "capture/e/champion/" }),
      );
      assert.equal(Contents?.length, 1);
    });
    const metric = (Namespace: string, MetricName: string) =>
      cloudwatch.send(
        new GetMetricStatisticsCommand({
          Namespace,
          MetricName,
          Dimensions: [
            { Name: "EndpointName", Value: "e" },
            { Name: "VariantName", Value: "champion" },
          ],
          StartTime: new Date(local.cloud.clock.nowMs() - 3_600_000),
          EndTime: new Date(local.cloud.clock.nowMs() + 60_000),
          Period: 3600,
          Statistics: ["Sum", "Maximum"],
        }),
      );
    const sum = async (name: string): Promise<number> =>
      (await metric("AWS/SageMaker", name)).Datapoints!.reduce((total, point) => total + point.Sum!, 0);
    await eventually(async () => {
      assert.deepEqual([await sum("Invocations"), await sum("Invocation5XXErrors")], [2, 1]);
      assert.ok((await metric("/aws/sagemaker/Endpoints", "MemoryUtilization")).Datapoints![0]!.Maximum! > 0);
    });

    await local.stop();
    local = await startLocalCloud({ stateDir, images, speed: 30 });
    const again = await clients().runtime.send(
      new InvokeEndpointCommand({ EndpointName: "e", Body: Buffer.from("after") }),
    );
    assert.equal(JSON.parse(Buffer.from(again.Body!).toString()).size, 5);
  });
});
