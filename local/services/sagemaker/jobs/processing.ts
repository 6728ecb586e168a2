import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Members } from "../../../members";
import { AwsError, validationException } from "../../../errors";
import type { Principal } from "../../../iam/principal";
import type { Table } from "../../../journal";
import { runContainer } from "../../../runner/container";
import { LogStream } from "../../../runner/lines";
import {
  assumeExecutionRole,
  checkImageAccess,
  imageHome,
  joinNetwork,
  platformEnvironment,
  pullJobImage,
  type Context,
} from "../context";
import { date, listed } from "../listing";
import { emitStateChange } from "../state-change";
import type { Tags } from "../tags";
import { checkDisks, checkProcessors } from "./hosts";
import { assertObjectsExist, downloadSource, placeOf, resourceConfig, s3Uri } from "./inputs";
import {
  assertDeletable,
  assertStoppable,
  failureReason,
  Interrupted,
  JobFailure,
  JobRuns,
  killIfFaulty,
  stage,
  type JobRun,
} from "./runs";
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
}

/** Outputs with `S3UploadMode: Continuous` are uploaded this often, real time. */
const CONTINUOUS_UPLOAD_MS = 3_000;
const BELOW = "/opt/ml/processing";

/** Processing jobs: containers that read and write below `/opt/ml/processing`, as their execution role. */
export class ProcessingJobs {
  readonly jobs: Table<ProcessingJob>;
  private readonly runs = new JobRuns();

  constructor(
    private readonly context: Context,
    private readonly tags: Tags,
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

  private async create(input: Members): Promise<Members> {
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
    for (const place of [...inputs, ...outputs]) placeOf("", place.localPath, BELOW);
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
    this.jobs.put(name, { input: kept, arn, status: "InProgress", createdMs: now, modifiedMs: now });
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
      await this.execute(name, folder, run);
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

  private async execute(name: string, folder: string, run: JobRun): Promise<void> {
    const { cloud, objects } = this.context;
    const { input, arn } = this.get(name);
    const ml = join(folder, "ml");
    const principal = assumeExecutionRole(cloud, input.RoleArn, input.NetworkConfig?.VpcConfig);
    const app = input.AppSpecification as Members;
    const image = pullJobImage(this.context, principal, app.ImageUri);
    const instanceType = input.ProcessingResources?.ClusterConfig?.InstanceType ?? "ml.m5.xlarge";

    joinNetwork(cloud, input.RoleArn, input.NetworkConfig?.VpcConfig);
    for (const path of ["config", "output", "processing"]) mkdirSync(join(ml, path), { recursive: true });
    writeFileSync(join(ml, "config/processingjobconfig.json"), JSON.stringify({ ...input, ProcessingJobArn: arn }));
    writeFileSync(join(ml, "config/resourceconfig.json"), JSON.stringify(resourceConfig(instanceType)));
    for (const source of s3Inputs(input)) {
      const unreachable = `Failed to download data. ListObjectsV2 failed for ${source.uri}: Unable to execute request to S3`;
      await stage(
        "Data download failed",
        () => downloadSource(this.context, principal, source, placeOf(ml, source.localPath)),
        unreachable,
      );
      run.check();
    }
    const outputs = s3Outputs(input).map((output) => ({
      ...output,
      folder: placeOf(ml, output.localPath),
      known: new Map<string, string>(),
    }));
    for (const output of outputs) mkdirSync(output.folder, { recursive: true });
    const upload = async (which: typeof outputs, principal: Principal): Promise<void> => {
      for (const { folder: from, uri, known } of which)
        await objects.uploadFolder(principal, from, uri, { kmsKeyId: input.ProcessingOutputConfig?.KmsKeyId, known });
    };

    this.jobs.put(name, { ...this.get(name), startMs: cloud.clock.nowMs() });
    const log = new LogStream(
      cloud,
      "/aws/sagemaker/ProcessingJobs",
      `${name}/algo-1-${Math.floor(cloud.clock.nowMs() / 1000)}`,
      principal,
    );
    const command = [...(app.ContainerEntrypoint ?? image.entrypoint), ...(app.ContainerArguments ?? [])];
    checkProcessors(image, instanceType, command, log.write);
    const container = runContainer({
      folder,
      home: imageHome(this.context, app.ImageUri),
      cwd: image.cwd,
      isolation: this.context.isolation,
      network: input.NetworkConfig?.EnableNetworkIsolation ? "none" : "host",
      command,
      env: {
        ...image.env,
        ...(input.NetworkConfig?.EnableNetworkIsolation ? {} : platformEnvironment(this.context, principal)),
        PROCESSING_JOB_NAME: name,
        ...input.Environment,
      },
      onLine: log.write,
    });
    run.attach(container);
    killIfFaulty(cloud, "processing", name, container);
    const limit = setTimeout(
      () => run.interrupt("timed out"),
      (input.StoppingCondition?.MaxRuntimeInSeconds ?? 86_400) * 1000,
    );
    const continuous = outputs.filter((output) => output.mode === "Continuous");
    const sync = setInterval(() => void upload(continuous, principal).catch(() => undefined), CONTINUOUS_UPLOAD_MS);
    const exit = await container.exited;
    clearTimeout(limit);
    clearInterval(sync);
    log.flush();
    if (run.interruption === "abandoned") throw new Interrupted();
    const message = join(ml, "output/message");
    // ExitMessage: at most 1024 characters, SageMaker API.
    if (existsSync(message))
      this.jobs.put(name, { ...this.get(name), exitMessage: readFileSync(message, "utf8").trim().slice(0, 1024) });
    if (exit.code !== 0 && !run.interruption)
      throw new JobFailure(`AlgorithmError: See job logs for more information, exit code: ${exit.code}`);
    await stage("Artifact upload failed", () => upload(outputs, principal));
  }

  private change(name: string, changes: Partial<ProcessingJob>): void {
    this.jobs.put(name, { ...this.get(name), ...changes, modifiedMs: this.context.cloud.clock.nowMs() });
    this.emit(name);
  }

  private emit(name: string): void {
    const described = this.describe(name);
    emitStateChange(this.context.cloud, "Processing Job", described.ProcessingJobArn, {
      ...described,
      Tags: this.tags.of(described.ProcessingJobArn) ?? {},
    });
  }
}

/** @throws AwsError for an input that is not in S3. */
function s3Inputs(input: Members): { uri: string; type: string; localPath: string }[] {
  return ((input.ProcessingInputs ?? []) as Members[]).map(({ InputName: name, S3Input: s3 }) => {
    if (!s3)
      throw validationException(`ProcessingInput ${name} has no S3Input: the local cloud reads inputs from S3 only.`);
    if (!s3.LocalPath)
      throw validationException(
        `ProcessingInput ${name} must have a LocalPath unless it is managed by the application.`,
      );
    return { uri: s3.S3Uri, type: s3.S3DataType ?? "S3Prefix", localPath: s3.LocalPath };
  });
}

function s3Outputs(input: Members): { uri: string; localPath: string; mode: string }[] {
  return ((input.ProcessingOutputConfig?.Outputs ?? []) as Members[]).flatMap(({ OutputName: name, S3Output: s3 }) => {
    if (!s3) return [];
    if (!s3.LocalPath)
      throw validationException(
        `ProcessingOutput ${name} must have a LocalPath unless it is managed by the application.`,
      );
    return [{ uri: s3.S3Uri, localPath: s3.LocalPath, mode: s3.S3UploadMode ?? "EndOfJob" }];
  });
}
