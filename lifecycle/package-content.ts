import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical";

/**
 * Members of a model package that say what it is: all that UpdateModelPackage can change (SageMaker API) but the
 * approval itself, and all that was said when it was registered.
 */
export const boundMembers = [
  "ModelPackageGroupName",
  "ModelPackageVersion",
  "ModelPackageRegistrationType",
  "ModelPackageDescription",
  "InferenceSpecification",
  "AdditionalInferenceSpecifications",
  "SourceAlgorithmSpecification",
  "ValidationSpecification",
  "MetadataProperties",
  "ModelMetrics",
  "DriftCheckBaselines",
  "Domain",
  "Task",
  "SamplePayloadUrl",
  "CustomerMetadataProperties",
  "SkipModelValidation",
  "SourceUri",
  "SecurityConfig",
  "ModelCard",
  "ModelLifeCycle",
] as const;

/**
 * Members that a decision changes itself, or that tell of an operation and not of the package.
 * @internal a test compares both lists with the service model.
 */
export const freeMembers = [
  "ModelApprovalStatus",
  "ApprovalDescription",
  "ModelPackageName",
  "ModelPackageArn",
  "CreationTime",
  "CreatedBy",
  "ModelPackageStatus",
  "ModelPackageStatusDetails",
  "CertifyForMarketplace",
  "LastModifiedTime",
  "LastModifiedBy",
  "ManagedStorageType",
] as const;

/**
 * A digest for each bound member that a package has, so that a change can be told by its name. SHA-256, hexadecimal.
 */
export type ContentDigests = Readonly<Record<string, string>>;

/** Digests of what a package says of itself. @param described as DescribeModelPackage answers. */
export function contentDigests(described: object): ContentDigests {
  const members = described as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    boundMembers.filter((name) => members[name] !== undefined).map((name) => [name, digestOf(members[name])]),
  );
}

/** Names of the members that are not the same, in the order of `boundMembers`; unknown names come last. */
export function changedMembers(before: ContentDigests, now: ContentDigests): string[] {
  const names = new Set<string>([...boundMembers, ...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => before[name] !== now[name]);
}

function digestOf(value: unknown): string {
  // An absent member and an undefined one are the same in JSON.
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return createHash("sha256").update(canonicalJson(plain), "utf8").digest("hex");
}
