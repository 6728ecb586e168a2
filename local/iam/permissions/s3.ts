import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import { requestTags } from "../tags";
import { each, given, need, passRole, type Context, type Permission, type Permissions } from "./requirements";

/**
 * S3's actions differ from its operations: HeadObject is `s3:GetObject`, ListObjectsV2 is `s3:ListBucket`, deleting a
 * configuration is putting it (Amazon S3 User Guide, "Required permissions for Amazon S3 API operations").
 */
const bucket = (input: Members): string => `arn:aws:s3:::${String(input.Bucket)}`;
const object = (input: Members, key: unknown = input.Key): string => `${bucket(input)}/${String(key)}`;

const onBucket =
  (action: string): Permission =>
  (input) => [need(`s3:${action}`, bucket(input))];
const sameOnBucket = (operation: string): Permission => onBucket(operation);

/** An action on an object, and its `…Version…` form where the request names a version. */
const onObject =
  (action: string, versionAction: string): Permission =>
  (input) => [
    need(
      `s3:${input.VersionId === undefined ? action : versionAction}`,
      object(input),
      given({ "s3:VersionId": input.VersionId }),
    ),
  ];

/** Bucket configurations: operation's subject -> action's subject. Deleting one takes the permission to put it. */
const configurations: Readonly<Record<string, string>> = {
  AccelerateConfiguration: "AccelerateConfiguration",
  AnalyticsConfiguration: "AnalyticsConfiguration",
  Cors: "BucketCORS",
  Encryption: "EncryptionConfiguration",
  IntelligentTieringConfiguration: "IntelligentTieringConfiguration",
  InventoryConfiguration: "InventoryConfiguration",
  Lifecycle: "LifecycleConfiguration",
  LifecycleConfiguration: "LifecycleConfiguration",
  Logging: "BucketLogging",
  MetricsConfiguration: "MetricsConfiguration",
  Notification: "BucketNotification",
  NotificationConfiguration: "BucketNotification",
  OwnershipControls: "BucketOwnershipControls",
  Replication: "ReplicationConfiguration",
  Tagging: "BucketTagging",
  RequestPayment: "BucketRequestPayment",
  Versioning: "BucketVersioning",
  Acl: "BucketAcl",
  Abac: "BucketAbac",
};

const deletable =
  /^(Analytics|Cors|Encryption|IntelligentTiering|Inventory|Lifecycle$|Metrics|OwnershipControls|Replication|Tagging)/;

const bucketConfigurations: Permissions = Object.fromEntries(
  Object.entries(configurations).flatMap(([subject, action]) => [
    [`GetBucket${subject}`, onBucket(`Get${action}`)],
    [`PutBucket${subject}`, onBucket(`Put${action}`)],
    ...(deletable.test(subject) ? [[`DeleteBucket${subject}`, onBucket(`Put${action}`)]] : []),
  ]),
);

const lists: Permissions = {
  // Asked of all buckets: IAM's own examples allow it on `arn:aws:s3:::*`.
  ListBuckets: () => [need("s3:ListAllMyBuckets", "arn:aws:s3:::*")],
  ...each("ListObjects ListObjectsV2 ListObjectVersions ListMultipartUploads", (operation) => (input) => {
    const action =
      operation === "ListObjectVersions"
        ? "ListBucketVersions"
        : operation === "ListMultipartUploads"
          ? "ListBucketMultipartUploads"
          : "ListBucket";
    return [
      need(
        `s3:${action}`,
        bucket(input),
        given({ "s3:prefix": input.Prefix, "s3:delimiter": input.Delimiter, "s3:max-keys": input.MaxKeys }),
      ),
    ];
  }),
  HeadBucket: onBucket("ListBucket"),
  ListParts: (input) => [need("s3:ListMultipartUploadParts", object(input))],
  ...each(
    "ListBucketAnalyticsConfigurations ListBucketIntelligentTieringConfigurations ListBucketInventoryConfigurations ListBucketMetricsConfigurations",
    (operation) => onBucket(operation.replace(/^ListBucket(.*)s$/, "Get$1")),
  ),
};

const reads: Permissions = {
  ...each("GetObject HeadObject SelectObjectContent", () => onObject("GetObject", "GetObjectVersion")),
  GetObjectAttributes: (input, call) => [
    ...onObject("GetObject", "GetObjectVersion")(input, call),
    ...onObject("GetObjectAttributes", "GetObjectVersionAttributes")(input, call),
  ],
  GetObjectAcl: onObject("GetObjectAcl", "GetObjectVersionAcl"),
  GetObjectTagging: onObject("GetObjectTagging", "GetObjectVersionTagging"),
  GetObjectTorrent: onObject("GetObjectTorrent", "GetObjectVersionTorrent"),
  ...each("GetObjectLegalHold GetObjectRetention", (operation) => onObject(operation, operation)),
};

