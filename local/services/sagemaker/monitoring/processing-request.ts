import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import type { Principal } from "../../../iam/principal";
import type { Members } from "../../../members";
import type { Context } from "../context";
import type { Endpoint } from "../hosting/endpoint";
import type { ProcessingJobs } from "../jobs/processing";
import type { MonitoringJob } from "./job-definition";
import type { ExecutionRecord } from "./schedule-store";
import { folderOf, hourFolders, type Window } from "./window";

/** Inputs of a processing job (ProcessingInputs, API reference). */
const mostInputs = 10;

const baselineFolder = "/opt/ml/processing/baseline";

/** One prefix of captured data, and its place in the container. */
export interface Captured {
  readonly uri: string;
  readonly localPath: string;
  /** `<endpoint>/<variant>/yyyy/mm/dd/hh`. */
  readonly path: string;
}

/**
 * Captured data of a window that is there: a prefix for each variant and hour, or day where there would be too many
 * (believed; the guide says that more may be downloaded than the window has).
 * @throws AwsError where the role may not look.
 */
export async function capturedIn(
  { objects }: Context,
  role: Principal,
  endpoint: Endpoint,
  window: Window,
  localPath: string,
): Promise<Captured[]> {
  const uri = String(endpoint.live?.capture?.DestinationS3Uri ?? "").replace(/\/+$/, "");
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  const below = (folders: readonly string[]): string[] =>
    (endpoint.live?.variants ?? []).flatMap(({ name }) =>
      folders.map((folder) => `${endpoint.name}/${name}/${folder}`),
    );
  const hours: string[] = [];
  for (const path of below(hourFolders(window)))
    if (
      (await objects.list(role, bucket, [prefix, path, ""].filter((part, at) => at > 0 || part !== "").join("/"), 1))
        .length > 0
    )
      hours.push(path);
  // Two places are the baseline's.
  const paths =
    hours.length <= mostInputs - 2 ? hours : [...new Set(hours.map((path) => path.slice(0, path.lastIndexOf("/"))))];
  return paths.map((path) => ({
    uri: `${uri}/${path}`,
    localPath: `${localPath.replace(/\/+$/, "")}/${path}`,
    path,
  }));
}

/** What the processing job of an execution is made of. */
export interface ProcessingFacts {
  readonly execution: ExecutionRecord;
  readonly job: MonitoringJob;
  readonly window: Window;
  readonly captured: readonly Captured[];
  /** Where the endpoint captures to. */
  readonly capturePrefix: string;
}

/**
 * The request for an execution's processing job, as DescribeProcessingJob shows those of schedules: inputs, output and
 * variables by the container contract ("Container Contract Inputs", SageMaker developer guide).
 */
export function processingRequest(facts: ProcessingFacts, processing: ProcessingJobs): Members {
  const { execution, job } = facts;
  const [output] = job.output.MonitoringOutputs;
  const { S3Uri, LocalPath, S3UploadMode = "Continuous" } = output!.S3Output;
  const baseline = baselineOf(job, processing);
  return {
    ProcessingJobName: jobName(execution, job),
    RoleArn: job.roleArn,
    AppSpecification: {
      ImageUri: job.app.ImageUri,
      ...(job.app.ContainerEntrypoint ? { ContainerEntrypoint: job.app.ContainerEntrypoint } : {}),
      ...(job.app.ContainerArguments ? { ContainerArguments: job.app.ContainerArguments } : {}),
    },
    ProcessingInputs: [
      ...baseline.map(({ name, uri, folder }) => input(name, uri, folder, "FullyReplicated")),
      ...facts.captured.map(({ uri, localPath }, index) =>
        input(`endpoint_input_${index + 1}`, uri, localPath, job.endpoint.S3DataDistributionType ?? "FullyReplicated"),
      ),
    ],
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: "result",
          AppManaged: false,
          S3Output: {
            LocalPath,
            S3UploadMode,
            S3Uri: [
              S3Uri.replace(/\/+$/, ""),
              execution.endpointName,
              execution.schedule,
              folderOf(execution.scheduledMs),
            ].join("/"),
          },
        },
      ],
      ...(job.output.KmsKeyId ? { KmsKeyId: job.output.KmsKeyId } : {}),
    },
    ProcessingResources: { ClusterConfig: job.resources.ClusterConfig },
    ...(job.network ? { NetworkConfig: job.network } : {}),
    StoppingCondition: { MaxRuntimeInSeconds: job.maxRuntimeSeconds ?? 3600 },
    Environment: { ...job.environment, ...contractOf(facts, LocalPath, baseline) },
  };
}

