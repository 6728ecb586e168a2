import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AwsError } from "../../../../local/errors";
import type { Members } from "../../../../local/members";
import type { LocalCloud } from "../../../../local/server";
import { eventually } from "../../../support/eventually";
import { startTestCloud } from "../../support";
import { modelArchive } from "./harness";

const accountId = "111122223333";
const registry = `${accountId}.dkr.ecr.eu-central-1.amazonaws.com`;

/** What a job's role needs, one statement a subject. */
const rights = {
  data: { Action: ["s3:ListBucket", "s3:GetObject", "s3:PutObject"], Resource: "*" },
  signIn: { Action: ["ecr:GetAuthorizationToken"], Resource: "*" },
  pull: {
    Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
    Resource: "*",
  },
  makeGroup: { Action: ["logs:CreateLogGroup"], Resource: "*" },
  log: { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
  publish: {
    Action: ["cloudwatch:PutMetricData"],
    Resource: "*",
    Condition: {
      StringEquals: { "cloudwatch:namespace": ["/aws/sagemaker/TrainingJobs", "/aws/sagemaker/Endpoints"] },
    },
  },
} as const;
type Right = keyof typeof rights;
const all = Object.keys(rights) as Right[];
const without = (...missing: Right[]): Right[] => all.filter((right) => !missing.includes(right));

describe("what SageMaker does as an execution role", () => {
  let local: LocalCloud;
  let roles = 0;
  const root = { type: "root", arn: `arn:aws:iam::${accountId}:root`, accountId, id: accountId } as const;
  const call = async (service: string, operation: string, input: Members): Promise<Members> =>
    (await local.cloud.call(service, operation, input, {
      principal: root,
      sourceIp: "127.0.0.1",
      userAgent: "test",
    })) as Members;
  const document = (...statements: object[]): string =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
    });
  const refusalOf = async (work: Promise<Members>): Promise<string> =>
    work.then(
      () => "nothing",
      (error: unknown) => (error instanceof AwsError ? `${error.code}: ${error.message}` : String(error)),
    );

  before(async function () {
    const toy = { entrypoint: ["node", join(__dirname, "images", "toy.cjs")] };
    local = await startTestCloud({ images: { toy, shared: toy }, speed: 60 });
    await call("s3", "CreateBucket", {
      Bucket: "artifacts-9",
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
    });
    await call("s3", "PutObject", { Bucket: "artifacts-9", Key: "data/a.txt", Body: Buffer.from("a") });
    await call("s3", "PutObject", { Bucket: "artifacts-9", Key: "model.tar.gz", Body: modelArchive("one") });
  });
  after(() => local?.stop());

  /** A role with some of the rights. @returns its ARN. */
  async function roleWith(held: readonly Right[]): Promise<string> {
    const RoleName = `execution-${roles++}`;
    await call("iam", "CreateRole", {
      RoleName,
      AssumeRolePolicyDocument: document({
        Principal: { Service: "sagemaker.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
    });
    await setRights(RoleName, held);
    return `arn:aws:iam::${accountId}:role/${RoleName}`;
  }
  const setRights = (role: string, held: readonly Right[]): Promise<Members> =>
    call("iam", "PutRolePolicy", {
      RoleName: role.split("/").pop(),
      PolicyName: "rights",
      PolicyDocument: document(...held.map((right) => rights[right])),
    });

  const training = (TrainingJobName: string, RoleArn: string, image = "toy:1"): Promise<Members> =>
    call("sagemaker", "CreateTrainingJob", {
      TrainingJobName,
      RoleArn,
      AlgorithmSpecification: {
        TrainingImage: image.includes("/") ? image : `${registry}/${image}`,
        TrainingInputMode: "File",
        MetricDefinitions: [{ Name: "map50", Regex: "map50=([0-9.]+);" }],
      },
      InputDataConfig: [
        {
          ChannelName: "dataset",
          DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://artifacts-9/data/" } },
        },
      ],
      OutputDataConfig: { S3OutputPath: "s3://artifacts-9/runs" },
      ResourceConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 10 },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
    });
  const processing = (ProcessingJobName: string, RoleArn: string): Promise<Members> =>
    call("sagemaker", "CreateProcessingJob", {
      ProcessingJobName,
      RoleArn,
      AppSpecification: { ImageUri: `${registry}/toy:1` },
      ProcessingResources: { ClusterConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 10 } },
    });
  const settled = (operation: string, input: Members, status: string, underWay: string): Promise<Members> =>
    eventually(async () => {
      const answer = await call("sagemaker", operation, input);
      assert.notEqual(answer[status], underWay);
      return answer;
    });
  const ended = (kind: "Training" | "Processing", name: string): Promise<Members> =>
    settled(`Describe${kind}Job`, { [`${kind}JobName`]: name }, `${kind}JobStatus`, "InProgress");
  const linesOf = async (group: string, start: string): Promise<number> => {
    // The writer gathers lines for a moment.
    await delay(500);
    try {
      return ((await call("logs", "FilterLogEvents", { logGroupName: group })).events as Members[]).filter(
        ({ logStreamName }) => String(logStreamName).startsWith(start),
      ).length;
    } catch (error) {
      if (error instanceof AwsError && error.code === "ResourceNotFoundException") return 0;
      throw error;
    }
  };

  it("pulls, logs and publishes with the role's rights, which count as used", async () => {
    const role = await roleWith(all);
    await training("whole", role);
    const done = await ended("Training", "whole");
    assert.equal(done.TrainingJobStatus, "Completed", done.FailureReason);
    // Lines and figures come a moment after the job has ended.
    await eventually(async () => assert.ok((await linesOf("/aws/sagemaker/TrainingJobs", "whole/")) > 0));
    const used = () => Object.keys(local.cloud.authoriser.usage!.toJSON()[role]!);
    for (const action of [
      "ecr:GetAuthorizationToken",
      "ecr:BatchGetImage",
      "ecr:BatchCheckLayerAvailability",
      "ecr:GetDownloadUrlForLayer",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "cloudwatch:PutMetricData",
    ])
      await eventually(() => assert.ok(used().includes(action), action));
  });

  it("creates no job whose role may not see the image", async () => {
    const role = await roleWith(without("pull"));
    const words = `ValidationException: Access denied for repository: toy in registry ID: ${accountId}.`;
    assert.equal(await refusalOf(training("blind", role)), words);
    assert.equal(await refusalOf(processing("blind", role)), words);
  });

  it("fails a job whose role may not sign in to the registry", async () => {
    const role = await roleWith(without("signIn"));
    await training("stranger", role);
    await processing("stranger", role);
    for (const kind of ["Training", "Processing"] as const)
      assert.equal(
        (await ended(kind, "stranger")).FailureReason,
        "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect.",
        kind,
      );
  });

  it("pulls from another account only where its repository's policy lets the role", async () => {
    const role = await roleWith(all);
    const other = "444455556666.dkr.ecr.eu-central-1.amazonaws.com/shared:1";
    assert.match(
      await refusalOf(training("abroad", role, other)),
      /Access denied for repository: shared in registry ID: 444455556666/,
    );
    const policies = local.cloud.journal.table<string>("upstream/policies");
    policies.put(
      "arn:aws:ecr:eu-central-1:444455556666:repository/shared",
      document({
        Principal: { AWS: role },
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
      }),
    );
    await training("abroad", role, other);
    const done = await ended("Training", "abroad");
    assert.equal(done.TrainingJobStatus, "Completed", done.FailureReason);
  });

  it("heeds what the repository's own policy denies", async () => {
    const role = await roleWith(all);
    await call("ecr", "CreateRepository", { repositoryName: "toy" });
    await call("ecr", "SetRepositoryPolicy", {
      repositoryName: "toy",
      policyText: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Principal: { AWS: role }, Action: "ecr:BatchGetImage" }],
      }),
    });
    assert.match(await refusalOf(training("shut-out", role)), /Access denied for repository: toy/);
    await call("ecr", "DeleteRepositoryPolicy", { repositoryName: "toy" });
  });

  it("runs a job on without its log, and without metrics that its role may not publish", async () => {
    const role = await roleWith(without("log", "publish"));
    await training("silent", role);
    const done = await ended("Training", "silent");
    assert.equal(done.TrainingJobStatus, "Completed", done.FailureReason);
    assert.equal(done.FinalMetricDataList.length, 1);
    assert.equal(await linesOf("/aws/sagemaker/TrainingJobs", "silent/"), 0);
    const { Metrics } = await call("cloudwatch", "ListMetrics", {
      Namespace: "/aws/sagemaker/TrainingJobs",
      Dimensions: [{ Name: "TrainingJobName", Value: "silent" }],
    });
    assert.deepEqual(Metrics ?? [], []);
  });

  it("makes no log group with a role that may not", async () => {
    const role = await roleWith(without("makeGroup"));
    assert.equal(await linesOf("/aws/sagemaker/ProcessingJobs", ""), 0);
    await processing("groupless", role);
    await ended("Processing", "groupless");
    assert.equal(await linesOf("/aws/sagemaker/ProcessingJobs", "groupless/"), 0);
    await call("logs", "CreateLogGroup", { logGroupName: "/aws/sagemaker/ProcessingJobs" });
    await processing("grouped", role);
    await ended("Processing", "grouped");
    assert.ok((await linesOf("/aws/sagemaker/ProcessingJobs", "grouped/")) > 0);
  });

  it("starts no endpoint whose role may not pull, and logs none without the right", async () => {
    const role = await roleWith(without("pull", "log"));
    await call("sagemaker", "CreateModel", {
      ModelName: "one",
      ExecutionRoleArn: role,
      PrimaryContainer: { Image: `${registry}/toy:1`, ModelDataUrl: "s3://artifacts-9/model.tar.gz" },
    });
    await call("sagemaker", "CreateEndpointConfig", {
      EndpointConfigName: "one",
      ProductionVariants: [
        { VariantName: "champion", ModelName: "one", InstanceType: "ml.c6i.large", InitialInstanceCount: 1 },
      ],
    });
    const created = async (EndpointName: string): Promise<Members> => {
      await call("sagemaker", "CreateEndpoint", { EndpointName, EndpointConfigName: "one" });
      return settled("DescribeEndpoint", { EndpointName }, "EndpointStatus", "Creating");
    };
    assert.equal(
      (await created("shut")).FailureReason,
      `The role '${role}' does not have BatchGetImage permission for the image: '${registry}/toy:1'.`,
    );
    await setRights(role, without("log"));
    const open = await created("open");
    assert.equal(open.EndpointStatus, "InService", open.FailureReason);
    assert.equal(await linesOf("/aws/sagemaker/Endpoints/open", ""), 0);
  });
});
