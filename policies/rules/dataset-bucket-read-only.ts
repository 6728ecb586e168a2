import { covers, identityPolicies, matches, type Statement, statementsOf, valuesOf } from "../document";
import { wellArchitected } from "../frameworks";
import { defineRule } from "../rule";

interface Config {
  readonly bucket: string;
}

const writes = ["s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutLifecycleConfiguration"];

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
 * Write permissions on the bucket itself. A permissions boundary grants nothing and allows whole services, so a statement
 * that is not about this bucket by name counts only when no other statement of the document denies it.
 */
function* grants(statements: readonly Statement[], bucket: string): Iterable<string> {
  for (const action of writes) {
    const resource = /Object$/.test(action) ? `arn:aws:s3:::${bucket}/flights/image.jpg` : `arn:aws:s3:::${bucket}`;
    const concerning = statements.filter((statement) => covers(statement, action) && reaches(statement, resource));
    if (concerning.some(({ Effect }) => Effect === "Allow") && !concerning.some(({ Effect, Condition }) => Effect === "Deny" && !Condition)) yield `${action} on the dataset bucket ${bucket} is granted.`;
  }
}

function reaches(statement: Statement, resource: string): boolean {
  if (statement.NotResource !== undefined) return !valuesOf(statement.NotResource).some((pattern) => matches(pattern, resource));
  return valuesOf(statement.Resource).some((pattern) => matches(pattern, resource));
}
