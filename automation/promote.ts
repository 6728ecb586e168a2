import { createHash } from "node:crypto";
import type { DescribeModelPackageOutput } from "@aws-sdk/client-sagemaker";
import { ObjectStore, parseS3Uri } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { isUnknown } from "../lifecycle/comparison";
import { acceptedApprovals, gateCandidate, gateDefaults, type GateDecision } from "../lifecycle/gate";
import { type ReleaseRecord, summaryOf } from "../records/release";
import { ReleaseRejected, UserError } from "./errors";
import { championKey, readChampion, readEvaluation } from "./evaluation";
import { releasedArchive, type ReleasedModel } from "./release";
import { type ReleaseReporter, type RolledOut, rollOut } from "./rollout";
import type { Environment, EnvironmentOutputs } from "./workspace";

export interface PromotionSettings {
  /** Lowest mAP50 that may be released, 0..1. */
  readonly minMap50: number;
  /** Images of the dataset sent to each endpoint before and after its update. */
  readonly goldenImages: number;
  /** Tries a candidate that nobody has decided about yet; only staging takes such a one. */
  readonly trial?: boolean;
  /** Deploys changes of the program that nobody has deployed yet along with the release. */
  readonly withInfrastructure?: boolean;
}

/** A model package with its archive, checked and ready to be copied to an environment. */
interface Candidate {
  readonly packageArn: string;
  readonly archive: Buffer;
  readonly sha256: string;
  readonly imageUri: string;
  readonly evidence: Pick<ReleaseRecord, "datasetDigest" | "evaluation" | "approver">;
  readonly decision: GateDecision;
}

/**
 * Releases an approved model package to the given environments, one after the other; the next one starts only when the one
 * before serves the release. If anything is wrong in an environment, its previous release is desired and live again
 * before this throws.
 * @throws ReleaseRejected when the gate refuses; what `rollOut` throws.
 */
export async function promote(registry: Environment, targets: readonly Environment[], packageArn: string, settings: PromotionSettings, report: ReleaseReporter): Promise<RolledOut[]> {
  report.stage(registry.name, "checking the model package");
  const approvals = acceptedApprovals(targets.map(({ name }) => name), settings.trial ?? false);
  const candidate = await loadCandidate(registry, packageArn, settings.minMap50, approvals);
  // A later environment that cannot take the release must be known before an earlier one has it.
  const outputs = await Promise.all(targets.map((target) => target.outputs()));
  const done: RolledOut[] = [];
  for (const [index, target] of targets.entries()) {
    const model = modelIn(outputs[index]!, candidate);
    const bringArchive = () => new ObjectStore(target.session).put(parseS3Uri(model.modelDataUrl), candidate.archive, "application/gzip");
    done.push(await rollOut(target, { kind: "promote", model, evidence: candidate.evidence, withInfrastructure: settings.withInfrastructure ?? false, bringArchive }, settings.goldenImages, report));
  }
  if (targets.some(({ name }) => name === "prod")) await crown(registry, candidate.archive);
  return done;
}

/** What the gate says of a model package, without releasing it. */
export async function gate(registry: Environment, packageArn: string, minMap50: number): Promise<GateDecision> {
  return (await judgeCandidate(registry, packageArn, minMap50, gateDefaults.approvals)).decision;
}

async function loadCandidate(registry: Environment, packageArn: string, minMap50: number, approvals: readonly string[]): Promise<Candidate> {
  const candidate = await judgeCandidate(registry, packageArn, minMap50, approvals);
  const { verdict, reasons } = candidate.decision;
  if (verdict === "refuse") throw new ReleaseRejected(`${packageArn} may not be released:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`, "Approve a package that meets the bar, or train a better one.");
  return candidate;
}

async function judgeCandidate(registry: Environment, packageArn: string, minMap50: number, approvals: readonly string[]): Promise<Candidate> {
  const described = await describe(registry, packageArn);
  const container = described.InferenceSpecification?.Containers?.[0];
  const metadata = described.CustomerMetadataProperties ?? {};
  if (!container?.ModelDataUrl) throw new UserError(`${packageArn} names no model archive.`, "Register the model by the training pipeline.");
  const store = new ObjectStore(registry.session);
  const archive = await store.get(parseS3Uri(container.ModelDataUrl));
  if (!archive) throw new UserError(`The model archive ${container.ModelDataUrl} does not exist.`, "Run the training pipeline again: the archive was deleted after registration.");
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const { artifactsBucket } = await registry.outputs();
  const [evaluation, champion] = await Promise.all([readEvaluation(store, described), readChampion(store, artifactsBucket)]);
  const facts = {
    approval: described.ModelApprovalStatus ?? "",
    map50: metadata["map50"] === undefined ? undefined : Number(metadata["map50"]),
    recordedSha256: metadata["modelSha256"],
    actualSha256: sha256,
    imageUri: container.Image,
    modifiedBy: modifierOf(described),
    evaluation,
    golden: { unknown: "the golden set is asked on each endpoint" },
  };
  const decision = gateCandidate(facts, champion, { ...gateDefaults, minMap50, approvals, golden: "asked-later" });
  const evidence = { datasetDigest: metadata["datasetDigest"], evaluation: isUnknown(evaluation) ? undefined : summaryOf(evaluation), approver: approverOf(described) };
  return { packageArn, archive, sha256, imageUri: container.Image ?? "", evidence, decision };
}

/** Who changed the package last, as the registry knows it. */
function modifierOf({ LastModifiedBy }: Pick<DescribeModelPackageOutput, "LastModifiedBy">): string | undefined {
  return LastModifiedBy?.IamIdentity?.Arn ?? LastModifiedBy?.UserProfileArn;
}

/** Who set the approval status, as the registry knows it: the gate lets nobody else have touched it since. */
function approverOf({ ModelApprovalStatus, LastModifiedBy, LastModifiedTime, ApprovalDescription }: DescribeModelPackageOutput): ReleaseRecord["approver"] {
  const arn = modifierOf({ LastModifiedBy });
  if (ModelApprovalStatus !== "Approved" || !arn || !LastModifiedTime) return undefined;
  return { arn, at: LastModifiedTime.toISOString(), why: ApprovalDescription ?? "" };
}

/** What production serves is what the next candidate is compared with, on the same data, by the registry's pipeline. */
export async function crown(registry: Environment, archive: Buffer): Promise<void> {
  const { artifactsBucket } = await registry.outputs();
  await new ObjectStore(registry.session).put({ bucket: artifactsBucket, key: championKey }, archive, "application/gzip");
}

async function describe(registry: Environment, packageArn: string): Promise<DescribeModelPackageOutput> {
  try {
    return await new SageMaker(registry.session).describeModelPackage(packageArn);
  } catch (error) {
    throw new UserError(`Cannot read the model package ${packageArn}: ${(error as Error).message}`, "List the packages: npx peregrine status", { cause: error });
  }
}

/** Each environment holds its own copy of the archive, addressed by digest, under its own key. */
function modelIn({ artifactsBucket }: EnvironmentOutputs, { packageArn, sha256, imageUri }: Candidate): ReleasedModel {
  return { modelPackageArn: packageArn, modelDataUrl: releasedArchive(artifactsBucket, sha256), modelSha256: sha256, imageUri };
}
