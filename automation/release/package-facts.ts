import { createHash } from "node:crypto";
import type { DescribeModelPackageOutput } from "@aws-sdk/client-sagemaker";
import { imageDigest, parseImageUri, repositoryUri } from "../../aws/ecr";
import { ObjectStore, parseS3Uri } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import type { AwsSession } from "../../aws/session";
import { readJson } from "../../contract/json";
import { packageCard, type PackageCard } from "../../contract/package-card";
import { type Evaluation, isUnknown, type Unknown } from "../../lifecycle/comparison";
import type { DecidedDigests } from "../../lifecycle/decision";
import type { LastModifier } from "../../lifecycle/decision-checks";
import { contentDigests } from "../../lifecycle/package-content";
import { UserError } from "../errors";
import { type BaselineNote, readEvaluation } from "./evaluation";

/**
 * A model package with everything that is behind it, each read once: what is judged, signed and released are the same
 * bytes.
 */
export interface PackageFacts {
  readonly packageArn: string;
  readonly described: DescribeModelPackageOutput;
  /** The image as the package names it, by tag or digest. */
  readonly imageName: string | undefined;
  readonly modelDataUrl: string | undefined;
  /** Undefined when it does not exist. */
  readonly archive: Buffer | undefined;
  readonly evaluation: Evaluation | Unknown;
  readonly baseline: BaselineNote | Unknown;
  readonly digests: DecidedDigests;
  readonly touchedBy: LastModifier | undefined;
  /** The card inside the package; undefined where it has none. */
  readonly card: PackageCard | Unknown | undefined;
}

/**
 * Reads a package, its archive and its evaluation, and asks ECR which image is behind the tag that it names.
 * @throws UserError when the package cannot be read; what S3 and ECR throw when they refuse.
 */
export async function readPackage(session: AwsSession, packageArn: string): Promise<PackageFacts> {
  const described = await describe(session, packageArn);
  const container = described.InferenceSpecification?.Containers?.[0];
  const store = new ObjectStore(session);
  const [archive, { evaluation, sha256: evaluationSha256, baseline }, image] = await Promise.all([
    archiveOf(store, container?.ModelDataUrl),
    readEvaluation(store, described),
    imageOf(session, container?.Image),
  ]);
  return {
    packageArn,
    described,
    imageName: container?.Image,
    modelDataUrl: container?.ModelDataUrl,
    archive,
    evaluation,
    baseline,
    digests: {
      archiveSha256: archive ? createHash("sha256").update(archive).digest("hex") : null,
      image,
      evaluationSha256,
      datasetDigest: isUnknown(evaluation) ? null : evaluation.datasetDigest,
      content: contentDigests(described),
    },
    touchedBy: lastModifierOf(described),
    card: cardIn(described),
  };
}

/** The card in a package; what cannot be read is not an error: the gate says so beside its other reasons. */
function cardIn({ ModelCard }: Pick<DescribeModelPackageOutput, "ModelCard">): PackageCard | Unknown | undefined {
  if (!ModelCard?.ModelCardContent) return undefined;
  const read = readJson(ModelCard.ModelCardContent, packageCard);
  if (read.kind === "value") return read.value;
  return { unknown: read.kind === "not-json" ? read.why : read.problems.slice(0, 5).join("; ") };
}

/** Who changed a package last; undefined when the registry does not tell, or nobody has since it was registered. */
function lastModifierOf({
  LastModifiedBy,
  LastModifiedTime,
}: Pick<DescribeModelPackageOutput, "LastModifiedBy" | "LastModifiedTime">): LastModifier | undefined {
  const arn = LastModifiedBy?.IamIdentity?.Arn ?? LastModifiedBy?.UserProfileArn;
  if (!arn) return undefined;
  return {
    arn,
    sourceIdentity: LastModifiedBy?.IamIdentity?.SourceIdentity ?? LastModifiedBy?.UserProfileName,
    at: LastModifiedTime?.toISOString(),
  };
}

async function describe(session: AwsSession, packageArn: string): Promise<DescribeModelPackageOutput> {
  try {
    return await new SageMaker(session).describeModelPackage(packageArn);
  } catch (error) {
    throw new UserError(
      `Cannot read the model package ${packageArn}: ${(error as Error).message}`,
      "List the packages: npx peregrine status",
      { cause: error },
    );
  }
}

async function archiveOf(store: ObjectStore, uri: string | undefined): Promise<Buffer | undefined> {
  return uri && /^s3:\/\/[^/]+\/.+/.test(uri) ? store.get(parseS3Uri(uri)) : undefined;
}

/** The image by digest; null where the package names none, or one that is not there or in no repository of ECR. */
async function imageOf(session: AwsSession, uri: string | undefined): Promise<DecidedDigests["image"]> {
  const image = uri === undefined ? undefined : parseImageUri(uri);
  if (!image) return null;
  const digest = await imageDigest(session, image);
  return digest === "absent" || digest === "no-repository" ? null : { repository: repositoryUri(uri!), digest };
}
