import type { Call, Members, Requirement } from "../../cloud";
import { RawResponse } from "../../raw";
import { bucketArn, type DependentFacts } from "./facts";
import { useKey } from "./keys";
import type { DependentRule, DependentTable } from "./table";


/** The encryption context that S3 gives KMS: the object, or its bucket where a bucket key stands between (S3 user guide, "Encryption context"). */
const objectContext = (bucket: unknown, key: unknown, bucketKey: boolean): Record<string, string> => ({ "aws:s3:arn": bucketKey ? bucketArn(bucket) : `${bucketArn(bucket)}/${String(key)}` });

/** The key that a new object gets: the request's, else the bucket's. */
function keyOfNewObject(input: Members, facts: DependentFacts): { key: unknown; bucketKey: boolean } {
  if (input.ServerSideEncryption !== undefined && input.SSEKMSKeyId === undefined) return { key: undefined, bucketKey: false };
  if (input.SSEKMSKeyId !== undefined) return { key: input.SSEKMSKeyId, bucketKey: input.BucketKeyEnabled === true };
  const { key, bucketKey = false } = facts.keyOf(bucketArn(input.Bucket)) ?? {};
  return { key, bucketKey };
}

const writing = (...actions: string[]): DependentRule => ({
  asks: `${actions.map((action) => `\`kms:${action}\``).join(", ")} on the key of the request, else of the bucket, through S3`,
  before: (input, call, facts) => {
    const { key, bucketKey } = keyOfNewObject(input, facts);
    return useKey(facts, call, { key, via: "s3", actions, encryptionContext: objectContext(input.Bucket, input.Key, bucketKey) });
  },
});

/** Reading asks for the key that the object turns out to have. */
const reading: DependentRule = {
  asks: "`kms:Decrypt` on the object's key, through S3",
  answer: (input, output, call, facts) => {
    const header = (name: string, member: string): unknown => (output instanceof RawResponse ? output.headers[name] : (output as Members)[member]);
    const bucketKey = String(header("x-amz-server-side-encryption-bucket-key-enabled", "BucketKeyEnabled")) === "true";
    return useKey(facts, call, { key: header("x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId"), via: "s3", actions: ["Decrypt"], encryptionContext: objectContext(input.Bucket, input.Key, bucketKey) });
  },
};

/** Of a copy's source only the bucket's own key is known: objects with another one are taken to have that. */
function readingSource(input: Members, call: Call, facts: DependentFacts): Requirement[] {
  const source = typeof input.CopySource === "string" ? decodeURIComponent(input.CopySource).replace(/^\//, "") : `${input.CopySource?.Bucket}/${input.CopySource?.Key}`;
  const [bucket = "", ...key] = source.split("?")[0]!.split("/");
  const { key: keyId, bucketKey = false } = facts.keyOf(bucketArn(bucket)) ?? {};
  return useKey(facts, call, { key: keyId, via: "s3", actions: ["Decrypt"], encryptionContext: objectContext(bucket, key.join("/"), bucketKey) });
}

const copying = "`kms:Decrypt` on the key of the source's bucket, and what writing asks, through S3";
const parts = writing("Decrypt");
const objects = writing("GenerateDataKey");

/** Amazon S3 user guide, "Required permissions" of SSE-KMS, and those of uploads in parts ("Multipart upload API and permissions"). */
const s3: DependentTable = {
  "s3:GetObject": reading,
  "s3:PutObject": objects,
  "s3:CopyObject": { asks: copying, before: (input, call, facts) => [...readingSource(input, call, facts), ...objects.before!(input, call, facts)] },
  "s3:CreateMultipartUpload": writing("GenerateDataKey", "Decrypt"),
  "s3:UploadPart": parts,
  "s3:UploadPartCopy": { asks: copying, before: (input, call, facts) => [...readingSource(input, call, facts), ...parts.before!(input, call, facts)] },
  "s3:CompleteMultipartUpload": parts,
};

const parameterArn = (facts: DependentFacts, name: unknown): string => {
  const text = String(name);
  return text.startsWith("arn:") ? text : facts.arn("ssm", `parameter/${text.replace(/^\//, "").replace(/:[^/:]*$/, "")}`);
};

const decrypting = (namesOf: (input: Members, facts: DependentFacts) => readonly string[]): DependentRule => ({
  asks: "`kms:Decrypt` on the key of each SecureString that is decrypted, through Systems Manager",
  before: (input, call, facts) =>
    input.WithDecryption !== true ? [] : namesOf(input, facts).flatMap((arn) => useKey(facts, call, { key: facts.keyOf(arn)?.key, via: "ssm", actions: ["Decrypt"], encryptionContext: { PARAMETER_ARN: arn } })),
});
const one = decrypting(({ Name }, facts) => [parameterArn(facts, Name)]);

/** Systems Manager user guide, "KMS encryption for SecureString parameters": the standard tier encrypts by KMS itself, the advanced one with a data key. */
const ssm: DependentTable = {
  "ssm:PutParameter": {
    asks: "of a SecureString `kms:Encrypt` on its key, in the advanced tier `kms:GenerateDataKey`, through Systems Manager",
    before: (input, call, facts) =>
      input.Type !== "SecureString" ? [] : useKey(facts, call, { key: input.KeyId, via: "ssm", actions: [input.Tier === "Advanced" ? "GenerateDataKey" : "Encrypt"], encryptionContext: { PARAMETER_ARN: parameterArn(facts, input.Name) } }),
  },
  "ssm:GetParameter": one,
  "ssm:GetParameterHistory": one,
  "ssm:GetParameters": decrypting(({ Names }, facts) => ((Names ?? []) as string[]).map((name) => parameterArn(facts, name))),
  "ssm:GetParametersByPath": decrypting(({ Path }, facts) => facts.encryptedBelow(`${parameterArn(facts, Path).replace(/\/$/, "")}/`)),
};

export const storageDependents: DependentTable = { ...s3, ...ssm };
