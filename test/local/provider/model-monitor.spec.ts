import assert from "node:assert/strict";
import type { Members } from "../../../local/members";
import { startProvider, type RunningProvider } from "../../../local/provider/server";
import { startWatched, type WatchedCloud } from "../services/sagemaker/monitoring/watched";
import { IMAGE, ROLE } from "../services/sagemaker/harness";
import { administrator } from "./memory-cloud";
import { Engine } from "./provider-client";

const scheduleType = "aws:sagemaker/monitoringSchedule:MonitoringSchedule";
const definitionType = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition";
const endpointInput = { endpointName: "shop", localPath: "/opt/ml/processing/endpointdata" };
const output = { s3Uri: "s3://artifacts/reports", localPath: "/opt/ml/processing/output" };
const cluster = { instanceCount: 1, instanceType: "ml.m5.xlarge", volumeSizeInGb: 30 };
const wanted = (scheduleExpression: string) => ({
  name: "watch",
  monitoringScheduleConfig: {
    monitoringType: "DataQuality",
    scheduleConfig: { scheduleExpression },
    monitoringJobDefinition: {
      roleArn: ROLE,
      monitoringAppSpecification: { imageUri: IMAGE, containerArguments: ["monitor"] },
      monitoringInputs: { endpointInput },
      monitoringOutputConfig: { monitoringOutputs: { s3Output: output } },
      monitoringResources: { clusterConfig: cluster },
      environment: { own: "yes" },
      baseline: { constraintsResource: { s3Uri: "s3://artifacts/baseline/constraints.json" } },
      stoppingConditions: [{ maxRuntimeInSeconds: 3300 }],
    },
  },
  tags: { owner: "vision" },
});

describe("Model Monitor in the local cloud's provider", () => {
  let test: WatchedCloud;
  let provider: RunningProvider;
  let engine: Engine;
  before(async () => {
    test = await startWatched();
    provider = await startProvider(test.cloud, { port: 0, principalFor: async () => administrator });
    engine = await Engine.configured(provider.port);
  });
  after(async () => {
    engine.close();
    await provider.stop();
    await test.stop();
  });
  const live = (): Promise<Members> => test.call("DescribeMonitoringSchedule", { MonitoringScheduleName: "watch" });

  it("creates a schedule and waits until it is scheduled, sees no difference, and none after reading it back", async () => {
    const news = wanted("cron(0 * ? * * *)");
    const made = await engine.create(scheduleType, "watch", news);
    assert.equal(made.id, "watch");
    assert.equal(made.properties.arn, test.cloud.arn("sagemaker", "monitoring-schedule/watch"));
    const { MonitoringScheduleStatus: status, MonitoringScheduleConfig: config } = await live();
    assert.equal(status, "Scheduled");
    assert.deepEqual(config.MonitoringJobDefinition, {
      RoleArn: ROLE,
      MonitoringAppSpecification: { ImageUri: IMAGE, ContainerArguments: ["monitor"] },
      MonitoringInputs: [{ EndpointInput: { EndpointName: "shop", LocalPath: "/opt/ml/processing/endpointdata" } }],
      MonitoringOutputConfig: {
        MonitoringOutputs: [{ S3Output: { S3Uri: output.s3Uri, LocalPath: output.localPath } }],
      },
      MonitoringResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.xlarge", VolumeSizeInGB: 30 } },
      Environment: { own: "yes" },
      BaselineConfig: { ConstraintsResource: { S3Uri: "s3://artifacts/baseline/constraints.json" } },
      StoppingCondition: { MaxRuntimeInSeconds: 3300 },
    });
    assert.deepEqual((await engine.diff(scheduleType, "watch", made, news)).paths, []);
    const read = await engine.read(scheduleType, "watch", made.id, made.inputs, made.properties);
    assert.deepEqual(read.inputs, made.inputs);
  });

  it("changes it in place, finds what somebody else changed, imports it, and deletes it", async () => {
    const imported = await engine.read(scheduleType, "watch", "watch");
    assert.equal(
      (imported.inputs.monitoringScheduleConfig as Members).scheduleConfig.scheduleExpression,
      "cron(0 * ? * * *)",
    );
    const news = wanted("cron(0 0/6 ? * * *)");
    await engine.update(scheduleType, "watch", imported, news);
    const { MonitoringScheduleConfig: config } = await live();
    assert.equal(config.ScheduleConfig.ScheduleExpression, "cron(0 0/6 ? * * *)");
    await test.call("UpdateMonitoringSchedule", {
      MonitoringScheduleName: "watch",
      MonitoringScheduleConfig: { ...config, ScheduleConfig: { ScheduleExpression: "cron(0 5 ? * * *)" } },
    });
    const found = await engine.read(scheduleType, "watch", "watch", news, {});
    assert.equal(
      (found.inputs.monitoringScheduleConfig as Members).scheduleConfig.scheduleExpression,
      "cron(0 5 ? * * *)",
    );
    await test.describeUntil(
      "DescribeMonitoringSchedule",
      { MonitoringScheduleName: "watch" },
      ({ MonitoringScheduleStatus: status }) => status === "Scheduled",
    );
    await engine.delete(scheduleType, "watch", found);
    assert.match(
      await test.refused("DescribeMonitoringSchedule", { MonitoringScheduleName: "watch" }),
      /^ResourceNotFound/,
    );
  });

  it("replaces a job definition for any change", async () => {
    const news = {
      name: "apart",
      roleArn: ROLE,
      dataQualityAppSpecification: { imageUri: IMAGE },
      dataQualityJobInput: { endpointInput },
      dataQualityJobOutputConfig: { monitoringOutputs: { s3Output: output } },
      jobResources: { clusterConfig: cluster },
    };
    const made = await engine.create(definitionType, "apart", news);
    assert.equal(made.properties.arn, test.cloud.arn("sagemaker", "data-quality-job-definition/apart"));
    assert.deepEqual((await engine.diff(definitionType, "apart", made, news)).paths, []);
    const other = { ...news, stoppingCondition: { maxRuntimeInSeconds: 60 } };
    const diff = await engine.diff(definitionType, "apart", made, other);
    assert.deepEqual(diff.replaces, ["stoppingCondition"]);
    await engine.delete(definitionType, "apart", made);
  });
});
