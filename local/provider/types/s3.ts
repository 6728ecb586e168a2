import type { Members } from "../../members";
import { AwsError } from "../../errors";
import { assetBytes } from "../assets";
import type { Context, ResourceType } from "../resource-type";
import type { Properties } from "../values";

const own = ["expectedBucketOwner", "timeouts"] as const;
const isConfiguration = {
  replace: ["bucket", "expectedBucketOwner"],
  fromId: (id: string): Properties => ({ bucket: id.split(",")[0]! }),
  id: (_answer: Members, { inputs }: Context) => String(inputs.bucket),
};
const justBucket = ["bucket"] as const;

/**
 * A part of a bucket's settings that is a resource of its own: put to create and change, deleted or put back to its
 * default.
 */
function setting(
  kind: string,
  title: string,
  rest: Pick<ResourceType, "create" | "delete"> & Partial<ResourceType>,
): ResourceType {
  return {
    token: `aws:s3/${kind[0]!.toLowerCase()}${kind.slice(1)}:${kind}`,
    service: "s3",
    title: `S3 Bucket ${title}`,
    local: own,
    ...isConfiguration,
    ...rest,
  };
}

/**
 * As the provider does: what is empty needs no right to objects, and what is written while a bucket is emptied is
 * deleted as well.
 */
async function deleteBucket(context: Context): Promise<void> {
  for (;;) {
    try {
      await context.session.call("s3", "DeleteBucket", { Bucket: context.id });
      return;
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== "BucketNotEmpty" || !context.inputs.forceDestroy) throw error;
      await emptyBucket(context);
    }
  }
}

/** As the provider does with `forceDestroy`: governance locks do not hold it up, compliance locks do. */
async function emptyBucket({ session, id, inputs }: Context): Promise<void> {
  for (;;) {
    const page = await session.call("s3", "ListObjectVersions", { Bucket: id });
    const found = [...((page.Versions ?? []) as Members[]), ...((page.DeleteMarkers ?? []) as Members[])];
    if (found.length === 0) return;
    await session.call("s3", "DeleteObjects", {
      Bucket: id,
      Delete: { Objects: found.map(({ Key, VersionId }) => ({ Key, VersionId })), Quiet: true },
      ...(inputs.objectLockEnabled ? { BypassGovernanceRetention: true } : {}),
    });
  }
}

/** One kind of target of a bucket's events, in AWS's form. */
function targets(inputs: Properties, list: string, arnInput: string, arnMember: string): Members[] | undefined {
  const given = inputs[list] as Properties[] | undefined;
  return given?.map((target) => {
    const rules = [
      ...(target.filterPrefix ? [{ Name: "prefix", Value: target.filterPrefix }] : []),
      ...(target.filterSuffix ? [{ Name: "suffix", Value: target.filterSuffix }] : []),
    ];
    return {
      Id: target.id ?? undefined,
      [arnMember]: target[arnInput],
      Events: target.events,
      ...(rules.length > 0 ? { Filter: { Key: { FilterRules: rules } } } : {}),
    };
  });
}

const notifications = ({ inputs }: Context): Members => ({
  NotificationConfiguration: {
    TopicConfigurations: targets(inputs, "topics", "topicArn", "TopicArn"),
    QueueConfigurations: targets(inputs, "queues", "queueArn", "QueueArn"),
    LambdaFunctionConfigurations: targets(inputs, "lambdaFunctions", "lambdaFunctionArn", "LambdaFunctionArn"),
    ...(inputs.eventbridge ? { EventBridgeConfiguration: {} } : {}),
  },
});

/** A rule without a filter holds for the whole bucket; S3 wants that said. */
const withFilters = (_context: Context, mapped: Members): Members => ({
  LifecycleConfiguration: {
    Rules: ((mapped.LifecycleConfiguration?.Rules ?? []) as Members[])
      .map((rule) => {
        const filter = Object.fromEntries(
          Object.entries((rule.Filter ?? {}) as Members).filter(([, value]) => value !== "" && value !== undefined),
        );
        return {
          ...rule,
          Filter: Object.keys(filter).length > 0 ? filter : { Prefix: rule.Prefix ?? "" },
          Prefix: undefined,
        };
      })
      .map(({ Prefix: _prefix, ...rule }) => rule),
  },
});

