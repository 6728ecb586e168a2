import { join } from "node:path";
import type { Cloud } from "../../../../../local/cloud";
import type { Members } from "../../../../../local/members";
import type { Service } from "../../../../../local/service";
import { configured, IMAGE, ROLE, served, startTestCloud, type TestCloud, type TestOptions } from "../harness";

const container = join(__dirname, "..", "images", "monitor.cjs");
export const hourMs = 3_600_000;
/** An hour in three seconds: an execution begins a second after its time at the latest. */
const speed = 1200;

/** A cloud of an old customer of Model Monitor with an endpoint that captures, and what its jobs published. */
export interface WatchedCloud extends TestCloud {
  readonly published: Members[];
}

export async function startWatched(options: TestOptions = {}): Promise<WatchedCloud> {
  const published: Members[] = [];
  const cloudwatch = (_cloud: Cloud): Service => ({
    id: "cloudwatch",
    operations: { PutMetricData: (input) => void published.push(input) },
  });
  const test = await startTestCloud({
    speed,
    existingCustomerOf: ["model-monitor"],
    services: (cloud) => [cloudwatch(cloud)],
    ...options,
  });
  await configured(test, "one", {
    config: {
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 100,
        DestinationS3Uri: "s3://artifacts/capture/",
        CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
      },
    },
  });
  await served(test, "shop", "one");
  return { ...test, published };
}

/** Captured lines of the hour of a time. */
export function capture(test: TestCloud, ms: number, name = "a.jsonl", lines = 2): void {
  const folder = new Date(ms).toISOString().slice(0, 13).replace("T", "/").replaceAll("-", "/");
  const line = `${JSON.stringify({ eventMetadata: { inferenceTime: new Date(ms).toISOString() } })}\n`;
  test.bucket.set(`artifacts/capture/shop/champion/${folder}/${name}`, Buffer.from(line.repeat(lines)));
}

export const jobDefinition = (changes: Members = {}): Members => ({
  MonitoringInputs: [{ EndpointInput: { EndpointName: "shop", LocalPath: "/opt/ml/processing/endpointdata" } }],
  MonitoringOutputConfig: {
    MonitoringOutputs: [{ S3Output: { S3Uri: "s3://artifacts/reports", LocalPath: "/opt/ml/processing/output" } }],
  },
  MonitoringResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.xlarge", VolumeSizeInGB: 30 } },
  MonitoringAppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ["node", container] },
  RoleArn: ROLE,
  ...changes,
});

export const schedule = (name: string, changes: Members = {}, definition: Members = {}): Members => ({
  MonitoringScheduleName: name,
  MonitoringScheduleConfig: {
    ScheduleConfig: { ScheduleExpression: "cron(0 * ? * * *)" },
    MonitoringJobDefinition: jobDefinition(definition),
    ...changes,
  },
});

/** A schedule that runs once, at once, over the last hours. */
export const now = (name: string, hours: number, definition: Members = {}): Members =>
  schedule(
    name,
    {
      ScheduleConfig: {
        ScheduleExpression: "NOW",
        DataAnalysisStartTime: `-PT${hours}H`,
        DataAnalysisEndTime: "-PT0H",
      },
    },
    definition,
  );

/** The latest execution of a schedule once it has ended. */
export async function ended(test: TestCloud, name: string): Promise<Members> {
  const { MonitoringExecutionSummaries: all } = await test.describeUntil(
    "ListMonitoringExecutions",
    { MonitoringScheduleName: name },
    (answer) =>
      answer.MonitoringExecutionSummaries.length > 0 &&
      !["Pending", "InProgress"].includes(answer.MonitoringExecutionSummaries[0].MonitoringExecutionStatus),
  );
  return all[0];
}

export const scheduled = (test: TestCloud, name: string): Promise<Members> =>
  test.describeUntil(
    "DescribeMonitoringSchedule",
    { MonitoringScheduleName: name },
    (answer) => answer.MonitoringScheduleStatus !== "Pending",
  );