function input(name: string, uri: string, localPath: string, distribution: string): Members {
  return {
    InputName: name,
    AppManaged: false,
    S3Input: {
      LocalPath: localPath,
      S3Uri: uri,
      S3DataDistributionType: distribution,
      S3DataType: "S3Prefix",
      S3InputMode: "File",
      S3CompressionType: "None",
    },
  };
}

/** Names begin as public descriptions of such jobs show it; that of an inline definition is believed. */
function jobName({ type, scheduledMs }: ExecutionRecord, { definitionName }: MonitoringJob): string {
  const kind = {
    DataQuality: "data-quality",
    ModelQuality: "model-quality",
    ModelBias: "model-bias",
    ModelExplainability: "model-explainability",
  };
  const minute = new Date(scheduledMs).toISOString().slice(0, 16).replace(/\D/g, "");
  return `${definitionName === undefined ? "model" : kind[type]}-monitoring-${minute}-${randomBytes(12).toString("hex")}`;
}

/** Variables of the container contract; what the definition says of them itself does not count (believed). */
function contractOf(
  { execution, job, window, capturePrefix }: ProcessingFacts,
  outputPath: string,
  baseline: readonly BaselineFile[],
): Record<string, string> {
  const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
  const merged = job.groundTruth !== undefined;
  const captures = { captureIndexNames: ["endpointInput", "endpointOutput"] };
  return {
    dataset_format: JSON.stringify(merged ? { sagemakerMergeJson: captures } : { sagemakerCaptureJson: captures }),
    dataset_source: job.endpoint.LocalPath.replace(/\/+$/, ""),
    output_path: outputPath,
    publish_cloudwatch_metrics: "Enabled",
    sagemaker_endpoint_name: execution.endpointName,
    sagemaker_endpoint_datacapture_prefix: capturePrefix,
    sagemaker_monitoring_schedule_name: execution.schedule,
    start_time: time(window.startMs),
    end_time: time(window.endMs),
    ...Object.fromEntries(baseline.map(({ variable, uri, folder }) => [variable, `${folder}/${basename(uri)}`])),
  };
}

interface BaselineFile {
  readonly name: string;
  readonly variable: string;
  readonly uri: string;
  readonly folder: string;
}

/** The baseline's files, which a baselining job may stand for: those in its first output. */
function baselineOf({ baseline }: MonitoringJob, processing: ProcessingJobs): BaselineFile[] {
  const { BaseliningJobName: maker, ConstraintsResource: constraints, StatisticsResource: statistics } = baseline;
  const made = maker && processing.jobs.get(maker)?.input.ProcessingOutputConfig?.Outputs?.[0]?.S3Output?.S3Uri;
  const uriOf = (given: string | undefined, name: string): string | undefined =>
    given ?? (made ? `${String(made).replace(/\/+$/, "")}/${name}` : undefined);
  return [
    {
      name: "constraints",
      variable: "baseline_constraints",
      uri: uriOf(constraints?.S3Uri, "constraints.json"),
      folder: `${baselineFolder}/constraints`,
    },
    {
      name: "baseline",
      variable: "baseline_statistics",
      uri: uriOf(statistics?.S3Uri, "statistics.json"),
      folder: `${baselineFolder}/stats`,
    },
  ].flatMap(({ uri, ...file }) => (uri === undefined ? [] : [{ ...file, uri }]));
}