export const s3: readonly ResourceType[] = [
  {
    token: "aws:s3/bucket:Bucket",
    service: "s3",
    title: "S3 Bucket",
    name: { property: "bucket", limit: 63, lowerCase: true },
    rename: { objectLockEnabled: "ObjectLockEnabledForBucket" },
    local: ["forceDestroy", "bucketPrefix"],
    replace: ["bucket", "objectLockEnabled"],
    defaults: { forceDestroy: false },
    create: [
      {
        operation: "CreateBucket",
        // us-east-1 is the one region that must not be named.
        request: ({ session }) =>
          session.region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: session.region } },
      },
      { operation: "PutBucketTagging", only: justBucket, when: ["tags"], request: bucketTags },
    ],
    update: [
      {
        operation: "PutBucketTagging",
        only: justBucket,
        when: ["tags"],
        if: ({ inputs }) => inputs.tags !== undefined,
        request: bucketTags,
      },
      {
        operation: "DeleteBucketTagging",
        only: justBucket,
        when: ["tags"],
        if: ({ inputs }) => inputs.tags === undefined,
      },
    ],
    read: { operation: "HeadBucket", only: justBucket },
    delete: deleteBucket,
    id: (_answer, { inputs }) => String(inputs.bucket),
    fromId: (id) => ({ bucket: id }),
    outputs: (_answer, { inputs, session }) => ({
      arn: `arn:aws:s3:::${String(inputs.bucket)}`,
      bucketDomainName: `${String(inputs.bucket)}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${String(inputs.bucket)}.s3.${session.region}.amazonaws.com`,
      bucketRegion: session.region,
      tagsAll: inputs.tags ?? {},
    }),
  },
  setting("BucketVersioning", "Versioning", {
    local: [...own, "mfa"],
    create: [{ operation: "PutBucketVersioning" }],
    read: { operation: "GetBucketVersioning", only: justBucket },
    // Versioning cannot be taken off a bucket, only suspended; where Object Lock is on not even that, and the provider
    // forgets it.
    delete: [
      {
        operation: "PutBucketVersioning",
        tolerates: "InvalidBucketState",
        only: justBucket,
        request: () => ({ VersioningConfiguration: { Status: "Suspended" } }),
      },
    ],
  }),
  setting("BucketServerSideEncryptionConfiguration", "Server-Side Encryption Configuration", {
    rename: { rules: "ServerSideEncryptionConfiguration.Rules" },
    create: [{ operation: "PutBucketEncryption" }],
    read: { operation: "GetBucketEncryption", only: justBucket },
    delete: [{ operation: "DeleteBucketEncryption", only: justBucket }],
  }),
  setting("BucketPublicAccessBlock", "Public Access Block", {
    local: [...own, "skipDestroy"],
    rename: {
      blockPublicAcls: "PublicAccessBlockConfiguration.BlockPublicAcls",
      blockPublicPolicy: "PublicAccessBlockConfiguration.BlockPublicPolicy",
      ignorePublicAcls: "PublicAccessBlockConfiguration.IgnorePublicAcls",
      restrictPublicBuckets: "PublicAccessBlockConfiguration.RestrictPublicBuckets",
    },
    defaults: {
      blockPublicAcls: false,
      blockPublicPolicy: false,
      ignorePublicAcls: false,
      restrictPublicBuckets: false,
    },
    create: [{ operation: "PutPublicAccessBlock" }],
    read: { operation: "GetPublicAccessBlock", only: justBucket },
    delete: [
      { operation: "DeletePublicAccessBlock", only: justBucket, if: ({ inputs }) => inputs.skipDestroy !== true },
    ],
  }),
  setting("BucketOwnershipControls", "Ownership Controls", {
    rename: { rule: "OwnershipControls.Rules" },
    create: [{ operation: "PutBucketOwnershipControls" }],
    read: { operation: "GetBucketOwnershipControls", only: justBucket },
    delete: [{ operation: "DeleteBucketOwnershipControls", only: justBucket }],
  }),
  setting("BucketPolicy", "Policy", {
    create: [{ operation: "PutBucketPolicy" }],
    read: { operation: "GetBucketPolicy", only: justBucket },
    delete: [{ operation: "DeleteBucketPolicy", only: justBucket }],
  }),
  setting("BucketLifecycleConfiguration", "Lifecycle Configuration", {
    rename: { rules: "LifecycleConfiguration.Rules", "*.id": "ID" },
    create: [{ operation: "PutBucketLifecycleConfiguration", request: withFilters }],
    read: { operation: "GetBucketLifecycleConfiguration", only: justBucket },
    delete: [{ operation: "DeleteBucketLifecycle", only: justBucket }],
  }),
  setting("BucketObjectLockConfiguration", "Object Lock Configuration", {
    rename: { objectLockEnabled: "ObjectLockConfiguration.ObjectLockEnabled", rule: "ObjectLockConfiguration.Rule" },
    defaults: { objectLockEnabled: "Enabled" },
    create: [{ operation: "PutObjectLockConfiguration" }],
    read: { operation: "GetObjectLockConfiguration", only: justBucket },
    // The lock itself cannot be taken off a bucket, only its default retention.
    delete: [
      {
        operation: "PutObjectLockConfiguration",
        only: justBucket,
        request: () => ({ ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } }),
      },
    ],
  }),
  setting("BucketLogging", "Logging", {
    rename: {
      targetBucket: "BucketLoggingStatus.LoggingEnabled.TargetBucket",
      targetPrefix: "BucketLoggingStatus.LoggingEnabled.TargetPrefix",
      targetGrants: "BucketLoggingStatus.LoggingEnabled.TargetGrants",
      targetObjectKeyFormat: "BucketLoggingStatus.LoggingEnabled.TargetObjectKeyFormat",
    },
    create: [{ operation: "PutBucketLogging" }],
    read: { operation: "GetBucketLogging", only: justBucket },
    delete: [{ operation: "PutBucketLogging", only: justBucket, request: () => ({ BucketLoggingStatus: {} }) }],
  }),
  setting("BucketNotification", "Notification", {
    create: [{ operation: "PutBucketNotificationConfiguration", only: justBucket, request: notifications }],
    read: { operation: "GetBucketNotificationConfiguration", only: justBucket },
    delete: [
      {
        operation: "PutBucketNotificationConfiguration",
        only: justBucket,
        request: () => ({ NotificationConfiguration: {} }),
      },
    ],
  }),
  {
    token: "aws:s3/bucketObjectv2:BucketObjectv2",
    service: "s3",
    title: "S3 Object",
    name: { property: "key", limit: 1024 },
    rename: {
      kmsKeyId: "SSEKMSKeyId",
      objectLockRetainUntilDate: "ObjectLockRetainUntilDate",
      websiteRedirect: "WebsiteRedirectLocation",
      acl: "ACL",
      etag: null,
      source: null,
      content: null,
    },
    local: ["forceDestroy", "etag", "sourceHash", "source", "content", "contentBase64", "overrideProvider"],
    replace: ["bucket", "key"],
    create: [
      {
        operation: "PutObject",
        request: ({ inputs }) => ({
          Body: assetBytes(inputs),
          Tagging: inputs.tags ? new URLSearchParams(inputs.tags as Record<string, string>).toString() : undefined,
          Tags: undefined,
        }),
      },
    ],
    read: {
      operation: "HeadObject",
      only: ["bucket", "key"],
      result: ({ ETag: etag, VersionId: version }) => ({ ETag: etag, VersionId: version }),
    },
    delete: async ({ session, inputs }) => {
      const page = await session.call("s3", "ListObjectVersions", { Bucket: inputs.bucket, Prefix: inputs.key });
      const found = [...((page.Versions ?? []) as Members[]), ...((page.DeleteMarkers ?? []) as Members[])].filter(
        ({ Key }) => Key === inputs.key,
      );
      for (const { VersionId } of found)
        await session.call("s3", "DeleteObject", {
          Bucket: inputs.bucket,
          Key: inputs.key,
          ...(VersionId && VersionId !== "null" ? { VersionId } : {}),
        });
    },
    id: (_answer, { inputs }) => `${String(inputs.bucket)}/${String(inputs.key)}`,
    fromId: (id) => ({ bucket: id.split("/")[0]!, key: id.split("/").slice(1).join("/") }),
    outputs: (answer, { inputs }) => ({
      arn: `arn:aws:s3:::${String(inputs.bucket)}/${String(inputs.key)}`,
      etag: typeof answer.ETag === "string" ? answer.ETag.replaceAll('"', "") : undefined,
      versionId: answer.VersionId,
      tagsAll: inputs.tags ?? {},
    }),
    changing: ["etag", "versionId"],
  },
];

function bucketTags({ inputs }: Context): Members {
  return {
    Tagging: { TagSet: Object.entries(inputs.tags ?? {}).map(([Key, Value]) => ({ Key, Value: String(Value) })) },
  };
}
