import assert from "node:assert/strict";
import { startTestCloud } from "../harness";
import type { Members } from "../../../../../local/members";
import { makeTemporaryFolder } from "../../../../support/temporary-folder";
import {
  capture,
  ended,
  hourMs,
  jobDefinition,
  now,
  schedule,
  scheduled,
  startWatched,
  type WatchedCloud,
} from "./watched";

describe("executions of monitoring schedules", () => {
  let test: WatchedCloud;
  const statistics = (): { key: string; value: Members }[] =>
    [...test.bucket]
      .filter(([key]) => key.startsWith("artifacts/reports/") && key.endsWith(".json"))
      .map(([key, body]) => ({ key, value: JSON.parse(body.toString()) as Members }));
  beforeEach(async () => {
    test = await startWatched();
  });
  afterEach(() => test.stop());

  it("are processing jobs over the captured hour, by the container contract, at the full hour or up to 20 minutes later", async () => {
    const next = Math.floor(test.cloud.clock.nowMs() / hourMs) * hourMs + hourMs;
    for (const hour of [-2, -1, 0]) capture(test, next + hour * hourMs);
    test.bucket.set("artifacts/baseline/constraints.json", Buffer.from("the constraints"));
    await test.call(
      "CreateMonitoringSchedule",
      schedule(
        "hourly",
        {},
        {
          BaselineConfig: { ConstraintsResource: { S3Uri: "s3://artifacts/baseline/constraints.json" } },
          Environment: { own: "yes", start_time: "mine" },
          StoppingCondition: { MaxRuntimeInSeconds: 3600 },
        },
      ),
    );
    const execution = await ended(test, "hourly");
    assert.equal(execution.MonitoringExecutionStatus, "Completed", execution.FailureReason);
    assert.equal(execution.ScheduledTime.getTime(), next);

    const [written] = statistics();
    const hour = (ms: number): string => new Date(ms).toISOString().slice(0, 13).replace("T", "/").replaceAll("-", "/");
    assert.equal(written!.key, `artifacts/reports/shop/hourly/${hour(next)}/statistics.json`);
    assert.deepEqual(written!.value.files, [`shop/champion/${hour(next - hourMs)}/a.jsonl`]);
    const seconds = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
    assert.deepEqual(written!.value.variables, {
      own: "yes",
      dataset_format: '{"sagemakerCaptureJson":{"captureIndexNames":["endpointInput","endpointOutput"]}}',
      dataset_source: "/opt/ml/processing/endpointdata",
      output_path: "/opt/ml/processing/output",
      publish_cloudwatch_metrics: "Enabled",
      sagemaker_endpoint_name: "shop",
      sagemaker_endpoint_datacapture_prefix: "s3://artifacts/capture/",
      sagemaker_monitoring_schedule_name: "hourly",
      start_time: seconds(next - hourMs),
      end_time: seconds(next),
      baseline_constraints: "/opt/ml/processing/baseline/constraints/constraints.json",
    });
    assert.equal(written!.value.baseline, "the constraints");

    const job = await test.call("DescribeProcessingJob", {
      ProcessingJobName: execution.ProcessingJobArn.split("/").pop(),
    });
    assert.match(job.ProcessingJobName, /^model-monitoring-\d{12}-[0-9a-f]{24}$/);
    assert.match(job.MonitoringScheduleArn, /monitoring-schedule\/hourly$/);
    const late = job.CreationTime.getTime() - next;
    assert.ok(late >= 0 && late < 21 * 60_000, `${late} ms late`);
  });

  it("end CompletedWithViolations by their exit message, which their alert counts", async () => {
    capture(test, test.cloud.clock.nowMs() - hourMs, "b.jsonl", 5);
    const strict = {
      MonitoringAppSpecification: { ...jobDefinition().MonitoringAppSpecification, ContainerArguments: ["1"] },
    };
    await test.call("CreateMonitoringSchedule", now("strict", 3, strict));
    assert.equal((await ended(test, "strict")).MonitoringExecutionStatus, "CompletedWithViolations");
    const { MonitoringAlertSummaries: alerts } = await test.call("ListMonitoringAlerts", {
      MonitoringScheduleName: "strict",
    });
    assert.deepEqual(
      alerts.map(({ AlertStatus, DatapointsToAlert, EvaluationPeriod }: Members) => [
        AlertStatus,
        DatapointsToAlert,
        EvaluationPeriod,
      ]),
      [["InAlert", 1, 1]],
    );
    const { MonitoringAlertHistory: history } = await test.call("ListMonitoringAlertHistory", {
      MonitoringScheduleName: "strict",
    });
    assert.deepEqual(
      history.map(({ AlertStatus }: Members) => AlertStatus),
      ["InAlert"],
    );
  });

  it("fail where nothing was captured, without a job", async () => {
    await test.call("CreateMonitoringSchedule", now("empty", 2));
    const {
      MonitoringExecutionStatus: status,
      FailureReason: reason,
      ProcessingJobArn: job,
    } = await ended(test, "empty");
    assert.deepEqual([status, reason, job], ["Failed", "Job inputs had no data", undefined]);
    assert.deepEqual((await test.call("ListProcessingJobs", {})).ProcessingJobSummaries, []);
  });

  it("publish the metrics that the container left, as the job's role, and tell of lines that are none", async () => {
    capture(test, test.cloud.clock.nowMs() - hourMs);
    await test.call("CreateMonitoringSchedule", now("metrics", 3));
    await ended(test, "metrics");
    assert.deepEqual(
      test.published.map(({ Namespace, MetricData }) => [
        Namespace,
        MetricData.map(({ MetricName, Value }: Members) => [MetricName, Value]),
      ]),
      [["/aws/sagemaker/Endpoints/data-metrics", [["lines", 2]]]],
    );
    assert.ok(test.logs.some(({ line }) => line === "not a metric: {truncated"));
  });

  it("share the objects of an hour among instances, or give all to each", async () => {
    const at = test.cloud.clock.nowMs() - hourMs;
    for (const name of ["a.jsonl", "b.jsonl", "c.jsonl"]) capture(test, at, name);
    const [input] = jobDefinition().MonitoringInputs;
    const two = { ClusterConfig: { ...jobDefinition().MonitoringResources.ClusterConfig, InstanceCount: 2 } };
    for (const distribution of ["ShardedByS3Key", "FullyReplicated"]) {
      test.bucket.forEach((_body, key) => key.startsWith("artifacts/reports/") && test.bucket.delete(key));
      const name = distribution.slice(0, 7);
      await test.call(
        "CreateMonitoringSchedule",
        now(name, 3, {
          MonitoringResources: two,
          MonitoringInputs: [{ EndpointInput: { ...input.EndpointInput, S3DataDistributionType: distribution } }],
        }),
      );
      assert.equal((await ended(test, name)).MonitoringExecutionStatus, "Completed");
      assert.deepEqual(
        statistics()
          .map(({ key, value }) => [key.split("/").pop(), value.files.length])
          .sort(),
        distribution === "ShardedByS3Key"
          ? [
              ["statistics-algo-2.json", 1],
              ["statistics.json", 2],
            ]
          : [
              ["statistics-algo-2.json", 3],
              ["statistics.json", 3],
            ],
      );
    }
  });

  it("of model quality get the captured lines that have labels, with them", async () => {
    const hour = Math.floor(test.cloud.clock.nowMs() / hourMs) * hourMs - hourMs;
    const folder = new Date(hour).toISOString().slice(0, 13).replace("T", "/").replaceAll("-", "/");
    const line = (id: string): string =>
      JSON.stringify({ captureData: {}, eventMetadata: { eventId: "e", inferenceId: id } });
    const label = (id: string, data: string): string =>
      JSON.stringify({
        groundTruthData: { data, encoding: "JSON" },
        eventMetadata: { eventId: id },
        eventVersion: "0",
      });
    test.bucket.set(`artifacts/capture/shop/champion/${folder}/a.jsonl`, Buffer.from(`${line("1")}\n${line("2")}\n`));
    test.bucket.set(
      `artifacts/labels/shop/${folder}/l.jsonl`,
      Buffer.from(`${label("2", "yes")}\n${label("9", "no")}\nnonsense\n`),
    );
    const definition = jobDefinition();
    await test.call("CreateModelQualityJobDefinition", {
      JobDefinitionName: "quality",
      ModelQualityAppSpecification: { ...definition.MonitoringAppSpecification },
      ModelQualityJobInput: {
        ...definition.MonitoringInputs[0],
        GroundTruthS3Input: { S3Uri: "s3://artifacts/labels/shop" },
      },
      ModelQualityJobOutputConfig: definition.MonitoringOutputConfig,
      JobResources: definition.MonitoringResources,
      RoleArn: definition.RoleArn,
    });
    await test.call("CreateMonitoringSchedule", {
      MonitoringScheduleName: "quality",
      MonitoringScheduleConfig: {
        ...now("quality", 3).MonitoringScheduleConfig,
        MonitoringJobDefinition: undefined,
        MonitoringJobDefinitionName: "quality",
        MonitoringType: "ModelQuality",
      },
    });
    const execution = await ended(test, "quality");
    assert.equal(execution.MonitoringExecutionStatus, "Completed", execution.FailureReason);
    assert.match(execution.ProcessingJobArn, /model-quality-monitoring-/);
    const merged = test.bucket.get(`artifacts/reports/merge/shop/champion/${folder}/part-00000.jsonl`)!.toString();
    assert.deepEqual(
      merged
        .trim()
        .split("\n")
        .map((text) => JSON.parse(text)),
      [
        {
          captureData: {},
          eventMetadata: { eventId: "e", inferenceId: "2" },
          groundTruthData: { data: "yes", encoding: "JSON" },
        },
      ],
    );
    const report = statistics().find(({ key }) => key.endsWith("/statistics.json"))!;
    assert.match(report.value.variables.dataset_format, /sagemakerMergeJson/);
    assert.equal(report.value.lines, 1);
  });

  it("take a day's folder where its hours would be too many inputs", async () => {
    for (let hour = -23; hour <= 0; hour++) capture(test, test.cloud.clock.nowMs() + hour * hourMs);
    await test.call("CreateMonitoringSchedule", now("day", 24));
    assert.equal((await ended(test, "day")).MonitoringExecutionStatus, "Completed");
    const [{ ProcessingJobName: name }] = (await test.call("ListProcessingJobs", {})).ProcessingJobSummaries;
    const { ProcessingInputs: inputs } = await test.call("DescribeProcessingJob", { ProcessingJobName: name });
    assert.ok(inputs.length <= 3, `${inputs.length} inputs`);
  });

  it("need no right of the role's to make jobs, but those of what the job does", async () => {
    await test.stop();
    test = await startWatched({
      deny: (call, input) =>
        call.principal.roleArn !== undefined &&
        call.operation === "ListObjectsV2" &&
        String(input.Prefix).startsWith("capture/")
          ? "is not authorized to perform: s3:ListBucket"
          : undefined,
    });
    capture(test, test.cloud.clock.nowMs() - hourMs);
    await test.call("CreateMonitoringSchedule", now("blind", 3));
    const { MonitoringExecutionStatus: status, FailureReason: reason } = await ended(test, "blind");
    assert.deepEqual([status, reason], ["Failed", "is not authorized to perform: s3:ListBucket"]);
  });

  it("go on after a restart, and are told as events", async () => {
    const stateDir = makeTemporaryFolder();
    await test.stop();
    test = await startWatched({ stateDir });
    capture(test, test.cloud.clock.nowMs());
    await test.call("CreateMonitoringSchedule", schedule("hourly"));
    await scheduled(test, "hourly");
    assert.deepEqual(
      test.events
        .filter(({ detailType }) => detailType === "SageMaker Monitoring Schedule State Change")
        .map(({ detail }) => detail.MonitoringScheduleStatus),
      ["Pending", "Scheduled"],
    );
    const { bucket } = test;
    await test.stop();
    test = { ...(await startWatchedAgain(stateDir, bucket)), published: [] };
    assert.equal((await ended(test, "hourly")).MonitoringScheduleName, "hourly");
  });
});

async function startWatchedAgain(stateDir: string, bucket: Map<string, Buffer>) {
  return startTestCloud({ stateDir, bucket, speed: 1200, existingCustomerOf: ["model-monitor"] });
}
