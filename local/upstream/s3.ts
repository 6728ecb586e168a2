import type { Call } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { Handler } from "../operation";
import { RawResponse } from "../raw";
import { AwsError } from "../errors";
import { withKeyOfSource } from "./object-keys";

/**
 * Moto does not look at these operations' query keys and would answer them as another one: a list, an object, a put.
 */
const notInMoto = [
  "CreateBucketMetadataConfiguration",
  "CreateBucketMetadataTableConfiguration",
  "CreateSession",
  "DeleteBucketAnalyticsConfiguration",
  "DeleteBucketIntelligentTieringConfiguration",
  "DeleteBucketInventoryConfiguration",
  "DeleteBucketMetadataConfiguration",
  "DeleteBucketMetadataTableConfiguration",
  "DeleteBucketMetricsConfiguration",
  "GetBucketAbac",
  "GetBucketAnalyticsConfiguration",
  "GetBucketIntelligentTieringConfiguration",
  "GetBucketMetadataConfiguration",
  "GetBucketMetadataTableConfiguration",
  "GetBucketMetricsConfiguration",
  "GetBucketRequestPayment",
  "GetObjectRetention",
  "GetObjectTorrent",
  "ListBucketAnalyticsConfigurations",
  "ListBucketIntelligentTieringConfigurations",
  "ListBucketMetricsConfigurations",
  "ListDirectoryBuckets",
  "PutBucketAbac",
  "PutBucketAnalyticsConfiguration",
  "PutBucketIntelligentTieringConfiguration",
  "PutBucketMetricsConfiguration",
  "PutBucketRequestPayment",
  "RenameObject",
  "UpdateBucketMetadataInventoryTableConfiguration",
  "UpdateBucketMetadataJournalTableConfiguration",
  "UpdateObjectEncryption",
  "WriteGetObjectResponse",
];

/**
 * Bucket policies stay with our own evaluator: moto applies each Deny of a policy to every object call, whoever asks
 * and whatever its conditions say.
 */
