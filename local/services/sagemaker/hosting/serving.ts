import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../../../cloud";
import { VariantFailed, type ContainerPlan } from "./fleets/container-plan";
import type { VariantPlan } from "./fleets/fleet";
import type { StartContainer } from "./fleets/instance";
import { AwsError } from "../../../errors";
import { reaches, type ServingPlace } from "../../../faults/faults";
import { hosting } from "../../../metering/items";
import { Unreachable } from "../../../network/unreachable";
import { BadArchive, unpackArchive } from "../../../runner/archive";
import { runContainer } from "../../../runner/container";
import { ImageNotFound, resolveImage } from "../../../runner/images";
import { pullRefusal } from "../../../runner/pull";
import { LogStream } from "../../../runner/lines";
import { parseS3Uri } from "../../../runner/objects";
import {
  assumeExecutionRole,
  imageHome,
  joinNetwork,
  platformEnvironment,
  SAGEMAKER_PRINCIPAL,
  sessionOf,
  type Context,
} from "../context";
import type { Variant } from "./endpoint";
import { hostOf, serverlessHost, starts } from "./hosts";
import { hostingChecks } from "../../../checks/hosting";

/**
 * Startup time that SageMaker allows without `ContainerStartupHealthCheckTimeoutInSeconds`; a serverless container has 3
 * minutes (developer guide, "Invoke a serverless endpoint"). Real time.
 */
const healthCheckSeconds = ({ serverless }: Variant): number => (serverless ? 180 : 240);

/** CloudWatch Logs group of an endpoint. */
export function endpointLogGroup(endpoint: string): string {
  return `/aws/sagemaker/Endpoints/${endpoint}`;
}

/**
 * Gets a variant ready to run: image resolved, model data downloaded as the model's role and unpacked.
 * @throws VariantFailed with SageMaker's `FailureReason`.
 */
export async function planVariant(
  context: Context,
  endpoint: string,
  configName: string,
  variant: Variant,
): Promise<{ plan: VariantPlan; modelDigest?: string }> {
  const { container } = variant;
  let image: ReturnType<typeof resolveImage>;
  try {
    image = resolveImage(context.images, container.image, context.cloud.accountId);
  } catch (error) {
    if (!(error instanceof ImageNotFound)) throw error;
    throw new VariantFailed(hostingChecks.imageExists.words(variant.name, error.message));
  }
  // What was up before a restart has its image.
  const refusal = variant.modelDigest
    ? undefined
    : pullRefusal(
        context.cloud,
        assumeExecutionRole(context.cloud, container.roleArn),
        container.image,
        SAGEMAKER_PRINCIPAL,
      );
  // AWS's words (aws/deep-learning-containers #759), there of BatchGetImage.
  if (refusal)
    throw new VariantFailed(hostingChecks.imagePullable.words(container.roleArn, refusal.action, container.image));
  try {
    joinNetwork(context.cloud, container.roleArn, container.vpc);
  } catch (error) {
    if (error instanceof AwsError)
      throw new VariantFailed(hostingChecks.placedInVpc.words(variant.name, error.code, error.message));
    throw error;
  }
  const modelDigest = await modelData(context, variant);
  const model = modelDigest && join(modelCache(context), modelDigest);
  const host = variant.instanceType === undefined ? serverlessHost : hostOf(variant.instanceType, variant.ami);
  // The container never ran, so there is no line in its log.
  if (image.platform && !starts(image.platform, host))
    throw new VariantFailed(hostingChecks.startsOnHost.words(variant.name));
  const entrypoint = (host.cuda && image.entrypointOnGpu) || image.entrypoint;
  const place: ServingPlace = { endpoint, variant: variant.name, config: configName };
  const start: StartContainer = (instanceId, port) => {
    const folder = join(context.folder, "endpoints", endpoint, instanceId);
    const role = sessionOf(context.cloud, container.roleArn, container.vpc);
    const log = role && new LogStream(context.cloud, endpointLogGroup(endpoint), `${variant.name}/${instanceId}`, role);
    const modelPlace = join(folder, "ml", "model");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "ml"), { recursive: true });
    const mounted = context.isolation !== "paths";
    if (!mounted && model) symlinkSync(model, modelPlace);
    else mkdirSync(modelPlace);
    const running = runContainer({
      folder,
      home: imageHome(context, container.image),
      cwd: image.cwd,
      isolation: context.isolation,
      command: [...entrypoint, "serve"],
      readOnly: mounted && model ? [{ source: model, target: "model" }] : [],
      env: {
        ...image.env,
        ...(container.isolated
          ? {}
          : platformEnvironment(context, assumeExecutionRole(context.cloud, container.roleArn, container.vpc))),
        SAGEMAKER_BIND_TO_PORT: String(port),
        ...(mounted ? {} : { SM_MODEL_DIR: modelPlace }),
        ...container.environment,
      },
      onLine: (line) => log?.write(line),
    });
    if (crashes(context.cloud, place, "starting")) running.kill();
    void running.exited.then(() => {
      log?.flush();
      rmSync(folder, { recursive: true, force: true });
    });
    return running;
  };
  const containers: ContainerPlan = {
    name: variant.name,
    healthCheckMs: (variant.healthCheckSeconds ?? healthCheckSeconds(variant)) * 1000,
    start,
    staysUp: () => !crashes(context.cloud, place, "up"),
  };
  const { desiredServerless: config, desiredInstances: instances, routing } = variant;
  const plan: VariantPlan = config
    ? { ...containers, kind: "serverless", config, clock: context.cloud.clock }
    : { ...containers, kind: "instances", instances, routing, sized: sizes(context.cloud, endpoint, variant) };
  return { plan, modelDigest };
}

