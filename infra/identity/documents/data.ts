import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";

/** Reads the training images. */
export function readDataset({ arns, settings: { dataset } }: Scope): Statement[] {
  return [
    allow("ListDataset", ["s3:ListBucket"], [arns.bucket(dataset.bucket)]),
    allow("LocateDataset", ["s3:GetBucketLocation"], [arns.bucket(dataset.bucket)]),
    allow(
      "ReadDataset",
      [
        // Images as they are, and as a manifest names them by version.
        "s3:GetObject",
        "s3:GetObjectVersion",
      ],
      [arns.object(dataset.bucket, "*")],
    ),
  ];
}

/**
 * Nobody of ours writes to the dataset bucket, whatever a later policy says: every verb of S3 that does not only read,
 * on the bucket and on each of its keys (tested against AWS's list of actions).
 */
export function neverWriteDataset({ arns, settings: { dataset } }: Scope): Statement[] {
  const verbs = [
    // Every verb of S3 that does not only read.
    "s3:Abort*",
    "s3:Bypass*",
    "s3:Create*",
    "s3:Delete*",
    "s3:Initiate*",
    "s3:ObjectOwner*",
    "s3:Pause*",
    "s3:Put*",
    "s3:Replicate*",
    "s3:Restore*",
    "s3:Tag*",
    "s3:Untag*",
    "s3:Update*",
  ];
  return [deny("NeverWriteDataset", verbs, [arns.bucket(dataset.bucket), arns.object(dataset.bucket, "*")])];
}

/** Reads objects of the artifacts bucket under the given prefixes, and what they were before. */
export function readArtifacts(scope: Scope, prefixes: readonly string[]): Statement[] {
  return readAs(scope, prefixes, [
    // As they are, and as they were.
    "s3:GetObject",
    "s3:GetObjectVersion",
  ]);
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
    allow(
      "ListArtifacts",
      [
        // Listing tells a missing object from a forbidden one; clients ask where a bucket is before they ask for more.
        "s3:GetBucketLocation",
        "s3:ListBucket",
      ],
      [arns.bucket(artifactsBucket)],
    ),
    allow(
      "ReadArtifacts",
      actions,
      prefixes.map((prefix) => arns.object(artifactsBucket, `${prefix}*`)),
    ),
  ];
}

/**
 * Writes objects of the artifacts bucket under the given prefixes. Old versions stay: nothing here deletes versions.
 */
export function writeArtifacts({ arns, artifactsBucket }: Scope, prefixes: readonly string[]): Statement[] {
  return [
    allow(
      "WriteArtifacts",
      [
        // A large object is uploaded in parts, which are given up when one fails.
        "s3:AbortMultipartUpload",
        "s3:PutObject",
      ],
      prefixes.map((prefix) => arns.object(artifactsBucket, `${prefix}*`)),
    ),
  ];
}

/**
 * Keeps disks open, of one's own space or of instances: whoever starts them has EC2 make a grant on the environment's
 * key, for that disk and nothing else (EBS user guide, "Permissions for encryption": CreateGrant, and a data key that the caller
 * never sees).
 */
export function keepDisks(...scopes: readonly [Scope, ...Scope[]]): Statement[] {
  const { arns } = scopes[0];
  const aliases = scopes.map(({ keyAlias }) => keyAlias);
  const ours = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases.length === 1 ? aliases[0]! : aliases } };
  return [
    allow("EncryptDisks", ["kms:GenerateDataKeyWithoutPlaintext"], [arns.key("*")], ours),
    allow("KeepDisks", ["kms:CreateGrant"], [arns.key("*")], {
      ...ours,
      Bool: { "kms:GrantIsForAWSResource": "true" },
    }),
  ];
}

/**
 * Encrypts and decrypts with the environment's key, found by its alias, so that the document is known before the key
 * is.
 */
export function useKey({ arns, keyAlias }: Scope): Statement[] {
  return [
    allow(
      "UseKey",
      [
        // Opens what is there, and encrypts what comes.
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
      ],
      [arns.key("*")],
      {
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": keyAlias },
      },
    ),
  ];
}