export function bucketOperations(cloud: Cloud, toMoto: Handler): Record<string, Handler> {
  const policies = cloud.journal.table<string>("s3/policies");
  /** Where a bucket's access logs would go; none are delivered. */
  const logging = cloud.journal.table<Members>("s3/logging");

  /** Asks moto, as nobody in particular, whether the bucket is there. @throws AwsError NoSuchBucket. */
  async function mustExist(input: Members, call: Call): Promise<void> {
    const bucket = String(input.Bucket);
    const inside: Call = { ...call, operation: "GetBucketLocation", caller: { ...call.caller, raw: undefined } };
    try {
      await toMoto({ Bucket: bucket }, inside);
    } catch (error) {
      if (error instanceof AwsError && error.status === 404)
        throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: bucket });
      throw error;
    }
  }

  /** Moto trips over an upload that was never begun, or is completed. */
  const onUpload: Handler = async (input, call) => {
    try {
      return await toMoto(input, call);
    } catch (error) {
      if (!(error instanceof AwsError) || !/KeyError/.test(error.message)) throw error;
      throw new AwsError(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
        404,
        { UploadId: input.UploadId },
      );
    }
  };

  /** SDKs send a checksum with every upload; calls from inside do where the bucket's locks demand one. */
  const withChecksum: Handler = async (input, call) => {
    try {
      return await toMoto(input, call);
    } catch (error) {
      if (
        call.caller.raw ||
        !(error instanceof AwsError) ||
        error.code !== "MissingUploadObjectWithObjectLockHeaders" ||
        input.ChecksumAlgorithm !== undefined
      )
        throw error;
      return toMoto({ ...input, ChecksumAlgorithm: "CRC32" }, call);
    }
  };

  /** Moto would look for the permission in the policy, which it does not have. */
  async function mayDeliverTo(target: string, call: Call): Promise<void> {
    const refusal = (why: string) => new AwsError("InvalidTargetBucketForLogging", why, 400, { TargetBucket: target });
    await mustExist({ Bucket: target }, call).catch(() => {
      throw refusal("The target bucket for logging does not exist");
    });
    const statements = [(JSON.parse(policies.get(target) ?? "{}") as Members).Statement ?? []].flat() as Members[];
    const allowed = statements.some(
      ({ Effect, Principal }) => Effect === "Allow" && [Principal?.Service].flat().includes("logging.s3.amazonaws.com"),
    );
    if (!allowed)
      throw refusal(
        "You must give the logging service principal (logging.s3.amazonaws.com) s3:PutObject on the target bucket",
      );
  }

  const refusals = notInMoto.map((operation): [string, Handler] => [
    operation,
    () => {
      cloud.countUnimplemented("s3", operation);
      throw new AwsError("UnknownOperationException", `The local cloud does not implement s3:${operation}.`, 400);
    },
  ]);

  return {
    ...Object.fromEntries(refusals),
    UploadPart: onUpload,
    UploadPartCopy: withKeyOfSource(cloud, onUpload),
    CopyObject: withKeyOfSource(cloud, toMoto),
    CompleteMultipartUpload: onUpload,
    CreateBucket: (input, call) => {
      if (!validBucketName(String(input.Bucket)))
        throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400, {
          BucketName: input.Bucket,
        });
      return toMoto(input, call);
    },
    PutObject: (input, call) => {
      // S3 knows the asterisk alone, and one condition at a time. Moto would write anyway. (409
      // ConditionalRequestConflict is S3's answer to writes that cross; here they come one after the other, so the
      // slower one reads 412 PreconditionFailed.)
      const condition = input.IfNoneMatch;
      if (condition !== undefined && (condition !== "*" || input.IfMatch !== undefined))
        throw new AwsError(
          "NotImplemented",
          "A header you provided implies functionality that is not implemented",
          501,
          { Header: "If-None-Match" },
        );
      return withChecksum(input, call);
    },
    PutBucketPolicy: async (input, call) => {
      await mustExist(input, call);
      const policy = String(input.Policy);
      const problem = policyProblem(policy);
      if (problem) throw new AwsError("MalformedPolicy", problem, 400);
      policies.put(String(input.Bucket), policy);
      return noContent(call);
    },
    GetBucketPolicy: async (input, call) => {
      await mustExist(input, call);
      const policy = policies.get(String(input.Bucket));
      if (policy === undefined)
        throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, { BucketName: input.Bucket });
      return { Policy: policy };
    },
    GetBucketPolicyStatus: async (input, call) => {
      await mustExist(input, call);
      const policy = policies.get(String(input.Bucket));
      if (policy === undefined)
        throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, { BucketName: input.Bucket });
      return { PolicyStatus: { IsPublic: isPublic(policy) } };
    },
    PutBucketLogging: async (input, call) => {
      await mustExist(input, call);
      const enabled = input.BucketLoggingStatus?.LoggingEnabled as Members | undefined;
      if (enabled) await mayDeliverTo(String(enabled.TargetBucket), call);
      logging.put(String(input.Bucket), enabled ?? {});
      return call.caller.raw ? new RawResponse(200, {}, Buffer.alloc(0)) : {};
    },
    GetBucketLogging: async (input, call) => {
      await mustExist(input, call);
      const enabled = logging.get(String(input.Bucket));
      return enabled && Object.keys(enabled).length > 0 ? { LoggingEnabled: enabled } : {};
    },
    DeleteBucketPolicy: async (input, call) => {
      await mustExist(input, call);
      policies.delete(String(input.Bucket));
      return noContent(call);
    },
  };
}

/** S3 answers 204 where the model says nothing of a status. */
function noContent(call: Call): Members | RawResponse {
  return call.caller.raw ? new RawResponse(204, {}, Buffer.alloc(0)) : {};
}

/** The policy of the bucket that an ARN of a bucket or an object belongs to. */
export function bucketPolicyOf(cloud: Cloud, arn: string): string | undefined {
  const bucket = arn.split(":").slice(5).join(":").split("/")[0] ?? "";
  return cloud.journal.table<string>("s3/policies").get(bucket);
}

