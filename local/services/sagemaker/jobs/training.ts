import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Members } from "../../../cloud";
import { AwsError, validationException } from "../../../errors";
import type { Table } from "../../../journal";
import { packFolder } from "../../../runner/archive";
import { runContainer, type Exit } from "../../../runner/container";
import { resolveImage } from "../../../runner/images";
import { probeIsolation } from "../../../runner/isolation";
import { LogStream } from "../../../runner/lines";
import { parseS3Uri } from "../../../runner/objects";
import { assumeExecutionRole, imageHome, platformEnvironment, type Context } from "../context";
import { date, listed } from "../listing";
import { emitStateChange } from "../state-change";
import type { Tags } from "../tags";
import { assertObjectsExist, downloadSource, placeOf, resourceConfig, s3Uri } from "./inputs";
import { MetricScanner, type FinalMetric } from "./metrics";
import { assertDeletable, assertStoppable, failureReason, Interrupted, JobFailure, JobRuns, stage, type JobRun } from "./runs";

interface Transition {
  readonly status: string;
  readonly startMs: number;
  readonly endMs?: number;
  readonly message: string;
}

export interface TrainingJob {
  readonly input: Members;
  readonly arn: string;
  readonly status: "InProgress" | "Completed" | "Failed" | "Stopping" | "Stopped";
  readonly secondary: string;
  readonly transitions: readonly Transition[];
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly failureReason?: string;
  readonly modelArtifacts?: string;
  readonly metrics?: readonly FinalMetric[];
}

/** What SageMaker says in `SecondaryStatusTransitions`. */
const MESSAGES: Record<string, string> = {
  Starting: "Preparing the instances for training",
  Downloading: "Downloading the training image and input data",
  Training: "Training image download completed. Training in progress.",
  Stopping: "Stopping the training job",
  Uploading: "Uploading generated training model",
  Completed: "Training job completed",
  Failed: "Training job failed",
  Stopped: "Training job stopped",
  MaxRuntimeExceeded: "Training job reached the maximum runtime",
};

const CHECKPOINT_SYNC_MS = 5_000;

/** Training jobs: each runs as a container with the `/opt/ml` contract, in real time, as its execution role. */
export class TrainingJobs {
  readonly jobs: Table<TrainingJob>;
  private readonly runs = new JobRuns();

  constructor(
    private readonly context: Context,
    private readonly tags: Tags,
  ) {
    this.jobs = context.cloud.journal.table("sagemaker/training-jobs");
  }

  operations() {
    return {
      CreateTrainingJob: (input: Members) => this.create(input),
      DescribeTrainingJob: (input: Members) => this.describe(input.TrainingJobName),
      StopTrainingJob: (input: Members) => this.stop(input.TrainingJobName),
      ListTrainingJobs: (input: Members) => this.list(input),
      DeleteTrainingJob: (input: Members) => this.delete(input.TrainingJobName),
    };
  }

  /** Jobs that were in progress when the local cloud ended run again; their checkpoints are in S3. */
  resume(): void {
    for (const [name, job] of this.jobs.entries()) {
      if (job.status === "InProgress") this.runs.start(name, (run) => this.run(name, run));
      else if (job.status === "Stopping") this.end(name, "Stopped", "Stopped");
    }
  }

  abandon(): Promise<void> {
    return this.runs.abandon();
  }

