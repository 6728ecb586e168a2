import { statementsOf, valuesOf } from "../document";
import { wellArchitected } from "../frameworks";
import { defineRule } from "../rule";
import { concerns } from "../types";

const bucketType = "aws:s3/bucket:Bucket";
const accessBlockType = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const encryptionType = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const policyType = "aws:s3/bucketPolicy:BucketPolicy";
const aclType = "aws:s3/bucketAcl:BucketAcl";

interface EncryptionRule {
  readonly applyServerSideEncryptionByDefault?: { readonly sseAlgorithm?: string };
}

interface Config {
  /**
   * Buckets with this in their names take S3's access logs, which S3 delivers to buckets with its own keys (SSE-S3)
   * only.
   */
  readonly accessLogBuckets: string;
}

export const noPublicOrUnencryptedBucket = defineRule<Config>({
  name: "no-public-or-unencrypted-bucket",
  description: "Buckets are closed to the public and encrypted with a KMS key.",
  rationale: "Training images, models and captured requests are other people's data.",
  severity: "critical",
  framework: wellArchitected("MLSEC06", "Protect data at rest and restrict access to it"),
  remediationSteps:
    "Give the bucket a BucketPublicAccessBlock with all four settings and a BucketServerSideEncryptionConfiguration with aws:kms.",
  url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
  configSchema: { properties: { accessLogBuckets: { type: "string" } } },
  defaults: { accessLogBuckets: "-access-logs-" },
  appliesTo: (type) => type in checks,
  *check({ type, props }, config) {
    yield* checks[type]!(props, config);
  },
  *checkStack(resources) {
    for (const bucket of resources.filter(({ type }) => type === bucketType)) {
      for (const [type, what] of [
        [accessBlockType, "public access block"],
        [encryptionType, "default encryption"],
      ] as const)
        if (!resources.some((other) => other.type === type && concerns(other, bucket)))
          yield { message: `The bucket has no ${what}.`, urn: bucket.urn };
    }
  },
});

const checks: Readonly<Record<string, (props: Record<string, unknown>, config: Config) => Iterable<string>>> = {
  [bucketType]: (props) => publicAcl(props["acl"]),
  [aclType]: (props) => publicAcl(props["acl"]),
  *[accessBlockType](props) {
    for (const setting of ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"])
      if (props[setting] !== true) yield `${setting} is not true.`;
  },
  *[encryptionType](props, { accessLogBuckets }) {
    const rules = (props["rules"] as EncryptionRule[] | undefined) ?? [];
    const algorithms = rules.map((rule) => rule.applyServerSideEncryptionByDefault?.sseAlgorithm);
    if (algorithms.includes("AES256") && String(props["bucket"]).includes(accessLogBuckets)) return;
    if (!algorithms.some((algorithm) => algorithm?.startsWith("aws:kms")))
      yield `The default encryption is ${algorithms.join(", ") || "not set"}, not aws:kms.`;
  },
  *[policyType](props) {
    for (const statement of statementsOf(props["policy"]))
      if (statement.Effect === "Allow" && isEverybody(statement.Principal) && !statement.Condition)
        yield `Statement ${statement.Sid ?? "without Sid"} of the bucket policy allows everybody.`;
  },
};

function* publicAcl(acl: unknown): Iterable<string> {
  if (typeof acl === "string" && /public|authenticated-read/.test(acl)) yield `The ACL ${acl} opens the bucket.`;
}

function isEverybody(principal: unknown): boolean {
  if (principal === "*") return true;
  return (
    principal !== null &&
    typeof principal === "object" &&
    valuesOf((principal as Record<string, unknown>)["AWS"]).includes("*")
  );
}
