import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Members } from "../../../../../local/members";
import type { LocalCloud } from "../../../../../local/server";
import { baselinePrefix, eventBusName, monitoringNamespace, reportFiles } from "../../../../../contract/monitoring";
import { monitoringPipeline } from "../../../../../infra/monitoring/pipeline";
import { monitoringVariables } from "../../../../../infra/monitoring/variables";
import { mlImage } from "../../../../../scripts/commands/ml-image";
import { eventually } from "../../../../support/eventually";
import { accountId, scopeOf } from "../../../../support/scope";
import { repository, startTestCloud, venv } from "../../../support";
import { makeTemporaryFolder } from "../../../../support/temporary-folder";

const scope = scopeOf("prod");
const bucket = scope.artifactsBucket;
const image = `${accountId}.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0`;
const roleArn = `arn:aws:iam::${accountId}:role/monitoring`;
const hourMs = 3_600_000;
const model = "a".repeat(64);
/** An hour in six seconds: a run of the verb takes about as long. */
const speed = 600;

/** The image's verb over one captured hour, in the two ways that the program has it run. */
describe("the verb monitor", function () {
  this.timeout(240_000);
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  const call = async (service: string, operation: string, input: Members): Promise<Members> =>
    (await local.cloud.call(service, operation, input, {
      principal: { type: "root", arn: `arn:aws:iam::${accountId}:root`, accountId, id: accountId },
      sourceIp: "127.0.0.1",
      userAgent: "test",
      lenient: true,
    })) as Members;
  const put = (Key: string, Body: Buffer): Promise<Members> => call("s3", "PutObject", { Bucket: bucket, Key, Body });
  const below = async (Prefix: string): Promise<string[]> =>
    ((await call("s3", "ListObjectsV2", { Bucket: bucket, Prefix })).Contents ?? []).map(({ Key }: Members) =>
      String(Key),
    );
  const read = async (Key: string): Promise<string> =>
    Buffer.from((await call("s3", "GetObject", { Bucket: bucket, Key })).Body).toString();
  const described = (ProcessingJobName: string): Promise<Members> =>
    call("sagemaker", "DescribeProcessingJob", { ProcessingJobName });

  before(async () => {
    local = await startTestCloud({
      accountId,
      speed,
      images: { "peregrine-ml": mlImage() },
      existingCustomerOf: ["model-monitor"],
    });
    const trust = (Service: string): string =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
      });
    await call("iam", "CreateRole", {
      RoleName: "monitoring",
      AssumeRolePolicyDocument: trust("sagemaker.amazonaws.com"),
    });
    await call("iam", "PutRolePolicy", {
      RoleName: "monitoring",
      PolicyName: "all",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      }),
    });
    await call("s3", "CreateBucket", {
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
    });
    await call("events", "CreateEventBus", { Name: eventBusName("prod") });
    execFileSync(
      join(venv, "bin", "python"),
      [
        "-c",
        [
          "import sys; sys.path[:0] = ['ml', 'ml/tests']",
          "from pathlib import Path; import monitoring_data as data",
          "data.write_baseline(Path(sys.argv[1]) / 'baseline')",
          "(Path(sys.argv[1]) / 'lines.jsonl').write_bytes(b'\\n'.join(data.quiet(120)) + b'\\n')",
        ].join("; "),
        folder,
      ],
      { cwd: repository },
    );
    const baseline = join(folder, "baseline");
    for (const file of readdirSync(baseline))
      await put(`${baselinePrefix(model)}${file}`, readFileSync(join(baseline, file)));
    await put("models/one.tar.gz", execFileSync("tar", ["-czf", "-", "-C", baseline, "."]));
    await call("sagemaker", "CreateModel", {
      ModelName: "one",
      ExecutionRoleArn: roleArn,
      PrimaryContainer: { Image: image, ModelDataUrl: `s3://${bucket}/models/one.tar.gz` },
    });
    await call("sagemaker", "CreateEndpointConfig", {
      EndpointConfigName: "one",
      ProductionVariants: [
        {
          VariantName: "champion",
          ModelName: "one",
          InstanceType: "ml.c6i.large",
          InitialInstanceCount: 1,
          InitialVariantWeight: 1,
        },
      ],
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 100,
        DestinationS3Uri: `s3://${bucket}/capture`,
        CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
      },
    });
  });
  after(async () => {
    await local?.stop();
  });

  it("writes the same files from the same hour by Model Monitor and by our own job", async () => {
    const { cloud } = local;
    // The endpoint's container is not this test's matter: what it captured lies there.
    cloud.journal.table("sagemaker/endpoints").put(scope.endpointName, {
      name: scope.endpointName,
      arn: cloud.arn("sagemaker", `endpoint/${scope.endpointName}`),
      status: "InService",
      createdMs: cloud.clock.nowMs(),
      modifiedMs: cloud.clock.nowMs(),
      live: {
        configName: "one",
        variants: [{ name: "champion" }],
        capture: { EnableCapture: true, DestinationS3Uri: `s3://${bucket}/capture` },
      },
    });
    const due = Math.ceil((cloud.clock.nowMs() + hourMs / 2) / hourMs) * hourMs;
    const start = new Date(due - hourMs);
    const lines = readFileSync(join(folder, "lines.jsonl"), "utf8").replaceAll(
      "2026-11-29T11",
      start.toISOString().slice(0, 13),
    );
    const hour = start.toISOString().slice(0, 13).replace("T", "/").replaceAll("-", "/");
    await put(`capture/${scope.endpointName}/champion/${hour}/00-00-000-a.jsonl`, Buffer.from(lines));
    await call("sagemaker", "CreateMonitoringSchedule", {
      MonitoringScheduleName: "peregrine-prod-monitoring",
      MonitoringScheduleConfig: {
        ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" },
        MonitoringType: "DataQuality",
        MonitoringJobDefinition: {
          RoleArn: roleArn,
          MonitoringAppSpecification: { ImageUri: image, ContainerArguments: ["monitor"] },
          MonitoringInputs: [
            { EndpointInput: { EndpointName: scope.endpointName, LocalPath: "/opt/ml/processing/endpointdata" } },
          ],
          MonitoringOutputConfig: {
            MonitoringOutputs: [
              {
                S3Output: {
                  S3Uri: `s3://${bucket}/monitoring/reports`,
                  LocalPath: "/opt/ml/processing/output",
                  S3UploadMode: "EndOfJob",
                },
              },
            ],
          },
          MonitoringResources: {
            ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.xlarge", VolumeSizeInGB: 30 },
          },
          Environment: monitoringVariables(scope),
        },
      },
    });
    const execution = await eventually(async () => {
      const { MonitoringExecutionSummaries: all } = await call("sagemaker", "ListMonitoringExecutions", {
        SortOrder: "Ascending",
      });
      const one = all.find(({ ScheduledTime }: Members) => ScheduledTime.getTime() === due) as Members | undefined;
      assert.ok(one && !["Pending", "InProgress"].includes(one.MonitoringExecutionStatus));
      return one;
    });
    assert.match(execution.MonitoringExecutionStatus, /^Completed/, execution.FailureReason);
    const theirs = await described(execution.ProcessingJobArn.split("/").pop());

    const step = monitoringPipeline(scope).Steps[0]!.Arguments as Members;
    await call("sagemaker", "CreateProcessingJob", {
      ...step,
      ProcessingJobName: "ours",
      RoleArn: roleArn,
      ProcessingResources: theirs.ProcessingResources,
      NetworkConfig: undefined,
      Tags: [],
      AppSpecification: { ImageUri: image, ContainerArguments: ["monitor"] },
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: "report",
            S3Output: {
              S3Uri: `s3://${bucket}/monitoring/reports/${scope.endpointName}/run`,
              LocalPath: "/opt/ml/processing/output",
              S3UploadMode: "EndOfJob",
            },
          },
        ],
      },
      Environment: { ...step.Environment, hours_back: "1", window_end: "hour", end_time: theirs.Environment.end_time },
    });
    const ours = await eventually(async () => {
      const job = await described("ours");
      assert.notEqual(job.ProcessingJobStatus, "InProgress");
      return job;
    });
    assert.equal(ours.ProcessingJobStatus, "Completed", ours.FailureReason);
    assert.equal(ours.ExitMessage, theirs.ExitMessage);

    const folders = [theirs, ours].map(
      (job) => `${String(job.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri).slice(`s3://${bucket}/`.length)}/`,
    );
    const [managed, own] = (await Promise.all(folders.map(below))).map((keys, index) =>
      keys.map((key) => key.slice(folders[index]!.length)).sort(),
    );
    assert.deepEqual(own, managed);
    for (const file of Object.values(reportFiles)) assert.ok(own!.includes(file), file);
    for (const file of [reportFiles.statistics, reportFiles.constraints, reportFiles.violations]) {
      const [one, other] = await Promise.all(folders.map((prefix) => read(prefix + file)));
      assert.deepEqual(JSON.parse(one!), JSON.parse(other!), file);
    }
    const { Metrics: metrics } = await call("cloudwatch", "ListMetrics", {});
    const namespaces = new Set((metrics as Members[]).map(({ Namespace }) => Namespace));
    for (const namespace of ["/aws/sagemaker/Endpoints/data-metrics", monitoringNamespace("prod")])
      assert.ok(namespaces.has(namespace), `${namespace} is not among ${[...namespaces].join(", ")}`);
  });
});