  private async create(input: Members): Promise<Members> {
    const { cloud } = this.context;
    const name = input.TrainingJobName as string;
    const arn = cloud.arn("sagemaker", `training-job/${name}`);
    if (this.jobs.has(name)) {
      throw new AwsError(
        "ResourceInUse",
        `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
      );
    }
    const { AlgorithmSpecification: algorithm, StoppingCondition: stopping = {} } = input;
    if (!algorithm?.TrainingImage === !algorithm?.AlgorithmName) {
      throw validationException("Exactly one of TrainingImage and AlgorithmName must be specified in AlgorithmSpecification.");
    }
    if (algorithm.AlgorithmName) throw validationException(`Algorithm ${algorithm.AlgorithmName} does not exist.`);
    if (input.EnableManagedSpotTraining && !(stopping.MaxWaitTimeInSeconds >= (stopping.MaxRuntimeInSeconds ?? 86_400))) {
      throw validationException("Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds");
    }
    new MetricScanner(algorithm.MetricDefinitions);
    s3Uri(input.OutputDataConfig.S3OutputPath);
    if (input.CheckpointConfig) s3Uri(input.CheckpointConfig.S3Uri);
    const channels = (input.InputDataConfig ?? []) as Members[];
    const twice = channels.find((channel, index) => channels.some((other, at) => at < index && other.ChannelName === channel.ChannelName));
    if (twice) throw validationException(`Duplicate channel name ${twice.ChannelName} in InputDataConfig.`);
    const pipe = channels.find((channel) => (channel.InputMode ?? algorithm.TrainingInputMode) === "Pipe");
    if (pipe) throw validationException(`The local cloud does not stream channels: channel ${pipe.ChannelName} must use File or FastFile instead of Pipe.`);
    const principal = assumeExecutionRole(cloud, input.RoleArn);
    for (const { S3DataSource: s3 } of channels.map((channel) => channel.DataSource)) {
      if (!s3) throw validationException("The local cloud reads channels from S3 only: DataSource.S3DataSource is missing.");
      await assertObjectsExist(this.context, principal, s3.S3Uri, input.RoleArn);
    }
    if (this.jobs.has(name)) throw new AwsError("ResourceInUse", `Training job ${arn} is being created by another request.`);

    const { Tags: tags, ...kept } = input;
    const now = cloud.clock.nowMs();
    this.tags.put(arn, tags);
    this.jobs.put(name, {
      input: kept,
      arn,
      status: "InProgress",
      secondary: "Starting",
      transitions: [{ status: "Starting", startMs: now, message: MESSAGES.Starting! }],
      createdMs: now,
      modifiedMs: now,
    });
    this.emit(name);
    this.runs.start(name, (run) => this.run(name, run));
    return { TrainingJobArn: arn };
  }

  private get(name: string): TrainingJob {
    const job = this.jobs.get(name);
    if (!job) throw validationException("Requested resource not found.");
    return job;
  }

  private stop(name: string): Members {
    assertStoppable("training", this.get(name).status);
    this.move(name, "Stopping", "Stopping");
    this.runs.interrupt(name);
    return {};
  }

  private delete(name: string): Members {
    const job = this.jobs.get(name);
    if (!job) throw new AwsError("ResourceNotFound", "Requested resource not found.");
    assertDeletable("training", job);
    this.jobs.delete(name);
    this.tags.drop(job.arn);
    return {};
  }

  private list(input: Members): Members {
    const rows = [...this.jobs.entries()].map(([name, job]) => ({ name, createdMs: job.createdMs, modifiedMs: job.modifiedMs, status: job.status, job }));
    const { items, next } = listed(rows, input);
    return {
      TrainingJobSummaries: items.map(({ name, job }) => ({
        TrainingJobName: name,
        TrainingJobArn: job.arn,
        CreationTime: date(job.createdMs),
        TrainingEndTime: date(job.endMs),
        LastModifiedTime: date(job.modifiedMs),
        TrainingJobStatus: job.status,
        SecondaryStatus: job.secondary,
      })),
      NextToken: next,
    };
  }

  describe(name: string): Members {
    const job = this.get(name);
    const seconds = job.startMs !== undefined && job.endMs !== undefined ? Math.round((job.endMs - job.startMs) / 1000) : undefined;
    return {
      EnableNetworkIsolation: false,
      EnableInterContainerTrafficEncryption: false,
      EnableManagedSpotTraining: false,
      ...job.input,
      TrainingJobArn: job.arn,
      TrainingJobStatus: job.status,
      SecondaryStatus: job.secondary,
      FailureReason: job.failureReason,
      ModelArtifacts: job.modelArtifacts ? { S3ModelArtifacts: job.modelArtifacts } : undefined,
      CreationTime: date(job.createdMs),
      TrainingStartTime: date(job.startMs),
      TrainingEndTime: date(job.endMs),
      LastModifiedTime: date(job.modifiedMs),
      SecondaryStatusTransitions: job.transitions.map((step) => ({
        Status: step.status,
        StartTime: date(step.startMs),
        EndTime: date(step.endMs),
        StatusMessage: step.message,
      })),
      FinalMetricDataList: job.metrics?.map((metric) => ({ MetricName: metric.name, Value: metric.value, Timestamp: date(metric.atMs) })),
      TrainingTimeInSeconds: seconds,
      BillableTimeInSeconds: seconds,
    };
  }

  private async run(name: string, run: JobRun): Promise<void> {
    const folder = join(this.context.folder, "training", name);
    try {
      rmSync(folder, { recursive: true, force: true });
      const outcome = await this.execute(name, folder, run);
      this.end(name, outcome.status, outcome.secondary);
    } catch (error) {
      if (run.interruption === "abandoned") return;
      if (error instanceof Interrupted) this.end(name, "Stopped", "Stopped");
      else this.end(name, "Failed", "Failed", failureReason(error));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private async execute(name: string, folder: string, run: JobRun): Promise<{ status: TrainingJob["status"]; secondary: string }> {
    const { cloud, objects } = this.context;
    const { input, arn } = this.get(name);
    const ml = join(folder, "ml");
    const principal = assumeExecutionRole(cloud, input.RoleArn);
    const algorithm = input.AlgorithmSpecification as Members;
    const image = resolveImage(this.context.images, algorithm.TrainingImage, cloud.accountId);

    this.move(name, "InProgress", "Downloading");
    for (const path of ["input/config", "input/data", "model", "output/data", "checkpoints"]) mkdirSync(join(ml, path), { recursive: true });
    const channels = (input.InputDataConfig ?? []) as Members[];
    for (const channel of channels) {
      const { S3Uri, S3DataType } = channel.DataSource.S3DataSource;
      const place = join(ml, "input/data", channel.ChannelName);
      await stage("Data download failed", () => downloadSource(this.context, principal, { uri: S3Uri, type: S3DataType }, place));
      run.check();
    }
    const checkpoints = input.CheckpointConfig as Members | undefined;
    const checkpointFolder = placeOf(ml, checkpoints?.LocalPath ?? "/opt/ml/checkpoints");
    if (checkpoints) await stage("Checkpoint download failed", () => objects.downloadPrefix(principal, folderUri(checkpoints.S3Uri), checkpointFolder));
    writeConfig(ml, input);
    run.check();

    this.move(name, "InProgress", "Training");
    this.jobs.put(name, { ...this.get(name), startMs: cloud.clock.nowMs() });
    const scanner = new MetricScanner(algorithm.MetricDefinitions);
    const log = new LogStream(cloud, "/aws/sagemaker/TrainingJobs", `${name}/algo-1-${Math.floor(cloud.clock.nowMs() / 1000)}`);
    const synced = new Map<string, string>();
    const syncCheckpoints = async (): Promise<void> => {
      if (checkpoints) await objects.uploadFolder(principal, checkpointFolder, checkpoints.S3Uri, { known: synced });
    };
    const container = runContainer({
      folder,
      home: imageHome(this.context, algorithm.TrainingImage),
      cwd: image.cwd,
      command: [...(algorithm.ContainerEntrypoint ?? image.entrypoint), ...(algorithm.ContainerArguments ?? ["train"])],
      env: {
        ...image.env,
        ...(input.EnableNetworkIsolation ? {} : platformEnvironment(this.context, principal)),
        TRAINING_JOB_NAME: name,
        TRAINING_JOB_ARN: arn,
        ...(probeIsolation() === "paths" ? pathVariables(ml, channels, checkpointFolder) : {}),
        ...input.Environment,
      },
      onLine: (line) => {
        log.write(line);
        const found = scanner.scan(line, cloud.clock.nowMs());
        if (found.length === 0) return;
        cloud.internals.measure(
          found.map((metric) => ({ namespace: "/aws/sagemaker/TrainingJobs", name: metric.name, value: metric.value, dimensions: { TrainingJobName: name } })),
        );
      },
    });
    run.attach(container);
    const limit = setTimeout(() => run.interrupt("timed out"), (input.StoppingCondition?.MaxRuntimeInSeconds ?? 86_400) * 1000);
    const sync = setInterval(() => void syncCheckpoints().catch(() => undefined), CHECKPOINT_SYNC_MS);
    const exit = await container.exited;
    clearTimeout(limit);
    clearInterval(sync);
    log.flush();
    if (run.interruption === "abandoned") throw new Interrupted();
    if (scanner.last.size > 0) this.jobs.put(name, { ...this.get(name), metrics: [...scanner.last.values()] });
    await stage("Checkpoint upload failed", syncCheckpoints);
    if (exit.code !== 0 && !run.interruption) {
      await stage("Artifact upload failed", () => this.uploadOutput(name, ml));
      throw new JobFailure(algorithmError(ml, exit));
    }

    this.move(name, run.interruption === "stopped" ? "Stopping" : "InProgress", "Uploading");
    const artifacts = await stage("Artifact upload failed", () => this.uploadModel(name, ml));
    await stage("Artifact upload failed", () => this.uploadOutput(name, ml));
    this.jobs.put(name, { ...this.get(name), modelArtifacts: artifacts });
    if (run.interruption === "timed out") return { status: "Stopped", secondary: "MaxRuntimeExceeded" };
    if (run.interruption === "stopped") return { status: "Stopped", secondary: "Stopped" };
    return { status: "Completed", secondary: "Completed" };
  }

  /** Uploads `/opt/ml/model`, as an archive unless the job asks for plain files. @returns `ModelArtifacts.S3ModelArtifacts`. */
  private async uploadModel(name: string, ml: string): Promise<string> {
    const { input } = this.get(name);
    const principal = assumeExecutionRole(this.context.cloud, input.RoleArn);
    const { KmsKeyId: kmsKeyId, CompressionType } = input.OutputDataConfig as Members;
    if (CompressionType === "NONE") {
      const uri = `${this.outputUri(name)}/model/`;
      await this.context.objects.uploadFolder(principal, join(ml, "model"), uri, { kmsKeyId });
      return uri;
    }
    return this.uploadArchive(name, ml, "model", "model.tar.gz");
  }

  private async uploadOutput(name: string, ml: string): Promise<void> {
    if (readdirSync(join(ml, "output/data")).length > 0) await this.uploadArchive(name, ml, "output/data", "output.tar.gz");
  }

  private async uploadArchive(name: string, ml: string, path: string, file: string): Promise<string> {
    const { input } = this.get(name);
    const principal = assumeExecutionRole(this.context.cloud, input.RoleArn);
    const archive = join(ml, "..", file);
    await packFolder(join(ml, path), archive);
    const uri = `${this.outputUri(name)}/${file}`;
    await this.context.objects.upload(principal, archive, parseS3Uri(uri), input.OutputDataConfig.KmsKeyId);
    return uri;
  }

  private outputUri(name: string): string {
    return `${String(this.get(name).input.OutputDataConfig.S3OutputPath).replace(/\/+$/, "")}/${name}/output`;
  }

  private move(name: string, status: TrainingJob["status"], secondary: string): void {
    const job = this.get(name);
    const now = this.context.cloud.clock.nowMs();
    const past = job.transitions.map((step) => (step.endMs === undefined ? { ...step, endMs: now } : step));
    const ended = secondary === "Completed" || secondary === "Failed" || secondary === "Stopped" || secondary === "MaxRuntimeExceeded";
    const step: Transition = { status: secondary, startMs: now, message: MESSAGES[secondary]!, ...(ended ? { endMs: now } : {}) };
    this.jobs.put(name, { ...job, status, secondary, modifiedMs: now, transitions: [...past, step] });
    this.emit(name);
  }

  private end(name: string, status: TrainingJob["status"], secondary: string, reason?: string): void {
    const job = this.get(name);
    const now = this.context.cloud.clock.nowMs();
    this.jobs.put(name, { ...job, endMs: now, ...(reason ? { failureReason: reason } : {}) });
    this.move(name, status, secondary);
  }

  private emit(name: string): void {
    const described = this.describe(name);
    emitStateChange(this.context.cloud, "Training Job", described.TrainingJobArn, { ...described, Tags: this.tags.of(described.TrainingJobArn) ?? {} });
  }
}

function algorithmError(ml: string, exit: Exit): string {
  const file = join(ml, "output/failure");
  const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  // 1024 characters in all, the exit code must stay readable.
  return `AlgorithmError: ${text.slice(0, 960)}, exit code: ${exit.code}`;
}

function writeConfig(ml: string, input: Members): void {
  const write = (name: string, value: unknown): void => writeFileSync(join(ml, "input/config", name), JSON.stringify(value));
  write("hyperparameters.json", input.HyperParameters ?? {});
  write("resourceconfig.json", resourceConfig(input.ResourceConfig?.InstanceType ?? "ml.m5.xlarge"));
  const channels = ((input.InputDataConfig ?? []) as Members[]).map((channel) => [
    channel.ChannelName,
    {
      TrainingInputMode: channel.InputMode ?? input.AlgorithmSpecification.TrainingInputMode,
      S3DistributionType: channel.DataSource.S3DataSource.S3DataDistributionType ?? "FullyReplicated",
      RecordWrapperType: channel.RecordWrapperType ?? "None",
      ...(channel.ContentType ? { ContentType: channel.ContentType } : {}),
    },
  ]);
  write("inputdataconfig.json", Object.fromEntries(channels as [string, unknown][]));
}

/** The training toolkit's variables, for machines where `/opt/ml` itself cannot be there. */
function pathVariables(ml: string, channels: readonly Members[], checkpoints: string): Record<string, string> {
  return {
    SM_MODEL_DIR: join(ml, "model"),
    SM_INPUT_DIR: join(ml, "input"),
    SM_INPUT_CONFIG_DIR: join(ml, "input/config"),
    SM_OUTPUT_DIR: join(ml, "output"),
    SM_OUTPUT_DATA_DIR: join(ml, "output/data"),
    SM_CHECKPOINT_DIR: checkpoints,
    ...Object.fromEntries(channels.map((channel) => [`SM_CHANNEL_${String(channel.ChannelName).toUpperCase()}`, join(ml, "input/data", channel.ChannelName)])),
  };
}

function folderUri(uri: string): string {
  return uri.endsWith("/") ? uri : `${uri}/`;
}