const grants = ["full-control", "read", "read-acp", "write", "write-acp"] as const;
const grantMember = (grant: (typeof grants)[number]): string =>
  `Grant${grant.replace(/(^|-)([a-z])/g, (_all, _dash: string, letter: string) => letter.toUpperCase()).replace("Acp", "ACP")}`;

const DAY_MS = 86_400_000;

/** Until when an object is to be kept, and for how many more days that is. */
function retentionContext(until: unknown, call: Call): Record<string, string | undefined> {
  if (until === undefined) return {};
  const date = until instanceof Date ? until : new Date(String(until));
  return {
    "s3:object-lock-retain-until-date": date.toISOString(),
    "s3:object-lock-remaining-retention-days": String(
      Math.max(0, Math.ceil((date.getTime() - call.now.getTime()) / DAY_MS)),
    ),
  };
}

/** What a request that makes an object says about it. */
function writingContext(input: Members, call: Call): Context {
  const tags = requestTags(input);
  return {
    ...given({
      "s3:x-amz-acl": input.ACL,
      "s3:x-amz-server-side-encryption": input.ServerSideEncryption,
      "s3:x-amz-server-side-encryption-aws-kms-key-id": input.SSEKMSKeyId,
      "s3:x-amz-server-side-encryption-customer-algorithm": input.SSECustomerAlgorithm,
      "s3:x-amz-storage-class": input.StorageClass,
      "s3:x-amz-copy-source": copySource(input),
      "s3:x-amz-metadata-directive": input.MetadataDirective,
      "s3:if-match": input.IfMatch,
      "s3:if-none-match": input.IfNoneMatch,
      "s3:object-lock-mode": input.ObjectLockMode,
      "s3:object-lock-legal-hold": input.ObjectLockLegalHoldStatus,
      ...retentionContext(input.ObjectLockRetainUntilDate, call),
      ...Object.fromEntries(grants.map((grant) => [`s3:x-amz-grant-${grant}`, input[grantMember(grant)]])),
      "s3:x-amz-website-redirect-location": input.WebsiteRedirectLocation,
    }),
    ...(tags && { "s3:RequestObjectTagKeys": Object.keys(tags) }),
    ...Object.fromEntries(Object.entries(tags ?? {}).map(([key, value]) => [`s3:RequestObjectTag/${key}`, value])),
  };
}

/** `s3:PutObject`, and what else the request sets on the object. */
const write: Permission = (input, call) => {
  // An upload in parts makes its object when it is completed (S3 User Guide, "Enforce conditional writes on Amazon S3
  // buckets").
  const context = {
    ...writingContext(input, call),
    "s3:ObjectCreationOperation": String(call.operation !== "CreateMultipartUpload"),
  };
  const on = (action: string): Requirement => need(`s3:${action}`, object(input), context);
  const acl = input.ACL ?? input.GrantFullControl ?? input.GrantRead ?? input.GrantReadACP ?? input.GrantWriteACP;
  return [
    on("PutObject"),
    // The answer tells what is there ("How to prevent object overwrites with conditional writes", S3 User Guide).
    ...(input.IfMatch === undefined ? [] : [need("s3:GetObject", object(input))]),
    ...(input.Tagging === undefined ? [] : [on("PutObjectTagging")]),
    // The policy that CloudTrail asks for allows PutObject with this list, and nothing more ("Amazon S3 bucket policy for
    // CloudTrail", CloudTrail user guide).
    ...(acl === undefined || (call.principal.type === "service" && acl === "bucket-owner-full-control")
      ? []
      : [on("PutObjectAcl")]),
    ...(input.ObjectLockMode === undefined ? [] : [on("PutObjectRetention")]),
    ...(input.ObjectLockLegalHoldStatus === undefined ? [] : [on("PutObjectLegalHold")]),
  ];
};

function copySource({ CopySource: source }: Members): string | undefined {
  if (source === undefined || typeof source === "string") return source as string | undefined;
  return [(source as Members).Bucket, (source as Members).Key].join("/");
}

/** Reading the source of a copy: `bucket/key`, `/bucket/key`, either with `?versionId=`. */
function readSource(input: Members): Requirement[] {
  const [path = "", version] = (copySource(input) ?? "").split("?versionId=");
  const arn = `arn:aws:s3:::${decodeURIComponent(path.replace(/^\//, ""))}`;
  return [
    need(version === undefined ? "s3:GetObject" : "s3:GetObjectVersion", arn, given({ "s3:VersionId": version })),
  ];
}

