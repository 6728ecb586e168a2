import { covers, identityPolicies, includes, overlap, type Statement, statementsOf, valuesOf } from "../document";
import { wellArchitected } from "../frameworks";
import { defineRule } from "../rule";

interface Config {
  readonly bucket: string;
}

/**
 * Actions of S3 on objects, and on buckets, that do more than read (Service Authorization Reference; a test compares).
 */
export const writes: Readonly<Record<"object" | "bucket", readonly string[]>> = {
  object: [
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectAnnotation",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionAnnotation",
    "s3:DeleteObjectVersionTagging",
    "s3:InitiateReplication",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectAnnotation",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionAnnotation",
    "s3:PutObjectVersionTagging",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateObjectAnnotation",
    "s3:ReplicateTags",
    "s3:RestoreObject",
    "s3:UpdateObjectEncryption",
  ],
  bucket: [
    "s3:CreateBucket",
    "s3:CreateBucketMetadataTableConfiguration",
    "s3:DeleteBucket",
    "s3:DeleteBucketMetadataTableConfiguration",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucketWebsite",
    "s3:PauseReplication",
    "s3:PutAccelerateConfiguration",
    "s3:PutAnalyticsConfiguration",
    "s3:PutBucketAbac",
    "s3:PutBucketAcl",
    "s3:PutBucketCORS",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketRequestPayment",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:PutEncryptionConfiguration",
    "s3:PutIntelligentTieringConfiguration",
    "s3:PutInventoryConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutMetricsConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
    "s3:UpdateBucketMetadataAnnotationTableConfiguration",
    "s3:UpdateBucketMetadataInventoryTableConfiguration",
    "s3:UpdateBucketMetadataJournalTableConfiguration",
  ],
};

export const datasetBucketReadOnly = defineRule<Config>({
  name: "dataset-bucket-read-only",
  description: "The dataset bucket is read, never owned, changed or written.",
  rationale: "It belongs to somebody else; a stack that owns it deletes it when the stack is destroyed.",
  severity: "critical",
  framework: wellArchitected("MLSEC09", "Protect training data against change"),
  remediationSteps: "Refer to the bucket by name only, and grant s3:GetObject and s3:ListBucket on it.",
  url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_id-based-policy-examples.html",
  configSchema: { properties: { bucket: { type: "string" } } },
  needs: ["bucket"],
  appliesTo: (type) => type.startsWith("aws:s3/") || type in identityPolicies,
  *check({ type, props }, { bucket }) {
    if (type in identityPolicies) {
      for (const document of identityPolicies[type]!(props)) yield* grants(statementsOf(document), bucket);
    } else if (props["bucket"] === bucket) {
      yield `${type.split(":").at(-1)} would make the dataset bucket ${bucket} part of this stack.`;
    }
  },
});

/**
 * Write permissions on the bucket or on any of its keys. A permissions boundary grants nothing and allows whole
 * services, so what a statement allows counts only where no other statement of the document denies all of it without a
 * condition.
 */
function* grants(statements: readonly Statement[], bucket: string): Iterable<string> {
  const resources = { object: `arn:aws:s3:::${bucket}/*`, bucket: `arn:aws:s3:::${bucket}` };
  for (const [kind, actions] of Object.entries(writes) as ["object" | "bucket", readonly string[]][])
    for (const action of actions) {
      const concerning = statements.filter((statement) => covers(statement, action));
      const denials = concerning.filter(({ Effect, Condition }) => Effect === "Deny" && !Condition);
      const allowed = concerning
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap((statement) => reached(statement, resources[kind]));
      if (allowed.some((part) => !denials.some((denial) => deniesAll(denial, part))))
        yield `${action} on the dataset bucket ${bucket} is granted.`;
    }
}

/** What of a resource an Allow reaches: the resource itself, or the narrower of the two patterns. */
function reached(statement: Statement, resource: string): string[] {
  if (statement.NotResource !== undefined)
    return valuesOf(statement.NotResource).some((pattern) => includes(pattern, resource)) ? [] : [resource];
  return valuesOf(statement.Resource)
    .filter((pattern) => overlap(pattern, resource))
    .map((pattern) => (includes(resource, pattern) ? pattern : resource));
}

function deniesAll(statement: Statement, part: string): boolean {
  if (statement.NotResource !== undefined)
    return !valuesOf(statement.NotResource).some((pattern) => overlap(pattern, part));
  return valuesOf(statement.Resource).some((pattern) => includes(pattern, part));
}
