import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../../../local/members";
import { placed, type Principal } from "../../../local/iam/principal";
import type { Placement } from "../../../local/network/placement";
import type { NetworkRecord } from "../../../local/network/topology";
import { roleEnvironment } from "../../../local/runner/role-environment";
import type { LocalCloud } from "../../../local/server";
import type { Recorder } from "../../support/mocks";
import { bringUp, networkOf, workloads } from "../../support/networks";
import { programOf } from "../../support/programs";
import { modelArchive } from "../services/sagemaker/harness";
import { repository, startTestCloud, venv } from "../support";
import { Notebook } from "./notebook";

const python = join(venv, "bin", "python");
const region = "eu-central-1";
const accountId = "123456789012";
const roleArn = `arn:aws:iam::${accountId}:role/everything`;
const image = `${accountId}.dkr.ecr.${region}.amazonaws.com/tracked:1`;
const bucket = "peregrine-prod-artifacts";

/** What boto3 says of a connection that ends without an answer. */
const brokenOff = /^ConnectionClosedError: Connection was closed before we received a valid response/;

/** What people's notebooks call through each endpoint of the program, by boto3. */
const notebookCalls: Readonly<Record<string, string>> = {
  [`com.amazonaws.${region}.s3`]: `boto3.client("s3").list_objects_v2(Bucket="${bucket}")`,
  [`com.amazonaws.${region}.sagemaker.api`]: `boto3.client("sagemaker").list_models()`,
  [`com.amazonaws.${region}.sagemaker.runtime`]: `boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName="none", Body=b"")`,
  [`com.amazonaws.${region}.sts`]: `boto3.client("sts").get_caller_identity()`,
  [`com.amazonaws.${region}.logs`]: `boto3.client("logs").describe_log_groups()`,
  [`com.amazonaws.${region}.monitoring`]: `boto3.client("cloudwatch").list_metrics()`,
  [`com.amazonaws.${region}.kms`]: `boto3.client("kms").list_aliases()`,
  [`com.amazonaws.${region}.events`]: `boto3.client("events").list_event_buses()`,
};

/**
 * The networks of the program, as its settings make them, with real clients, a real job and a real endpoint in them.
 * With an endpoint missing from the program, what needs it is refused as on AWS.
 */
