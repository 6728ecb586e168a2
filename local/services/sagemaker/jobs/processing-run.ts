import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Members } from "../../../members";
import type { Principal } from "../../../iam/principal";
import { runContainer, type Exit } from "../../../runner/container";
import type { ImageCommand } from "../../../runner/images";
import { LogStream } from "../../../runner/lines";
import {
  assumeExecutionRole,
  imageHome,
  joinNetwork,
  platformEnvironment,
  pullJobImage,
  type Context,
} from "../context";
import { publishMonitoringMetrics } from "../monitoring/metrics";
import { checkProcessors } from "./hosts";
import { downloadSource, placeOf, resourceConfig } from "./inputs";
import { s3Inputs, s3Outputs } from "./processing-places";
import { Interrupted, JobFailure, killIfFaulty, stage, type JobRun } from "./runs";

/** Outputs with `S3UploadMode: Continuous` are uploaded this often, real time. */
const CONTINUOUS_UPLOAD_MS = 3_000;

/** What is run, and who is told how it goes. */
export interface ProcessingExecution {
  readonly name: string;
  readonly arn: string;
  /** The request that made the job. */
  readonly input: Members;
  /** Whether a monitoring schedule made it, whose container may leave metrics behind. */
  readonly monitors: boolean;
  /** Folder for its hosts. */
  readonly folder: string;
  readonly run: JobRun;
  started(): void;
  leftMessage(text: string): void;
}

/** One of a job's instances. */
interface Host {
  readonly name: string;
  readonly folder: string;
  readonly ml: string;
  readonly log: LogStream;
  readonly outputs: readonly {
    readonly uri: string;
    readonly mode: string;
    readonly folder: string;
    readonly known: Map<string, string>;
  }[];
}

/**
 * Runs a processing job from its inputs to its outputs: a container on each of its hosts, which do not see each other.
 * @throws JobFailure, Interrupted.
 */
export async function runProcessing(context: Context, execution: ProcessingExecution): Promise<void> {
  const { cloud } = context;
  const { input, name, run } = execution;
  const vpc = input.NetworkConfig?.VpcConfig;
  const principal = assumeExecutionRole(cloud, input.RoleArn, vpc);
  const image = pullJobImage(context, principal, input.AppSpecification.ImageUri);
  joinNetwork(cloud, input.RoleArn, vpc);

  const count = Number(input.ProcessingResources?.ClusterConfig?.InstanceCount ?? 1);
  const names = Array.from({ length: count }, (_, index) => `algo-${index + 1}`);
  const hosts: Host[] = [];
  for (const host of names) hosts.push(await prepare(context, execution, principal, host, names));

  execution.started();
  const containers = hosts.map((host) => start(context, execution, principal, image, host));
  killIfFaulty(cloud, "processing", name, containers[0]!);
  const limit = setTimeout(
    () => run.interrupt("timed out"),
    (input.StoppingCondition?.MaxRuntimeInSeconds ?? 86_400) * 1000,
  );
  const upload = async (mode?: string): Promise<void> => {
    for (const { outputs } of hosts)
      for (const output of outputs)
        if (mode === undefined || output.mode === mode)
          await context.objects.uploadFolder(principal, output.folder, output.uri, {
            kmsKeyId: input.ProcessingOutputConfig?.KmsKeyId,
            known: output.known,
          });
  };
  const sync = setInterval(() => void upload("Continuous").catch(() => undefined), CONTINUOUS_UPLOAD_MS);
  const exits = await Promise.all(containers.map(({ exited }) => exited));
  clearTimeout(limit);
  clearInterval(sync);
  if (run.interruption === "abandoned") throw new Interrupted();
  if (execution.monitors)
    for (const { ml, log } of hosts) await publishMonitoringMetrics(cloud, principal, ml, log.write);
  for (const { log } of hosts) log.flush();
  const message = hosts.map(({ ml }) => join(ml, "output/message")).find((file) => existsSync(file));
  // ExitMessage: at most 1024 characters, SageMaker API.
  if (message) execution.leftMessage(readFileSync(message, "utf8").trim().slice(0, 1024));
  const failed = exits.find(({ code }: Exit) => code !== 0);
  if (failed && !run.interruption)
    throw new JobFailure(`AlgorithmError: See job logs for more information, exit code: ${failed.code}`);
  await stage("Artifact upload failed", () => upload());
}

/** A host's folder with its configuration and its inputs in it. */
async function prepare(
  context: Context,
  { input, arn, name, folder, run }: ProcessingExecution,
  principal: Principal,
  host: string,
  hosts: readonly string[],
): Promise<Host> {
  const { cloud } = context;
  const own = join(folder, host);
  const ml = join(own, "ml");
  for (const path of ["config", "output", "processing"]) mkdirSync(join(ml, path), { recursive: true });
  writeFileSync(join(ml, "config/processingjobconfig.json"), JSON.stringify({ ...input, ProcessingJobArn: arn }));
  writeFileSync(join(ml, "config/resourceconfig.json"), JSON.stringify(resourceConfig(typeOf(input), host, hosts)));
  for (const source of s3Inputs(input)) {
    const unreachable = `Failed to download data. ListObjectsV2 failed for ${source.uri}: Unable to execute request to S3`;
    const share = source.sharded ? { index: hosts.indexOf(host), of: hosts.length } : undefined;
    await stage(
      "Data download failed",
      () => downloadSource(context, principal, source, placeOf(ml, source.localPath), share),
      unreachable,
    );
    run.check();
  }
  const outputs = s3Outputs(input).map(({ uri, mode, localPath }) => ({
    uri,
    mode,
    folder: placeOf(ml, localPath),
    known: new Map<string, string>(),
  }));
  for (const output of outputs) mkdirSync(output.folder, { recursive: true });
  const stream = `${name}/${host}-${Math.floor(cloud.clock.nowMs() / 1000)}`;
  return {
    name: host,
    folder: own,
    ml,
    outputs,
    log: new LogStream(cloud, "/aws/sagemaker/ProcessingJobs", stream, principal),
  };
}

function start(
  context: Context,
  { input, name, run }: ProcessingExecution,
  principal: Principal,
  image: ImageCommand,
  { folder, log }: Host,
) {
  const app = input.AppSpecification as Members;
  const isolated = input.NetworkConfig?.EnableNetworkIsolation === true;
  const command = [...(app.ContainerEntrypoint ?? image.entrypoint), ...(app.ContainerArguments ?? [])];
  checkProcessors(image, typeOf(input), command, log.write);
  const container = runContainer({
    folder,
    home: imageHome(context, app.ImageUri),
    cwd: image.cwd,
    isolation: context.isolation,
    network: isolated ? "none" : "host",
    command,
    env: {
      ...image.env,
      ...(isolated ? {} : platformEnvironment(context, principal)),
      PROCESSING_JOB_NAME: name,
      ...input.Environment,
    },
    onLine: log.write,
  });
  run.attach(container);
  return container;
}

function typeOf(input: Members): string {
  return input.ProcessingResources?.ClusterConfig?.InstanceType ?? "ml.m5.xlarge";
}
