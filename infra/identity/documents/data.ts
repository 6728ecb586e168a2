import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";

/** Reads the training images. */
export function readDataset({ arns, settings: { dataset } }: Scope): Statement[] {
  return [
    allow("ListDataset", ["s3:ListBucket"], [arns.bucket(dataset.bucket)]),
    allow("LocateDataset", ["s3:GetBucketLocation"], [arns.bucket(dataset.bucket)]),
    allow("ReadDataset", ["s3:GetObject", "s3:GetObjectVersion"], [arns.object(dataset.bucket, "*")]),
  ];
}

/**
 * Nobody of ours writes to the dataset bucket, whatever a later policy says: every verb of S3 that does not only read, on the bucket and
 * on each of its keys (tested against AWS's list of actions).
 */
export function neverWriteDataset({ arns, settings: { dataset } }: Scope): Statement[] {
  const verbs = [
    "Put",
    "Delete",
    "Create",
    "Update",
    "Replicate",
    "Restore",
    "Abort",
    "Bypass",
    "Initiate",
    "Pause",
    "ObjectOwner",
    "Tag",
    "Untag",
  ];
  return [
    deny(
      "NeverWriteDataset",
      verbs.map((verb) => `s3:${verb}*`),
      [arns.bucket(dataset.bucket), arns.object(dataset.bucket, "*")],
    ),
  ];
}

/** Reads objects of the artifacts bucket under the given prefixes, and what they were before. */
export function readArtifacts(scope: Scope, prefixes: readonly string[]): Statement[] {
  return readAs(scope, prefixes, ["s3:GetObject", "s3:GetObjectVersion"]);
}

/** The same for jobs, endpoints and pipelines: they read what is there now. */
export function readInputs(scope: Scope, prefixes: readonly string[]): Statement[] {
  return readAs(scope, prefixes, ["s3:GetObject"]);
}

function readAs(
  { arns, artifactsBucket }: Scope,
  prefixes: readonly string[],
  actions: readonly string[],
): Statement[] {
  return [
    allow("ListArtifacts", ["s3:ListBucket", "s3:GetBucketLocation"], [arns.bucket(artifactsBucket)]),
    allow(
      "ReadArtifacts",
      actions,
      prefixes.map((prefix) => arns.object(artifactsBucket, `${prefix}*`)),
    ),
  ];
}

/** Writes objects of the artifacts bucket under the given prefixes. Old versions stay: nothing here deletes versions. */
export function writeArtifacts({ arns, artifactsBucket }: Scope, prefixes: readonly string[]): Statement[] {
  return [
    allow(
      "WriteArtifacts",
      ["s3:PutObject", "s3:AbortMultipartUpload"],
      prefixes.map((prefix) => arns.object(artifactsBucket, `${prefix}*`)),
    ),
  ];
}

/**
 * Keeps the disk of one's own space open: whoever starts the app has EC2 make a grant on the environment's key, for that disk and nothing else
 * (EBS user guide, "Permissions for encryption": CreateGrant, and a data key that the caller never sees).
 */
export function keepDisks({ arns, keyAlias }: Scope): Statement[] {
  const ours = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": keyAlias } };
  return [
    allow("EncryptDisks", ["kms:GenerateDataKeyWithoutPlaintext"], [arns.key("*")], ours),
    allow("KeepDisks", ["kms:CreateGrant"], [arns.key("*")], {
      ...ours,
      Bool: { "kms:GrantIsForAWSResource": "true" },
    }),
  ];
}

/** Encrypts and decrypts with the environment's key, found by its alias, so that the document is known before the key is. */
export function useKey({ arns, keyAlias }: Scope): Statement[] {
  return [
    allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], [arns.key("*")], {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": keyAlias },
    }),
  ];
}
