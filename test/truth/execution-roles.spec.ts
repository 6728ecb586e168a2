import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import AdmZip from "adm-zip";
import type { Members } from "../../local/members";
import { AwsError } from "../../local/errors";
import type { LocalCloud } from "../../local/server";
import { allRoles, statementsOf } from "../../infra/identity/roles/all-roles";
import { modelArchive } from "../local/services/sagemaker/harness";
import { startTestCloud } from "../local/support";
import { eventually } from "../support/eventually";
import { accountId, scopeOf } from "../support/scope";

const scope = scopeOf("dev");
const releasing = scopeOf("dev", { "peregrine:releaseTargets": "staging,prod" });
const bucket = scope.artifactsBucket;
const toy = { entrypoint: ["node", join(__dirname, "..", "local", "services", "sagemaker", "images", "toy.cjs")] };
type Kind = "training" | "processing" | "endpoint";
const groups: Readonly<Record<Kind, string>> = {
  training: "/aws/sagemaker/TrainingJobs",
  processing: "/aws/sagemaker/ProcessingJobs",
  endpoint: "/aws/sagemaker/Endpoints",
};

/**
 * The program's execution roles as SageMaker uses them for itself, with their own policies: to pull, to log and to
 * publish.
 */
describe("the program's execution roles", function () {
  let local: LocalCloud;
  let runs = 0;
  const call = async (service: string, operation: string, input: Members): Promise<Members> =>
    (await local.cloud.call(service, operation, input, {
      principal: local.administrator.principal,
      sourceIp: "127.0.0.1",
      userAgent: "test",
    })) as Members;
  const document = (statements: readonly object[]): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: statements });

  before(async () => {
    local = await startTestCloud({ accountId, speed: 60, images: { [scope.imageRepository]: toy } });
    for (const Bucket of [bucket, scope.settings.dataset.bucket])
      await call("s3", "CreateBucket", {
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: local.cloud.region },
      });
    await call("s3", "PutObject", { Bucket: bucket, Key: "runs/data/a.txt", Body: Buffer.from("a") });
    await call("s3", "PutObject", { Bucket: bucket, Key: "releases/one/model.tar.gz", Body: modelArchive("one") });
    for (const kind of Object.keys(groups))
      await call("iam", "CreateRole", {
        RoleName: nameOf(kind as Kind),
        Path: "/peregrine/dev/",
        AssumeRolePolicyDocument: document([
          { Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" },
        ]),
      });
  });
  after(async () => {
    const kept = process.env["PEREGRINE_RIGHTS"];
    if (kept && local) {
      mkdirSync(kept, { recursive: true });
      writeFileSync(join(kept, "rights-used-execution-roles.json"), JSON.stringify(local.cloud.authoriser.usage));
    }
    await local?.stop();
  });

  const nameOf = (kind: Kind): string => scope.roleArn(`${kind}-execution`).split("/").pop()!;
  const gives = async (kind: Kind, without?: string): Promise<void> => {
    const own = statementsOf(allRoles(scope)[`${kind}-execution`]!);
    if (without)
      assert.ok(
        own.some(({ Sid }) => Sid === without),
        `${kind} has no ${without}`,
      );
    await call("iam", "PutRolePolicy", {
      RoleName: nameOf(kind),
      PolicyName: "duties",
      PolicyDocument: document(own.filter(({ Sid }) => Sid !== without)),
    });
  };

  /** Runs one job or endpoint, to its end. @returns its name, and why it failed. */
  async function run(kind: Kind): Promise<{ name: string; failure: string }> {
    const name = `${kind}-${++runs}`;
    const RoleArn = scope.roleArn(`${kind}-execution`);
    const cluster = { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 30 };
    const begin: Readonly<Record<Kind, () => Promise<Members>>> = {
      training: () =>
        call("sagemaker", "CreateTrainingJob", {
          TrainingJobName: name,
          RoleArn,
          AlgorithmSpecification: {
            TrainingImage: scope.imageUri,
            TrainingInputMode: "File",
            MetricDefinitions: [{ Name: "map50", Regex: "map50=([0-9.]+);" }],
          },
          InputDataConfig: [
            {
              ChannelName: "dataset",
              DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${bucket}/runs/data/` } },
            },
          ],
          OutputDataConfig: { S3OutputPath: `s3://${bucket}/runs/out` },
          ResourceConfig: cluster,
          StoppingCondition: { MaxRuntimeInSeconds: 600 },
        }),
      processing: () =>
        call("sagemaker", "CreateProcessingJob", {
          ProcessingJobName: name,
          RoleArn,
          AppSpecification: { ImageUri: scope.imageUri, ContainerEntrypoint: ["echo", "done"] },
          ProcessingResources: { ClusterConfig: cluster },
        }),
      endpoint: async () => {
        await call("sagemaker", "CreateModel", {
          ModelName: name,
          ExecutionRoleArn: RoleArn,
          PrimaryContainer: { Image: scope.imageUri, ModelDataUrl: `s3://${bucket}/releases/one/model.tar.gz` },
          EnableNetworkIsolation: true,
        });
        await call("sagemaker", "CreateEndpointConfig", {
          EndpointConfigName: name,
          ProductionVariants: [
            { VariantName: "champion", ModelName: name, InstanceType: "ml.c6i.large", InitialInstanceCount: 1 },
          ],
        });
        return call("sagemaker", "CreateEndpoint", { EndpointName: name, EndpointConfigName: name });
      },
    };
    const noun = { training: "TrainingJob", processing: "ProcessingJob", endpoint: "Endpoint" }[kind];
    try {
      await begin[kind]();
    } catch (error) {
      if (error instanceof AwsError) return { name, failure: error.message };
      throw error;
    }
    const done = await eventually(async () => {
      const answer = await call("sagemaker", `Describe${noun}`, { [`${noun}Name`]: name });
      assert.doesNotMatch(String(answer[`${noun}Status`]), /InProgress|Creating/);
      return answer;
    });
    return { name, failure: String(done.FailureReason ?? "") };
  }

  const lines = async (kind: Kind, name: string): Promise<number> => {
    const logGroupName = kind === "endpoint" ? `${groups.endpoint}/${name}` : groups[kind];
    try {
      const { events } = await call("logs", "FilterLogEvents", { logGroupName });
      return (events as Members[]).filter(
        ({ logStreamName }) => kind === "endpoint" || String(logStreamName).startsWith(`${name}/`),
      ).length;
    } catch (error) {
      if (error instanceof AwsError && error.code === "ResourceNotFoundException") return 0;
      throw error;
    }
  };
  const metrics = async (kind: Kind, name: string): Promise<number> => {
    const { Metrics = [] } = await call("cloudwatch", "ListMetrics", { Namespace: groups[kind] });
    return (Metrics as Members[]).filter(({ Dimensions }) =>
      (Dimensions as Members[]).some(({ Value }) => Value === name),
    ).length;
  };

  for (const kind of Object.keys(groups) as Kind[]) {
    it(`of ${kind}: pulls, logs${kind === "processing" ? "" : " and publishes"}`, async () => {
      await gives(kind);
      const { name, failure } = await run(kind);
      assert.equal(failure, "");
      await eventually(async () => assert.ok((await lines(kind, name)) > 0, "no line in the log"));
      if (kind !== "processing") await eventually(async () => assert.ok((await metrics(kind, name)) > 0, "no metric"));
    });

    it(`of ${kind}: starts nothing without its rights to the image`, async () => {
      for (const statement of ["PullImage", "SignInToRegistry"]) {
        await gives(kind, statement);
        assert.match(
          (await run(kind)).failure,
          /^Access denied for repository|Cannot pull algorithm container|does not have \w+ permission for the image/,
          statement,
        );
      }
    });

    it(`of ${kind}: leaves no log without its right to write one`, async () => {
      await gives(kind, "WriteLogs");
      const { name, failure } = await run(kind);
      assert.equal(failure, "");
      await delay(600);
      assert.equal(await lines(kind, name), 0);
    });
  }

  it("of functions: log to their own groups, which the program makes, and to no others", async () => {
    const functions = Object.entries(allRoles(releasing)).filter(
      ([, { trusted }]) =>
        typeof trusted === "object" && "service" in trusted && trusted.service === "lambda.amazonaws.com",
    );
    assert.ok(functions.length >= 3);
    const zip = new AdmZip();
    zip.addFile("index.js", Buffer.from("exports.handler = async () => console.log('said')"));
    for (const [role, description] of functions) {
      const own = statementsOf(description);
      const arn = releasing.roleArn(role as never);
      const RoleName = arn.split("/").pop()!;
      await call("iam", "CreateRole", {
        RoleName,
        Path: "/peregrine/dev/",
        AssumeRolePolicyDocument: document([
          { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        ]),
      });
      await call("iam", "PutRolePolicy", { RoleName, PolicyName: "duties", PolicyDocument: document(own) });
      const names = own
        .filter(({ Sid }) => Sid === "WriteLogs")
        .flatMap(({ Resource }) =>
          [Resource].flat().map((resource) => /:log-group:\/aws\/lambda\/(.+):\*$/.exec(String(resource))![1]!),
        );
      for (const FunctionName of [...names, `${role}-elsewhere`]) {
        await call("logs", "CreateLogGroup", { logGroupName: `/aws/lambda/${FunctionName}` });
        await call("lambda", "CreateFunction", {
          FunctionName,
          Role: arn,
          Runtime: "nodejs22.x",
          Handler: "index.handler",
          Code: { ZipFile: zip.toBuffer() },
        });
        assert.equal((await call("lambda", "Invoke", { FunctionName, Payload: Buffer.from("{}") })).StatusCode, 200);
      }
      const said = async (name: string): Promise<number> =>
        ((await call("logs", "FilterLogEvents", { logGroupName: `/aws/lambda/${name}` })).events as Members[]).length;
      for (const name of names) await eventually(async () => assert.ok((await said(name)) > 0, name));
      assert.equal(await said(`${role}-elsewhere`), 0);
    }
  });
});
