import type { Members } from "../../members";
import { RawResponse } from "../../raw";
import { bucketArn, type DependentFacts } from "./facts";
import { useKey } from "./keys";
import type { DependentRule, DependentTable } from "./table";

/**
 * The encryption context that S3 gives KMS: the object, or its bucket where a bucket key stands between (S3 user guide,
 * "Encryption context").
 */
const objectContext = (bucket: unknown, key: unknown, bucketKey: boolean): Record<string, string> => ({
  "aws:s3:arn": bucketKey ? bucketArn(bucket) : `${bucketArn(bucket)}/${String(key)}`,
});

/** The key that a new object gets: the request's, that of the upload it is a part of, else the bucket's. */
export function keyOfNewObject(input: Members, facts: DependentFacts): { key?: string; bucketKey: boolean } {
  const begun = input.UploadId === undefined ? undefined : facts.uploads.get(String(input.UploadId));
  if (begun) return begun;
  if (input.ServerSideEncryption !== undefined && input.SSEKMSKeyId === undefined) return { bucketKey: false };
  if (input.SSEKMSKeyId !== undefined)
    return { key: String(input.SSEKMSKeyId), bucketKey: input.BucketKeyEnabled === true };
  const { key, bucketKey = false } = facts.keyOf(bucketArn(input.Bucket)) ?? {};
  return { ...(key === undefined ? {} : { key }), bucketKey };
}

const writing = (...actions: string[]): DependentRule => ({
  asks: `${actions.map((action) => `\`kms:${action}\``).join(", ")} on the key of the request or of the upload, else of the bucket, through S3`,
  before: (input, call, facts) => {
    const { key, bucketKey } = keyOfNewObject(input, facts);
    return useKey(facts, call, {
      key,
      via: "s3",
      actions,
      encryptionContext: { ...givenContext(input), ...objectContext(input.Bucket, input.Key, bucketKey) },
    });
  },
});

/** What the request adds to it: base64 of JSON (S3 user guide, "Encryption context"). */
function givenContext({ SSEKMSEncryptionContext: given }: Members): Record<string, string> {
  return given === undefined
    ? {}
    : (JSON.parse(Buffer.from(String(given), "base64").toString("utf8")) as Record<string, string>);
}

/** Reading asks for the key that the object turns out to have. */
const reading: DependentRule = {
  asks: "`kms:Decrypt` on the object's key, through S3",
  answer: (input, output, call, facts) => {
    const header = (name: string, member: string): unknown =>
      output instanceof RawResponse ? output.headers[name] : (output as Members)[member];
    const bucketKey = String(header("x-amz-server-side-encryption-bucket-key-enabled", "BucketKeyEnabled")) === "true";
    return useKey(facts, call, {
      key: header("x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId"),
      via: "s3",
      actions: ["Decrypt"],
      encryptionContext: objectContext(input.Bucket, input.Key, bucketKey),
    });
  },
};

/** The source's key is known where the copy is made, and asked for there (`local/upstream/object-keys.ts`). */
const copying = "what writing asks, then `kms:Decrypt` on the key of the object that is copied, through S3";
const parts = writing("Decrypt");
const objects = writing("GenerateDataKey");

/**
 * Amazon S3 user guide, "Required permissions" of SSE-KMS, and those of uploads in parts ("Multipart upload API and
 * permissions").
 */
const s3: DependentTable = {
  "s3:GetObject": reading,
  "s3:PutObject": objects,
  "s3:HeadObject": {
    asks: "with `ChecksumMode`, which gives out the checksum, what `s3:GetObject` asks",
    answer: (input, output, call, facts) =>
      input.ChecksumMode === "ENABLED" ? reading.answer!(input, output, call, facts) : [],
  },
  "s3:CopyObject": { ...objects, asks: copying },
  "s3:CreateMultipartUpload": writing("GenerateDataKey", "Decrypt"),
  "s3:UploadPart": parts,
  "s3:UploadPartCopy": { ...parts, asks: copying },
  "s3:CompleteMultipartUpload": parts,
};

const parameterArn = (facts: DependentFacts, name: unknown): string => {
  const text = String(name);
  return text.startsWith("arn:")
    ? text
    : facts.arn("ssm", `parameter/${text.replace(/^\//, "").replace(/:[^/:]*$/, "")}`);
};

const decrypting = (namesOf: (input: Members, facts: DependentFacts) => readonly string[]): DependentRule => ({
  asks: "`kms:Decrypt` on the key of each SecureString that is decrypted, through Systems Manager",
  before: (input, call, facts) =>
    input.WithDecryption !== true
      ? []
      : namesOf(input, facts).flatMap((arn) =>
          useKey(facts, call, {
            key: facts.keyOf(arn)?.key,
            via: "ssm",
            actions: ["Decrypt"],
            encryptionContext: { PARAMETER_ARN: arn },
          }),
        ),
});
const one = decrypting(({ Name }, facts) => [parameterArn(facts, Name)]);

/**
 * Systems Manager user guide, "KMS encryption for SecureString parameters": the standard tier encrypts by KMS itself,
 * the advanced one with a data key.
 */
const ssm: DependentTable = {
  "ssm:PutParameter": {
    asks: "of a SecureString `kms:Encrypt` on its key, in the advanced tier `kms:GenerateDataKey`, through Systems Manager",
    before: (input, call, facts) =>
      input.Type !== "SecureString"
        ? []
        : useKey(facts, call, {
            key: input.KeyId,
            via: "ssm",
            actions: [input.Tier === "Advanced" ? "GenerateDataKey" : "Encrypt"],
            encryptionContext: { PARAMETER_ARN: parameterArn(facts, input.Name) },
          }),
  },
  "ssm:GetParameter": one,
  "ssm:GetParameterHistory": one,
  "ssm:GetParameters": decrypting(({ Names }, facts) =>
    ((Names ?? []) as string[]).map((name) => parameterArn(facts, name)),
  ),
  "ssm:GetParametersByPath": decrypting(({ Path }, facts) =>
    facts.encryptedBelow(`${parameterArn(facts, Path).replace(/\/$/, "")}/`),
  ),
};

export const storageDependents: DependentTable = { ...s3, ...ssm };
