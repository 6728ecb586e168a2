import type { Call } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { RawResponse } from "../raw";
import type { Handler } from "../operation";
import { AwsError } from "../errors";
import { bucketArn, dependentFacts } from "../iam/dependents/facts";
import { keyOfNewObject } from "../iam/dependents/storage";
import { RawResponse as Raw } from "../raw";

/**
 * Copies, whose caller must be let to the key of what they copy, as if he read it. The key is that of the object (or of
 * the version that is named), which the store tells.
 * @param toMoto copies.
 * @returns a handler that asks first.
 */
export function withKeyOfSource(cloud: Cloud, toMoto: Handler): Handler {
  return async (input, call) => {
    const { Bucket, Key, VersionId } = sourceOf(input);
    const inside: Call = {
      ...call,
      operation: "HeadObject",
      caller: { ...call.caller, raw: undefined },
      upstreamHeaders: undefined,
    };
    let head: Members | undefined;
    try {
      head = (await toMoto({ Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) }, inside)) as Members;
    } catch (error) {
      // What is not there is told by the copy itself.
      if (!(error instanceof AwsError)) throw error;
    }
    const s3 = cloud.services.get("s3");
    if (head && s3) cloud.authoriser.authoriseAnswer?.(s3, { Bucket, Key }, head, { ...call, operation: "GetObject" });
    return toMoto(input, call);
  };
}

/** The object that a copy reads: `bucket/key`, `/bucket/key`, either with `?versionId=`, or members. */
function sourceOf({ CopySource: source }: Members): { Bucket: string; Key: string; VersionId?: string } {
  if (typeof source !== "string")
    return {
      Bucket: String(source?.Bucket),
      Key: String(source?.Key),
      ...(source?.VersionId ? { VersionId: String(source.VersionId) } : {}),
    };
  const [path = "", VersionId] = source.replace(/^\//, "").split("?versionId=");
  const [Bucket = "", ...key] = decodeURIComponent(path).split("/");
  return { Bucket, Key: key.join("/"), ...(VersionId === undefined ? {} : { VersionId }) };
}

/**
 * Remembers which key an upload in parts was begun with, and which buckets hold objects with other keys than their own.
 * Told before the bucket's own key changes in what is known.
 */
export function learnObjectKeys(cloud: Cloud, operation: string, input: Members, output: Members | RawResponse): void {
  const facts = dependentFacts(cloud);
  const saysOwn = input.ServerSideEncryption !== undefined || input.SSEKMSKeyId !== undefined;
  switch (operation) {
    case "CreateMultipartUpload":
      if (saysOwn) facts.uploads.put(uploadIdIn(output), keyOfNewObject(input, facts));
      break;
    case "CompleteMultipartUpload":
    case "AbortMultipartUpload":
      facts.uploads.delete(String(input.UploadId));
      return;
    case "PutObject":
    case "CopyObject":
      break;
    case "PutBucketEncryption":
    case "DeleteBucketEncryption": {
      const before = facts.keyOf(bucketArn(input.Bucket))?.key;
      const [rule] = (input.ServerSideEncryptionConfiguration?.Rules ?? []) as Members[];
      // What is there already keeps the key it has.
      if (
        before !== undefined &&
        facts.arnOf(before) !== facts.arnOf(rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID)
      )
        facts.mixedBuckets.put(String(input.Bucket), true);
      return;
    }
    case "CreateBucket":
    case "DeleteBucket":
      facts.mixedBuckets.delete(String(input.Bucket));
      return;
    default:
      return;
  }
  if (
    saysOwn &&
    facts.arnOf(keyOfNewObject(input, facts).key) !== facts.arnOf(facts.keyOf(bucketArn(input.Bucket))?.key)
  )
    facts.mixedBuckets.put(String(input.Bucket), true);
}

function uploadIdIn(output: Members | RawResponse): string {
  return output instanceof Raw
    ? (/<UploadId>([^<]+)</.exec(output.body.toString("utf8"))?.[1] ?? "")
    : String(output.UploadId);
}