describe("the program's private network", () => {
  let recorder: Recorder;
  let local: LocalCloud;
  let role: Principal;
  let from: Placement;
  let network: NetworkRecord[];
  let take: (id: string) => () => void;
  let app: string;
  before(async function () {
    recorder = await programOf("prod", { "peregrine:studio": "true" });
    local = await startTestCloud({
      accountId,
      region,
      images: {
        tracked: {
          entrypoint: [resolve(python), join(__dirname, "images", "tracked.py")],
          env: { PYTHONPATH: join(repository, "ml") },
        } as never,
      },
    });
    await administer("iam", "CreateRole", {
      RoleName: "everything",
      AssumeRolePolicyDocument: document({
        Principal: { Service: "sagemaker.amazonaws.com", AWS: `arn:aws:iam::${accountId}:root` },
        Action: "sts:AssumeRole",
      }),
    });
    await administer("iam", "PutRolePolicy", {
      RoleName: "everything",
      PolicyName: "all",
      PolicyDocument: document({ Action: "*", Resource: "*" }),
    });
    role = local.cloud.internals.assume(roleArn, "sagemaker.amazonaws.com", "SageMaker");
    from = workloads(recorder);
    network = networkOf(recorder);
    take = bringUp(local.cloud, network);
    for (const Bucket of [bucket, "somebody-elses"])
      await administer("s3", "CreateBucket", { Bucket, CreateBucketConfiguration: { LocationConstraint: region } });
    await administer("s3", "PutObject", { Bucket: bucket, Key: "data/a.txt", Body: Buffer.from("a") });
    app = (
      await administer("sagemaker", "CreateMlflowApp", {
        Name: "tracking",
        ArtifactStoreUri: `s3://${bucket}/mlflow`,
        RoleArn: roleArn,
      })
    ).Arn as string;
  });
  const notebooks: Record<string, Notebook> = {};
  after(async () => {
    Object.values(notebooks).forEach((one) => one.close());
    await local?.stop();
  });

  const administer = async (service: string, operation: string, input: Members): Promise<Members> =>
    (await local.cloud.call(service, operation, input, {
      principal: { type: "root", arn: `arn:aws:iam::${accountId}:root`, accountId, id: accountId },
      sourceIp: "127.0.0.1",
      userAgent: "test",
    })) as Members;
  const document = (statement: object): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  const endpointOf = (serviceName: string): string => {
    const found = network.find(({ properties }) => properties["serviceName"] === serviceName);
    if (!found) throw new assert.AssertionError({ message: `the program has no endpoint for ${serviceName}` });
    return found.id;
  };

  /** Runs boto3 calls from the network. @returns for each the error's class and message, or `ok`. */
  function notebook(calls: readonly string[], place: Placement | null = from): Promise<string[]> {
    const key = place ? "inside" : "outside";
    notebooks[key] ??= new Notebook(python, {
      PATH: process.env["PATH"],
      ...roleEnvironment(local.cloud, placed(role, place ?? undefined), local.url),
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
    return notebooks[key].run(calls);
  }

  it("has an endpoint for each service that is called from inside, and a caller for each endpoint", () => {
    const served = network
      .filter(({ type }) => type.endsWith(":VpcEndpoint"))
      .map(({ properties }) => properties["serviceName"]);
    assert.deepEqual(
      [...served].sort(),
      [...Object.keys(notebookCalls), `aws.sagemaker.${region}.mlflow`, `aws.sagemaker.${region}.studio`].sort(),
    );
  });

  it("lets a notebook call what has an endpoint, breaks the connection to what has none, and lets it again once it is there", async () => {
    const services = Object.keys(notebookCalls);
    const refusedByService = /^ValidationError: .*Endpoint none/;
    local.cloud.unreached.clear();
    const isFine = (answer: string): boolean => answer === "ok" || refusedByService.test(answer);
    const all = await notebook(Object.values(notebookCalls));
    assert.ok(all.every(isFine), all.join("\n"));
    for (const service of services) {
      const bringBack = take(endpointOf(service));
      const answers = await notebook(Object.values(notebookCalls));
      bringBack();
      answers.forEach((answer, index) => {
        if (services[index] === service) assert.match(answer, brokenOff, service);
        else assert.ok(isFine(answer), `${services[index]} without ${service}: ${answer}`);
      });
    }
    assert.deepEqual([...local.cloud.unreached.keys()].map((told) => told.split(": ")[0]).sort(), services.sort());
    assert.ok((await notebook(Object.values(notebookCalls))).every(isFine));
  });

  it("tells the endpoints' policies apart from other refusals, and lets nobody out to another bucket or by another service", async () => {
    const [foreign, elsewhere, role] = await notebook([
      `boto3.client("s3").list_objects_v2(Bucket="somebody-elses")`,
      `boto3.client("sqs").list_queues()`,
      `boto3.client("sts").assume_role(RoleArn="${roleArn}", RoleSessionName="xy")`,
    ]);
    assert.match(
      foreign!,
      /AccessDenied.*s3:ListBucket on resource: "arn:aws:s3:::somebody-elses" because no VPC endpoint policy allows the s3:ListBucket action/,
    );
    assert.match(elsewhere!, brokenOff);
    assert.equal(role, "ok");
    assert.deepEqual(
      await notebook(
        [`boto3.client("s3").list_objects_v2(Bucket="somebody-elses")`, `boto3.client("sqs").list_queues()`],
        null,
      ),
      ["ok", "ok"],
    );
  });

  it("keeps whoever takes another role from inside where it is", async () => {
    const session = `boto3.Session(**{dict(AccessKeyId="aws_access_key_id", SecretAccessKey="aws_secret_access_key", SessionToken="aws_session_token")[key]: value for key, value in plain("sts").assume_role(RoleArn="${roleArn}", RoleSessionName="xy")["Credentials"].items() if key != "Expiration"})`;
    assert.match(
      (
        await notebook([
          `${session}.client("sqs", config=botocore.config.Config(retries={"total_max_attempts": 1})).list_queues()`,
        ])
      )[0]!,
      brokenOff,
    );
  });

  it("shows IAM the endpoint and the VPC a call came through, and no public address", async () => {
    const vpce = endpointOf(`com.amazonaws.${region}.s3`);
    const only = (key: string, value: string): string =>
      document({ Action: "*", Resource: "*", Condition: { StringEquals: { [key]: value } } });
    const vpc = network.find(({ type }) => type.endsWith(":Vpc"))!.id;
    for (const [policy, answer] of [
      [only("aws:SourceVpce", vpce), "ok"],
      [only("aws:SourceVpc", vpc), "ok"],
      [only("aws:VpcSourceIp", "10.64.136.4"), "ok"],
      [only("aws:SourceVpce", "vpce-other"), "AccessDenied"],
      [document({ Action: "*", Resource: "*", Condition: { Null: { "aws:SourceIp": "false" } } }), "AccessDenied"],
    ] as const) {
      await administer("iam", "PutRolePolicy", { RoleName: "everything", PolicyName: "all", PolicyDocument: policy });
      assert.equal(
        (await notebook([`boto3.client("s3").list_objects_v2(Bucket="${bucket}")`]))[0]!.split(":")[0],
        answer,
        policy,
      );
    }
    await administer("iam", "PutRolePolicy", {
      RoleName: "everything",
      PolicyName: "all",
      PolicyDocument: document({ Action: "*", Resource: "*" }),
    });
  });

  describe("with a real job", () => {
    let number = 0;
    async function train(): Promise<Members> {
      const TrainingJobName = `tracked-${++number}`;
      await administer("sagemaker", "CreateTrainingJob", {
        TrainingJobName,
        RoleArn: roleArn,
        AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: "File" },
        InputDataConfig: [
          {
            ChannelName: "train",
            DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${bucket}/data/` } },
          },
        ],
        OutputDataConfig: { S3OutputPath: `s3://${bucket}/out` },
        ResourceConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 30 },
        StoppingCondition: { MaxRuntimeInSeconds: 600 },
        VpcConfig: { Subnets: from.subnetIds, SecurityGroupIds: from.securityGroupIds },
        Environment: { MLFLOW_TRACKING_URI: app, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" },
      });
      return until(
        "DescribeTrainingJob",
        { TrainingJobName },
        ({ TrainingJobStatus }) => TrainingJobStatus !== "InProgress",
      );
    }
    async function until(operation: string, input: Members, done: (answer: Members) => boolean): Promise<Members> {
      for (;;) {
        const answer = await administer("sagemaker", operation, input);
        if (done(answer)) return answer;
        await delay(50);
      }
    }

    it("trains and logs to MLflow through its endpoint, fails as it fails on AWS without, and again logs with it", async function () {
      await until("DescribeMlflowApp", { Arn: app }, ({ Status }) => Status !== "Creating");
      // The app's server comes up with its first request, which may take longer than a client waits.
      await local.cloud.internals.mlflowProxy!(
        app,
        { method: "GET", url: "/health", headers: {}, body: Buffer.alloc(0) },
        { principal: role, sourceIp: "127.0.0.1", userAgent: "test" },
      );
      const job = await train();
      assert.equal(job.TrainingJobStatus, "Completed", job.FailureReason);
      const bringBack = take(endpointOf(`aws.sagemaker.${region}.mlflow`));
      const cut = await train();
      bringBack();
      assert.equal(cut.TrainingJobStatus, "Failed");
      assert.match(
        cut.FailureReason,
        /^AlgorithmError: MLflow at arn:aws:sagemaker:\S+mlflow-app\/\S+ did not take the call: .*Connect timeout on endpoint URL: "https:\/\/mlflow.sagemaker.eu-central-1.app.aws\/"/s,
      );
      assert.equal((await train()).TrainingJobStatus, "Completed");
      assert.ok([...local.cloud.unreached.keys()].some((told) => told.startsWith(`aws.sagemaker.${region}.mlflow: `)));
    });

    it("neither fetches data nor a model without the way to S3, in SageMaker's words", async function () {
      await administer("s3", "PutObject", { Bucket: bucket, Key: "model.tar.gz", Body: modelArchive("m") });
      const bringBack = take(endpointOf(`com.amazonaws.${region}.s3`));
      const job = await train();
      assert.equal(
        job.FailureReason,
        "ClientError: Data download failed:Please ensure that the subnet's route table has a route to an S3 VPC endpoint or a NAT device, and both the security groups and the subnet's network ACL allow outbound traffic to S3",
      );
      await administer("sagemaker", "CreateModel", {
        ModelName: "m",
        ExecutionRoleArn: roleArn,
        EnableNetworkIsolation: true,
        VpcConfig: { Subnets: from.subnetIds, SecurityGroupIds: from.securityGroupIds },
        PrimaryContainer: { Image: image, ModelDataUrl: `s3://${bucket}/model.tar.gz` },
      });
      await administer("sagemaker", "CreateEndpointConfig", {
        EndpointConfigName: "m",
        ProductionVariants: [
          { VariantName: "v", ModelName: "m", InstanceType: "ml.c6i.large", InitialInstanceCount: 1 },
        ],
      });
      await administer("sagemaker", "CreateEndpoint", { EndpointName: "m", EndpointConfigName: "m" });
      const endpoint = await until(
        "DescribeEndpoint",
        { EndpointName: "m" },
        ({ EndpointStatus }) => EndpointStatus !== "Creating",
      );
      bringBack();
      assert.deepEqual(
        [endpoint.EndpointStatus, endpoint.FailureReason],
        [
          "Failed",
          `Failed to download model data from URL "s3://${bucket}/model.tar.gz". Please ensure that an S3 VPC endpoint exists in route table or NAT gateway for the VPC mode and the URL is reachable from within the subnets provided.`,
        ],
      );
    });

    it("brings up apps of Studio only where all of what they need is there", async () => {
      const { vpcId: VpcId } = network.find(({ type }) => type.endsWith(":Subnet"))!.properties as Members;
      const { DomainId } = await administer("sagemaker", "CreateDomain", {
        DomainName: "studio",
        AuthMode: "IAM",
        VpcId,
        SubnetIds: from.subnetIds,
        AppNetworkAccessType: "VpcOnly",
        DefaultUserSettings: { ExecutionRole: roleArn, SecurityGroups: from.securityGroupIds },
      });
      await administer("sagemaker", "CreateUserProfile", { DomainId, UserProfileName: "ben" });
      const statusOf = async (AppName: string): Promise<Members> => {
        const app = { DomainId, UserProfileName: "ben", AppType: "JupyterServer", AppName };
        await administer("sagemaker", "CreateApp", app);
        return administer("sagemaker", "DescribeApp", app);
      };
      assert.equal((await statusOf("whole")).Status, "InService");
      for (const service of [
        `aws.sagemaker.${region}.studio`,
        ...["s3", "sagemaker.api", "sagemaker.runtime"].map((name) => `com.amazonaws.${region}.${name}`),
      ]) {
        const bringBack = take(endpointOf(service));
        const { Status, FailureReason } = await statusOf(service.replaceAll(".", "-"));
        bringBack();
        assert.equal(Status, "Failed");
        assert.match(FailureReason, new RegExp(`could not reach ${service} from its VPC`));
      }
    });
  });
});