/** Counts the instances of a fleet as AWS bills them: while they are there, whether they serve or not. */
function sizes(cloud: Cloud, endpoint: string, { instanceType }: Variant): (instances: number) => void {
  const gauge = cloud.meter.gauge(cloud.arn("sagemaker", `endpoint/${endpoint}`), hosting(instanceType!));
  return (instances) => gauge.set(instances);
}

/** Whether a fault on request kills a container at this moment of its life. */
export function crashes(cloud: Cloud, place: ServingPlace, when: "starting" | "up"): boolean {
  return cloud.faults.strike("crash", (fault) => fault.when === when && reaches(fault, place)) !== undefined;
}

/** Unpacked model data by content, shared by all instances that serve it. */
function modelCache(context: Context): string {
  return join(context.folder, "cache", "models");
}

/** Gets a variant's model data into the cache. @returns its digest; undefined for a model without data. */
async function modelData(context: Context, variant: Variant): Promise<string | undefined> {
  const { modelData, roleArn, vpc } = variant.container;
  if (!modelData) return undefined;
  const { cloud, objects } = context;
  const folder = modelCache(context);
  // An instance that was running before a restart keeps its model, as it would on AWS, whatever became of the object.
  if (variant.modelDigest && existsSync(join(folder, variant.modelDigest))) return variant.modelDigest;
  const fresh = join(folder, `new-${process.pid}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(fresh, { recursive: true });
  try {
    const principal = assumeExecutionRole(cloud, roleArn, vpc);
    const at = parseS3Uri(modelData.uri);
    if (!modelData.compressed) {
      const found = (await objects.list(principal, at.bucket, at.key)).map((object) => `${object.key}:${object.etag}`);
      await objects.downloadPrefix(principal, modelData.uri, join(fresh, "model"));
      return keep(folder, fresh, digestOf(found.join("\n")));
    }
    const head = await objects.head(principal, at);
    const digest = digestOf(`${head.etag}-${head.size}`);
    if (existsSync(join(folder, digest))) return digest;
    const archive = join(fresh, "model.tar.gz");
    await objects.download(principal, at, archive, head);
    await unpackArchive(archive, join(fresh, "model"));
    return keep(folder, fresh, digest);
  } catch (error) {
    // The words of AWS, as seen in public failures of endpoints.
    if (error instanceof BadArchive) throw new VariantFailed(hostingChecks.modelArchive.words(modelData.uri));
    if (error instanceof Unreachable) throw new VariantFailed(hostingChecks.modelDataReached.words(modelData.uri));
    if (error instanceof AwsError)
      throw new VariantFailed(hostingChecks.modelDataDownloaded.words(modelData.uri, error.code, error.message));
    throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Puts a complete model in its place in one step; another instance may have been faster. */
function keep(folder: string, fresh: string, digest: string): string {
  if (!existsSync(join(folder, digest))) renameSync(join(fresh, "model"), join(folder, digest));
  return digest;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
