import { createHash } from "node:crypto";
import { ObjectStore, parseS3Uri } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { ParameterStore } from "../aws/ssm";
import { callerIdentity } from "../aws/sts";
import { gateRelease } from "../lifecycle/gate";
import { ReleaseRejected, UserError } from "./errors";
import { championKey } from "./evaluation";
import type { Progress } from "./events";
import { type DesiredRelease, DesiredReleaseStore } from "./release";
import { type SampleImage, sampleImages, type SmokeResult, smokeTest } from "./smoke";
import { verifyLive } from "./verify";
import type { Environment, EnvironmentOutputs } from "./workspace";

/** What a promotion tells while it works. */
export interface PromotionReporter {
  stage(environment: string, what: string): void;
  progress?(environment: string, progress: Progress): void;
}

export interface PromotionSettings {
  /** Lowest mAP50 that may be released, 0..1. */
  readonly minMap50: number;
  /** Images of the dataset sent to each endpoint after its update. */
  readonly smokeImages: number;
}

/** A model package with its archive, checked and ready to be copied to an environment. */
interface Candidate {
  readonly packageArn: string;
  readonly archive: Buffer;
  readonly sha256: string;
  readonly imageUri: string;
  readonly map50: number;
}

export interface Promotion {
  readonly environment: string;
  readonly release: DesiredRelease;
  readonly endpointName: string;
  readonly endpointConfigName: string;
  readonly smoke: SmokeResult;
}

/**
 * Releases an approved model package to the given environments, one after the other; the next one starts only when the one
 * before serves the release. If anything is wrong in an environment, its previous release is desired and live again
 * before this throws.
 * @throws ReleaseRejected when gate, verification or smoke test refuse; PolicyBlocked, ProviderFailed, StackLocked from the engine.
 */
export async function promote(
  registry: Environment,
  targets: readonly Environment[],
  packageArn: string,
  settings: PromotionSettings,
  report: PromotionReporter,
): Promise<Promotion[]> {
  report.stage(registry.name, "checking the model package");
  const candidate = await loadCandidate(registry, packageArn, settings.minMap50);
  // A later environment that cannot take the release must be known before an earlier one has it.
  for (const target of targets) await target.outputs();
  const done: Promotion[] = [];
  for (const target of targets) done.push(await releaseTo(target, candidate, settings, report));
  if (targets.some(({ name }) => name === "prod")) await crown(registry, candidate);
  return done;
}

async function loadCandidate(registry: Environment, packageArn: string, minMap50: number): Promise<Candidate> {
  const described = await describe(registry, packageArn);
  const container = described.InferenceSpecification?.Containers?.[0];
  const metadata = described.CustomerMetadataProperties ?? {};
  if (!container?.ModelDataUrl) throw new UserError(`${packageArn} names no model archive.`, "Register the model by the training pipeline.");
  const archive = await new ObjectStore(registry.session).get(parseS3Uri(container.ModelDataUrl));
  if (!archive) throw new UserError(`The model archive ${container.ModelDataUrl} does not exist.`, "Run the training pipeline again: the archive was deleted after registration.");
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const map50 = metadata["map50"] === undefined ? undefined : Number(metadata["map50"]);
  const decision = gateRelease(
    {
      approval: described.ModelApprovalStatus ?? "",
      map50,
      recordedSha256: metadata["modelSha256"],
      actualSha256: sha256,
      imageUri: container.Image,
    },
    minMap50,
  );
  if (decision.verdict === "refuse")
    throw new ReleaseRejected(`${packageArn} may not be released:\n${decision.reasons.map((reason) => `  - ${reason}`).join("\n")}`, "Approve a package that meets the bar, or train a better one.");
  return { packageArn, archive, sha256, imageUri: container.Image!, map50: map50! };
}

/** What production serves is what the next candidate is compared with, on the same data, by the registry's pipeline. */
async function crown(registry: Environment, candidate: Candidate): Promise<void> {
  const { artifactsBucket } = await registry.outputs();
  await new ObjectStore(registry.session).put({ bucket: artifactsBucket, key: championKey }, candidate.archive, "application/gzip");
}

async function describe(registry: Environment, packageArn: string) {
  try {
    return await new SageMaker(registry.session).describeModelPackage(packageArn);
  } catch (error) {
    throw new UserError(`Cannot read the model package ${packageArn}: ${(error as Error).message}`, "List the packages: peregrine status", { cause: error });
  }
}

async function releaseTo(target: Environment, candidate: Candidate, settings: PromotionSettings, report: PromotionReporter): Promise<Promotion> {
  const outputs = await target.outputs();
  const store = new DesiredReleaseStore(new ParameterStore(target.session), target.name, outputs.releaseParameter);
  const previous = await store.read();
  // Asked for first: without images to test with there is nothing to take back.
  const images = await sampleImages(target.session, outputs.datasetBucket, "flights/", settings.smokeImages);
  report.stage(target.name, "copying the model archive");
  const release = await copyIn(target, outputs, candidate);
  await store.write(release);
  try {
    return await bringLive(target, release, images, report);
  } catch (error) {
    report.stage(target.name, "putting the previous release back");
    await store.restore(previous);
    await target.up((progress) => report.progress?.(target.name, progress));
    throw error;
  }
}

/** Each environment holds its own copy, addressed by digest, under its own key. */
async function copyIn(target: Environment, outputs: EnvironmentOutputs, candidate: Candidate): Promise<DesiredRelease> {
  const location = { bucket: outputs.artifactsBucket, key: `releases/${candidate.sha256}/model.tar.gz` };
  await new ObjectStore(target.session).put(location, candidate.archive, "application/gzip");
  const caller = await callerIdentity(target.session);
  return {
    modelPackageArn: candidate.packageArn,
    modelDataUrl: `s3://${location.bucket}/${location.key}`,
    modelSha256: candidate.sha256,
    imageUri: candidate.imageUri,
    promotedAt: caller.at.toISOString(),
    promotedBy: caller.arn,
  };
}

async function bringLive(target: Environment, release: DesiredRelease, images: readonly SampleImage[], report: PromotionReporter): Promise<Promotion> {
  report.stage(target.name, "updating the environment");
  const { at } = await callerIdentity(target.session);
  await target.up((progress) => report.progress?.(target.name, progress));
  const outputs = await target.outputs();
  const endpointConfigName = await verifyLive(target, outputs, at);
  report.stage(target.name, "testing the endpoint with real images");
  const smoke = await smokeTest(target.session, outputs.endpointName!, images);
  if (!smoke.ok)
    throw new ReleaseRejected(
      `The endpoint ${outputs.endpointName} fails its smoke test:\n${smoke.problems.map((problem) => `  - ${problem}`).join("\n")}`,
      `Look at the container's log: /aws/sagemaker/Endpoints/${outputs.endpointName}`,
    );
  return { environment: target.name, release, endpointName: outputs.endpointName!, endpointConfigName, smoke };
}
