import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Members } from "../../../members";
import { AwsError, validationException } from "../../../errors";
import type { Table } from "../../../journal";
import { assumeExecutionRole, checkImageAccess, type Context } from "../context";
import { date, listed } from "../listing";
import type { LineageMaking } from "../lineage/making";
import { emitStateChange } from "../state-change";
import type { Tags } from "../tags";
import { training } from "../../../metering/items";
import { meterJob } from "./billing";
import { checkDisks } from "./hosts";
import { assertObjectsExist, s3Uri } from "./inputs";
import { MetricScanner, type FinalMetric } from "./metrics";
import { assertDeletable, assertStoppable, failureReason, Interrupted, JobRuns, type JobRun } from "./runs";
import { TrainingRun, type TrainingProgress } from "./training-run";
import { jobChecks } from "../../../checks/jobs";

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

/** Training jobs: each runs as a container with the `/opt/ml` contract, in real time, as its execution role. */
export class TrainingJobs {
  readonly jobs: Table<TrainingJob>;
  private readonly runs = new JobRuns();

  constructor(
    private readonly context: Context,
    private readonly tags: Tags,
    private readonly lineage: LineageMaking,
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
    const channels = checkRequest(input);
    checkDisks(input.ResourceConfig);
    const principal = assumeExecutionRole(cloud, input.RoleArn);
    checkImageAccess(this.context, principal, input.AlgorithmSpecification.TrainingImage);
    for (const { S3DataSource: s3 } of channels.map((channel) => channel.DataSource)) {
      if (!s3)
        throw validationException("The local cloud reads channels from S3 only: DataSource.S3DataSource is missing.");
      await assertObjectsExist(this.context, principal, s3.S3Uri, input.RoleArn);
    }
    if (this.jobs.has(name))
      throw new AwsError("ResourceInUse", `Training job ${arn} is being created by another request.`);

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
    this.lineage.training(name, arn, input);
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
    const rows = [...this.jobs.entries()].map(([name, job]) => ({
      name,
      createdMs: job.createdMs,
      modifiedMs: job.modifiedMs,
      status: job.status,
      job,
    }));
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
    const seconds =
      job.startMs !== undefined && job.endMs !== undefined ? Math.round((job.endMs - job.startMs) / 1000) : undefined;
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
      FinalMetricDataList: job.metrics?.map((metric) => ({
        MetricName: metric.name,
        Value: metric.value,
        Timestamp: date(metric.atMs),
      })),
      TrainingTimeInSeconds: seconds,
      BillableTimeInSeconds: seconds,
    };
  }

  private async run(name: string, run: JobRun): Promise<void> {
    const folder = join(this.context.folder, "training", name);
    const { input, arn } = this.get(name);
    const progress: TrainingProgress = {
      reached: (secondary) => {
        // A job that is being stopped stays `Stopping` while it uploads.
        this.move(name, run.interruption === "stopped" ? "Stopping" : "InProgress", secondary);
        if (secondary === "Training")
          this.jobs.put(name, { ...this.get(name), startMs: this.context.cloud.clock.nowMs() });
      },
      measured: (metrics) => this.jobs.put(name, { ...this.get(name), metrics }),
      uploaded: (modelArtifacts) => {
        this.jobs.put(name, { ...this.get(name), modelArtifacts });
        this.lineage.trained(name, arn, modelArtifacts);
      },
    };
    try {
      rmSync(folder, { recursive: true, force: true });
      const outcome = await new TrainingRun(this.context, name, arn, input, folder, run, progress).execute();
      this.end(name, outcome === "Completed" ? "Completed" : "Stopped", outcome);
    } catch (error) {
      if (run.interruption === "abandoned") return;
      if (error instanceof Interrupted) this.end(name, "Stopped", "Stopped");
      else this.end(name, "Failed", "Failed", failureReason(this.context.cloud, `training job ${name}`, error));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private move(name: string, status: TrainingJob["status"], secondary: string): void {
    const job = this.get(name);
    const now = this.context.cloud.clock.nowMs();
    const past = job.transitions.map((step) => (step.endMs === undefined ? { ...step, endMs: now } : step));
    const ended =
      secondary === "Completed" ||
      secondary === "Failed" ||
      secondary === "Stopped" ||
      secondary === "MaxRuntimeExceeded";
    const step: Transition = {
      status: secondary,
      startMs: now,
      message: MESSAGES[secondary]!,
      ...(ended ? { endMs: now } : {}),
    };
    this.jobs.put(name, { ...job, status, secondary, modifiedMs: now, transitions: [...past, step] });
    this.emit(name);
  }

  private end(name: string, status: TrainingJob["status"], secondary: string, reason?: string): void {
    const job = this.get(name);
    const now = this.context.cloud.clock.nowMs();
    this.jobs.put(name, { ...job, endMs: now, ...(reason ? { failureReason: reason } : {}) });
    const { BillableTimeInSeconds: seconds } = this.describe(name);
    if (job.startMs !== undefined)
      meterJob(this.context.cloud, job.arn, training, job.input.ResourceConfig, { startMs: job.startMs, seconds });
    this.move(name, status, secondary);
  }

  private emit(name: string): void {
    const described = this.describe(name);
    emitStateChange(this.context.cloud, "Training Job", described.TrainingJobArn, {
      ...described,
      Tags: this.tags.of(described.TrainingJobArn) ?? {},
    });
  }
}

/** What SageMaker refuses at once. @returns the channels. @throws AwsError ValidationException */
function checkRequest(input: Members): Members[] {
  const { AlgorithmSpecification: algorithm, StoppingCondition: stopping = {} } = input;
  if (!algorithm?.TrainingImage === !algorithm?.AlgorithmName) {
    throw jobChecks.oneAlgorithm();
  }
  if (algorithm.AlgorithmName) throw validationException(`Algorithm ${algorithm.AlgorithmName} does not exist.`);
  if (input.EnableManagedSpotTraining && !(stopping.MaxWaitTimeInSeconds >= (stopping.MaxRuntimeInSeconds ?? 86_400))) {
    throw jobChecks.spotWait();
  }
  new MetricScanner(algorithm.MetricDefinitions);
  s3Uri(input.OutputDataConfig.S3OutputPath);
  if (input.CheckpointConfig) s3Uri(input.CheckpointConfig.S3Uri);
  const channels = (input.InputDataConfig ?? []) as Members[];
  const twice = channels.find((channel, index) =>
    channels.some((other, at) => at < index && other.ChannelName === channel.ChannelName),
  );
  if (twice) throw jobChecks.channelNames(twice.ChannelName);
  const pipe = channels.find((channel) => (channel.InputMode ?? algorithm.TrainingInputMode) === "Pipe");
  if (pipe)
    throw validationException(
      `The local cloud does not stream channels: channel ${pipe.ChannelName} must use File or FastFile instead of Pipe.`,
    );
  return channels;
}
