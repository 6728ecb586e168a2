import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Members } from "../../../members";
import type { Principal } from "../../../iam/principal";
import { packFolder } from "../../../runner/archive";
import { runContainer, type Exit } from "../../../runner/container";
import type { ImageCommand } from "../../../runner/images";
import { LogStream } from "../../../runner/lines";
import { parseS3Uri } from "../../../runner/objects";
import {
  assumeExecutionRole,
  imageHome,
  joinNetwork,
  platformEnvironment,
  pullJobImage,
  type Context,
} from "../context";
import { checkProcessors } from "./hosts";
import { downloadSource, placeOf, resourceConfig } from "./inputs";
import { MetricScanner, type FinalMetric } from "./metrics";
import { Interrupted, JobFailure, killIfFaulty, stage, type JobRun } from "./runs";

/** How a run tells about itself. */
export interface TrainingProgress {
  /** The next secondary status. */
  reached(secondary: "Downloading" | "Training" | "Uploading"): void;
  measured(metrics: readonly FinalMetric[]): void;
  uploaded(modelArtifacts: string): void;
}

export type TrainingOutcome = "Completed" | "Stopped" | "MaxRuntimeExceeded";

/** Checkpoints are copied to S3 this often while a job runs, real time. */
const CHECKPOINT_SYNC_MS = 5_000;
/** StoppingCondition: one day unless the job says otherwise. Counted in real time, since the process runs in it. */
const DEFAULT_RUNTIME_SECONDS = 86_400;

/** One execution of a training job, from download to upload, as its execution role. */
export class TrainingRun {
  private readonly ml: string;
  private readonly principal: Principal;
  private readonly channels: readonly Members[];
  private readonly checkpoints: Members | undefined;
  private readonly checkpointFolder: string;

  constructor(
    private readonly context: Context,
    private readonly name: string,
    private readonly arn: string,
    /** The job's CreateTrainingJob request. */
    private readonly input: Members,
    private readonly folder: string,
    private readonly run: JobRun,
    private readonly progress: TrainingProgress,
  ) {
    this.ml = join(folder, "ml");
    this.principal = assumeExecutionRole(context.cloud, input.RoleArn, input.VpcConfig);
    this.channels = (input.InputDataConfig ?? []) as Members[];
    this.checkpoints = input.CheckpointConfig as Members | undefined;
    this.checkpointFolder = placeOf(this.ml, this.checkpoints?.LocalPath ?? "/opt/ml/checkpoints");
  }

  /** @throws JobFailure, Interrupted, ImageNotFound, AwsError */
  async execute(): Promise<TrainingOutcome> {
    const image = pullJobImage(this.context, this.principal, this.input.AlgorithmSpecification.TrainingImage);
    joinNetwork(this.context.cloud, this.input.RoleArn, this.input.VpcConfig);
    this.progress.reached("Downloading");
    await this.prepare();
    this.progress.reached("Training");
    const exit = await this.train(image);
    if (exit.code !== 0 && !this.run.interruption) {
      await this.uploadOutput();
      throw new JobFailure(algorithmError(this.ml, exit));
    }
    this.progress.reached("Uploading");
    this.progress.uploaded(await stage("Artifact upload failed", () => this.uploadModel()));
    await this.uploadOutput();
    if (this.run.interruption === "timed out") return "MaxRuntimeExceeded";
    return this.run.interruption ? "Stopped" : "Completed";
  }

  private async prepare(): Promise<void> {
    for (const path of ["input/config", "input/data", "model", "output/data", "checkpoints"])
      mkdirSync(join(this.ml, path), { recursive: true });
    for (const channel of this.channels) {
      const { S3Uri, S3DataType } = channel.DataSource.S3DataSource;
      const place = join(this.ml, "input/data", channel.ChannelName);
      await stage("Data download failed", () =>
        downloadSource(this.context, this.principal, { uri: S3Uri, type: S3DataType }, place),
      );
      this.run.check();
    }
    if (this.checkpoints) {
      const uri = `${String(this.checkpoints.S3Uri).replace(/\/+$/, "")}/`;
      await stage("Checkpoint download failed", () =>
        this.context.objects.downloadPrefix(this.principal, uri, this.checkpointFolder),
      );
    }
    writeConfig(this.ml, this.input);
    this.run.check();
  }

