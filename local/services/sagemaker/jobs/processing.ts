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
import { processing } from "../../../metering/items";
import { meterJob } from "./billing";
import { checkDisks } from "./hosts";
import { assertObjectsExist, placeOf, s3Uri } from "./inputs";
import { processingFolder, s3Inputs, s3Outputs } from "./processing-places";
import { runProcessing } from "./processing-run";
import { assertDeletable, assertStoppable, failureReason, Interrupted, JobRuns, type JobRun } from "./runs";
import { jobChecks } from "../../../checks/jobs";

export interface ProcessingJob {
  readonly input: Members;
  readonly arn: string;
  readonly status: "InProgress" | "Completed" | "Failed" | "Stopping" | "Stopped";
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly failureReason?: string;
  readonly exitMessage?: string;
  /** The monitoring schedule that made it. */
  readonly scheduleArn?: string;
}

/** Processing jobs: containers that read and write below `/opt/ml/processing`, as their execution role. */
export class ProcessingJobs {
  readonly jobs: Table<ProcessingJob>;
  private readonly runs = new JobRuns();
  private readonly listeners: ((name: string, job: ProcessingJob) => void)[] = [];

  constructor(
    private readonly context: Context,
    private readonly tags: Tags,
    private readonly lineage: LineageMaking,
  ) {
    this.jobs = context.cloud.journal.table("sagemaker/processing-jobs");
  }

  operations() {
    return {
      CreateProcessingJob: (input: Members) => this.create(input),
      DescribeProcessingJob: (input: Members) => this.describe(input.ProcessingJobName),
      StopProcessingJob: (input: Members) => this.stop(input.ProcessingJobName),
      ListProcessingJobs: (input: Members) => this.list(input),
      DeleteProcessingJob: (input: Members) => this.delete(input.ProcessingJobName),
    };
  }

  resume(): void {
    for (const [name, job] of this.jobs.entries()) {
      if (job.status === "InProgress") this.runs.start(name, (run) => this.run(name, run));
      else if (job.status === "Stopping")
        this.change(name, { status: "Stopped", endMs: this.context.cloud.clock.nowMs() });
    }
  }

  abandon(): Promise<void> {
    return this.runs.abandon();
  }

  /** Tells of each job that has come to its end. */
  onEnded(listener: (name: string, job: ProcessingJob) => void): void {
    this.listeners.push(listener);
  }

  /** @param scheduleArn of the monitoring schedule that makes it. */
  async create(input: Members, scheduleArn?: string): Promise<Members> {
    const { cloud } = this.context;
    const name = input.ProcessingJobName as string;
    const arn = cloud.arn("sagemaker", `processing-job/${name}`);
    const inUse = (): AwsError =>
      new AwsError(
        "ResourceInUse",
        `Processing job names must be unique within an AWS account and region, and a processing job with this name already exists (${arn})`,
      );
    if (this.jobs.has(name)) throw inUse();
    checkDisks(input.ProcessingResources?.ClusterConfig);
    const inputs = s3Inputs(input);
    const outputs = s3Outputs(input);
    for (const place of [...inputs, ...outputs]) placeOf("", place.localPath, processingFolder);
    const paths = [...inputs, ...outputs].map((place) => place.localPath);
    const twice = paths.find((path, index) => paths.indexOf(path) < index);
    if (twice) throw jobChecks.localPathTwice(twice);
    for (const output of outputs) s3Uri(output.uri);
    const principal = assumeExecutionRole(cloud, input.RoleArn);
    checkImageAccess(this.context, principal, input.AppSpecification.ImageUri);
    for (const source of inputs) await assertObjectsExist(this.context, principal, source.uri, input.RoleArn);
    if (this.jobs.has(name)) throw inUse();

    const { Tags: tags, ...kept } = input;
    const now = cloud.clock.nowMs();
    this.tags.put(arn, tags);
    this.jobs.put(name, {
      input: kept,
      arn,
      status: "InProgress",
      createdMs: now,
      modifiedMs: now,
      ...(scheduleArn ? { scheduleArn } : {}),
    });
    this.lineage.processing(name, arn, input);
    this.emit(name);
    this.runs.start(name, (run) => this.run(name, run));
    return { ProcessingJobArn: arn };
  }