const writes: Permissions = {
  ...each("PutObject CreateMultipartUpload", () => write),
  UploadPart: (input) => [need("s3:PutObject", object(input), { "s3:ObjectCreationOperation": "false" })],
  CompleteMultipartUpload: (input, call) => write({ ...input, ACL: undefined }, call),
  CopyObject: (input, call) => [...readSource(input), ...write(input, call)],
  UploadPartCopy: (input) => [
    ...readSource(input),
    need("s3:PutObject", object(input), {
      "s3:ObjectCreationOperation": "false",
      ...given({ "s3:x-amz-copy-source": copySource(input) }),
    }),
  ],
  AbortMultipartUpload: (input) => [need("s3:AbortMultipartUpload", object(input))],
  RestoreObject: (input) => [need("s3:RestoreObject", object(input))],
  PutObjectAcl: onObject("PutObjectAcl", "PutObjectVersionAcl"),
  PutObjectTagging: (input, call) => [
    need(`s3:${input.VersionId === undefined ? "PutObjectTagging" : "PutObjectVersionTagging"}`, object(input), {
      ...writingContext(input, call),
      ...given({ "s3:VersionId": input.VersionId }),
    }),
  ],
  DeleteObjectTagging: onObject("DeleteObjectTagging", "DeleteObjectVersionTagging"),
  PutObjectLegalHold: onObject("PutObjectLegalHold", "PutObjectLegalHold"),
  PutObjectRetention: (input, call) => [
    need(
      "s3:PutObjectRetention",
      object(input),
      given({
        "s3:object-lock-mode": input.Retention?.Mode,
        ...retentionContext(input.Retention?.RetainUntilDate, call),
      }),
    ),
    ...bypass(input, object(input)),
  ],
  DeleteObject: (input, call) => [
    ...onObject("DeleteObject", "DeleteObjectVersion")(input, call),
    ...bypass(input, object(input)),
  ],
  DeleteObjects: (input) =>
    ((input.Delete?.Objects ?? []) as Members[]).flatMap((each) => {
      const arn = object(input, each.Key);
      return [
        need(
          each.VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion",
          arn,
          given({ "s3:VersionId": each.VersionId }),
        ),
        ...bypass(input, arn),
      ];
    }),
};

function bypass(input: Members, arn: string): Requirement[] {
  return input.BypassGovernanceRetention === true ? [need("s3:BypassGovernanceRetention", arn)] : [];
}

const buckets: Permissions = {
  CreateBucket: (input) => [
    need(
      "s3:CreateBucket",
      bucket(input),
      given({
        "s3:LocationConstraint": input.CreateBucketConfiguration?.LocationConstraint,
        "s3:x-amz-acl": input.ACL,
      }),
    ),
    ...(input.ObjectLockEnabledForBucket === true
      ? [need("s3:PutBucketObjectLockConfiguration", bucket(input)), need("s3:PutBucketVersioning", bucket(input))]
      : []),
    ...(input.ObjectOwnership === undefined ? [] : [need("s3:PutBucketOwnershipControls", bucket(input))]),
    ...(input.ACL === undefined || input.ACL === "private" ? [] : [need("s3:PutBucketAcl", bucket(input))]),
  ],
  ...each(
    "DeleteBucket GetBucketLocation GetBucketPolicy GetBucketPolicyStatus PutBucketPolicy DeleteBucketPolicy GetBucketWebsite PutBucketWebsite DeleteBucketWebsite",
    sameOnBucket,
  ),
  ...each(
    `CreateBucketMetadataTableConfiguration DeleteBucketMetadataTableConfiguration GetBucketMetadataTableConfiguration CreateBucketMetadataConfiguration
     DeleteBucketMetadataConfiguration GetBucketMetadataConfiguration UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration`,
    sameOnBucket,
  ),
  PutBucketReplication: (input) => [
    need("s3:PutReplicationConfiguration", bucket(input)),
    ...passRole(input.ReplicationConfiguration?.Role, "s3.amazonaws.com"),
  ],
  GetPublicAccessBlock: onBucket("GetBucketPublicAccessBlock"),
  ...each("PutPublicAccessBlock DeletePublicAccessBlock", () => onBucket("PutBucketPublicAccessBlock")),
  GetObjectLockConfiguration: onBucket("GetBucketObjectLockConfiguration"),
  PutObjectLockConfiguration: onBucket("PutBucketObjectLockConfiguration"),
};

/** What S3's operations require. */
export const s3Permissions: Permissions = { ...bucketConfigurations, ...lists, ...reads, ...writes, ...buckets };