  private async train(image: ImageCommand): Promise<Exit> {
    const { cloud } = this.context;
    const algorithm = this.input.AlgorithmSpecification as Members;
    const scanner = new MetricScanner(algorithm.MetricDefinitions);
    const log = new LogStream(
      cloud,
      "/aws/sagemaker/TrainingJobs",
      `${this.name}/algo-1-${Math.floor(cloud.clock.nowMs() / 1000)}`,
      this.principal,
    );
    const command = [
      ...(algorithm.ContainerEntrypoint ?? image.entrypoint),
      ...(algorithm.ContainerArguments ?? ["train"]),
    ];
    checkProcessors(image, this.input.ResourceConfig?.InstanceType ?? "", command, log.write);
    const container = runContainer({
      folder: this.folder,
      home: imageHome(this.context, algorithm.TrainingImage),
      cwd: image.cwd,
      isolation: this.context.isolation,
      network: this.input.EnableNetworkIsolation ? "none" : "host",
      command,
      env: {
        ...image.env,
        ...(this.input.EnableNetworkIsolation ? {} : platformEnvironment(this.context, this.principal)),
        TRAINING_JOB_NAME: this.name,
        TRAINING_JOB_ARN: this.arn,
        ...(this.context.isolation === "paths" ? pathVariables(this.ml, this.channels, this.checkpointFolder) : {}),
        ...this.input.Environment,
      },
      onLine: (line) => {
        log.write(line);
        this.publish(scanner.scan(line, cloud.clock.nowMs()));
      },
    });
    this.run.attach(container);
    killIfFaulty(cloud, "training", this.name, container);
    const limit = setTimeout(
      () => this.run.interrupt("timed out"),
      (this.input.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_RUNTIME_SECONDS) * 1000,
    );
    const synced = new Map<string, string>();
    const sync = setInterval(() => void this.syncCheckpoints(synced).catch(() => undefined), CHECKPOINT_SYNC_MS);
    const exit = await container.exited;
    clearTimeout(limit);
    clearInterval(sync);
    log.flush();
    if (this.run.interruption === "abandoned") throw new Interrupted();
    if (scanner.last.size > 0) this.progress.measured([...scanner.last.values()]);
    await stage("Checkpoint upload failed", () => this.syncCheckpoints(synced));
    return exit;
  }

  private publish(metrics: readonly FinalMetric[]): void {
    if (metrics.length === 0) return;
    const dimensions = { TrainingJobName: this.name };
    this.context.cloud.internals.measure(
      metrics.map(({ name, value }) => ({ namespace: "/aws/sagemaker/TrainingJobs", name, value, dimensions })),
      this.principal,
    );
  }

  private async syncCheckpoints(known: Map<string, string>): Promise<void> {
    if (this.checkpoints)
      await this.context.objects.uploadFolder(this.principal, this.checkpointFolder, this.checkpoints.S3Uri, { known });
  }

  /**
   * Uploads `/opt/ml/model`, as an archive unless the job asks for plain files.
   * @returns `ModelArtifacts.S3ModelArtifacts`.
   */
  private async uploadModel(): Promise<string> {
    if (this.input.OutputDataConfig.CompressionType !== "NONE") return this.uploadArchive("model", "model.tar.gz");
    const uri = `${this.outputUri()}/model/`;
    await this.context.objects.uploadFolder(this.principal, join(this.ml, "model"), uri, {
      kmsKeyId: this.input.OutputDataConfig.KmsKeyId,
    });
    return uri;
  }

  private async uploadOutput(): Promise<void> {
    if (readdirSync(join(this.ml, "output/data")).length > 0)
      await stage("Artifact upload failed", () => this.uploadArchive("output/data", "output.tar.gz"));
  }

  private async uploadArchive(path: string, file: string): Promise<string> {
    const archive = join(this.folder, file);
    await packFolder(join(this.ml, path), archive);
    const uri = `${this.outputUri()}/${file}`;
    await this.context.objects.upload(this.principal, archive, parseS3Uri(uri), this.input.OutputDataConfig.KmsKeyId);
    return uri;
  }

  private outputUri(): string {
    return `${String(this.input.OutputDataConfig.S3OutputPath).replace(/\/+$/, "")}/${this.name}/output`;
  }
}

function algorithmError(ml: string, exit: Exit): string {
  const file = join(ml, "output/failure");
  const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  // 1024 characters in all, the exit code must stay readable.
  return `AlgorithmError: ${text.slice(0, 960)}, exit code: ${exit.code}`;
}

function writeConfig(ml: string, input: Members): void {
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(ml, "input/config", name), JSON.stringify(value));
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
    ...Object.fromEntries(
      channels.map((channel) => [
        `SM_CHANNEL_${String(channel.ChannelName).toUpperCase()}`,
        join(ml, "input/data", channel.ChannelName),
      ]),
    ),
  };
}