/**
 * Keeps what follows from changes to buckets: policies go with their bucket, EventBridge hears of objects where it is
 * switched on.
 */
export function onBucketChange(cloud: Cloud, call: Call, input: Members, output: Members | RawResponse): void {
  const notifying = cloud.journal.table<boolean>("s3/eventbridge");
  const bucket = String(input.Bucket ?? "");
  switch (call.operation) {
    case "DeleteBucket":
      cloud.journal.table<string>("s3/policies").delete(bucket);
      cloud.journal.table<Members>("s3/logging").delete(bucket);
      notifying.delete(bucket);
      return;
    case "PutBucketNotificationConfiguration":
      if (input.NotificationConfiguration?.EventBridgeConfiguration) notifying.put(bucket, true);
      else notifying.delete(bucket);
      return;
    case "PutObject":
    case "CopyObject":
    case "CompleteMultipartUpload":
      if (notifying.has(bucket)) announce("Object Created", String(input.Key), { reason: call.operation });
      return;
    case "DeleteObject":
      if (notifying.has(bucket))
        announce("Object Deleted", String(input.Key), {
          reason: "DeleteObject",
          "deletion-type": "Permanently Deleted",
        });
      return;
    case "DeleteObjects":
      if (notifying.has(bucket))
        for (const object of input.Delete?.Objects ?? [])
          announce("Object Deleted", object.Key as string, {
            reason: "DeleteObjects",
            "deletion-type": "Permanently Deleted",
          });
      return;
    default:
      return;
  }

  function announce(detailType: string, key: string, extra: Members): void {
    const header = (name: string): string | undefined =>
      output instanceof RawResponse ? output.headers[name] : undefined;
    const etag = (header("etag") ?? (output as Members).ETag ?? "").toString().replace(/"/g, "");
    const versionId = header("x-amz-version-id") ?? ((output as Members).VersionId as string | undefined);
    const size = Buffer.isBuffer(input.Body) ? input.Body.length : undefined;
    cloud.internals.emit({
      source: "aws.s3",
      detailType,
      resources: [`arn:aws:s3:::${bucket}`],
      detail: {
        version: "0",
        bucket: { name: bucket },
        object: {
          key,
          ...(size === undefined ? {} : { size }),
          ...(etag ? { etag } : {}),
          ...(versionId ? { "version-id": versionId } : {}),
          sequencer: Math.round(cloud.clock.nowMs()).toString(16).toUpperCase().padStart(16, "0"),
        },
        "request-id": call.requestId,
        requester: cloud.accountId,
        "source-ip-address": call.caller.sourceIp,
        ...extra,
      },
    });
  }
}

/** Naming rules of general purpose buckets (Amazon S3 User Guide, "Bucket naming rules"). */
function validBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3)$/.test(name)
  );
}

function policyProblem(text: string): string | undefined {
  try {
    const policy = JSON.parse(text) as Members;
    const statements: Members[] = [policy.Statement ?? []].flat();
    if (statements.length === 0) return "Missing required field Statement";
    for (const statement of statements) {
      if (statement.Effect !== "Allow" && statement.Effect !== "Deny") return "Missing required field Effect";
      if (!("Principal" in statement) && !("NotPrincipal" in statement)) return "Missing required field Principal";
      if (!("Action" in statement) && !("NotAction" in statement)) return "Missing required field Action";
      if (!("Resource" in statement) && !("NotResource" in statement)) return "Missing required field Resource";
    }
    return undefined;
  } catch {
    return "Policies must be valid JSON and the first byte must be '{'";
  }
}

function isPublic(text: string): boolean {
  const statements: Members[] = [(JSON.parse(text) as Members).Statement].flat();
  return statements.some(
    (statement) =>
      statement.Effect === "Allow" &&
      !statement.Condition &&
      (statement.Principal === "*" || [statement.Principal?.AWS].flat().includes("*")),
  );
}