  private get(name: string): ProcessingJob {
    const job = this.jobs.get(name);
    if (!job) throw validationException(`Could not find requested job with name: ${name}`);
    return job;
  }

  private stop(name: string): Members {
    assertStoppable("processing", this.get(name).status);
    this.change(name, { status: "Stopping" });
    this.runs.interrupt(name);
    return {};
  }

  private delete(name: string): Members {
    const job = this.jobs.get(name);
    if (!job) throw new AwsError("ResourceNotFound", `Could not find requested job with name: ${name}`);
    assertDeletable("processing", job);
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
      ProcessingJobSummaries: items.map(({ name, job }) => ({
        ProcessingJobName: name,
        ProcessingJobArn: job.arn,
        CreationTime: date(job.createdMs),
        ProcessingEndTime: date(job.endMs),
        LastModifiedTime: date(job.modifiedMs),
        ProcessingJobStatus: job.status,
        FailureReason: job.failureReason,
        ExitMessage: job.exitMessage,
      })),
      NextToken: next,
    };
  }

  describe(name: string): Members {
    const job = this.get(name);
    return {
      ...job.input,
      ProcessingJobArn: job.arn,
      ProcessingJobStatus: job.status,
      ExitMessage: job.exitMessage,
      FailureReason: job.failureReason,
      MonitoringScheduleArn: job.scheduleArn,
      CreationTime: date(job.createdMs),
      ProcessingStartTime: date(job.startMs),
      ProcessingEndTime: date(job.endMs),
      LastModifiedTime: date(job.modifiedMs),
    };
  }

  private async run(name: string, run: JobRun): Promise<void> {
    const folder = join(this.context.folder, "processing", name);
    const ended = (): { endMs: number } => ({ endMs: this.context.cloud.clock.nowMs() });
    try {
      rmSync(folder, { recursive: true, force: true });
      const { input, arn, scheduleArn } = this.get(name);
      await runProcessing(this.context, {
        name,
        arn,
        input,
        monitors: scheduleArn !== undefined,
        folder,
        run,
        started: () => this.note(name, { startMs: this.context.cloud.clock.nowMs() }),
        leftMessage: (exitMessage) => this.note(name, { exitMessage }),
      });
      this.change(name, { status: run.interruption ? "Stopped" : "Completed", ...ended() });
    } catch (error) {
      if (run.interruption === "abandoned") return;
      if (error instanceof Interrupted) this.change(name, { status: "Stopped", ...ended() });
      else
        this.change(name, {
          status: "Failed",
          failureReason: failureReason(this.context.cloud, `processing job ${name}`, error),
          ...ended(),
        });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private note(name: string, changes: Partial<ProcessingJob>): void {
    this.jobs.put(name, { ...this.get(name), ...changes });
  }

  private change(name: string, changes: Partial<ProcessingJob>): void {
    this.note(name, { ...changes, modifiedMs: this.context.cloud.clock.nowMs() });
    this.emit(name);
    const job = this.get(name);
    if (job.endMs !== undefined && job.startMs !== undefined)
      meterJob(this.context.cloud, job.arn, processing, job.input.ProcessingResources?.ClusterConfig, {
        startMs: job.startMs,
        seconds: Math.round((job.endMs - job.startMs) / 1000),
      });
    if (job.endMs !== undefined) for (const listener of this.listeners) listener(name, job);
  }

  private emit(name: string): void {
    const described = this.describe(name);
    emitStateChange(this.context.cloud, "Processing Job", described.ProcessingJobArn, {
      ...described,
      // AWS's example of the event shows none (SageMaker developer guide): no rule can count on it.
      MonitoringScheduleArn: undefined,
      Tags: this.tags.of(described.ProcessingJobArn) ?? {},
    });
  }
}
