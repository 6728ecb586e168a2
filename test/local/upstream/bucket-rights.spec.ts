import assert from "node:assert/strict";
import type { Members } from "../../../local/members";
import { AwsError } from "../../../local/errors";
import type { Principal } from "../../../local/iam/principal";
import { Account, allow } from "../services/codebuild/account";

const BUCKET = "rights-bucket";
const bucket = `arn:aws:s3:::${BUCKET}`;
const object = `${bucket}/k`;

/**
 * Operation, input beside the bucket, and the rights that AWS's table names for it ("Required permissions for Amazon S3
 * API operations").
 */
type Row = readonly [
  operation: string,
  input: Members | (() => Promise<Members>),
  rights: readonly (readonly [action: string, resource: string])[],
];

describe("rights on buckets and objects", function () {
  let account: Account;
  let version: string;
  const s3 = (operation: string, input: Members, principal?: Principal): Promise<Members> =>
    account.call("s3", operation, { Bucket: BUCKET, ...input }, principal);
  const upload = async (Key = "k"): Promise<string> => (await s3("CreateMultipartUpload", { Key })).UploadId as string;
  const part = async (): Promise<Members> => {
    const UploadId = await upload();
    const { ETag } = await s3("UploadPart", { Key: "k", UploadId, PartNumber: 1, Body: Buffer.from("x") });
    return { Key: "k", UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } };
  };
  const tomorrow = (): Date => new Date(account.local.cloud.clock.nowMs() + 86_400_000);

  before(async () => {
    account = await Account.open();
    await s3("CreateBucket", {
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      ObjectLockEnabledForBucket: true,
    });
    version = (await s3("PutObject", { Key: "k", Body: Buffer.from("1") })).VersionId;
    await s3("PutObject", { Key: "k", Body: Buffer.from("2") });
  });
  after(() => account?.close());

  const rows: readonly Row[] = [
    ["PutObject", { Key: "k", Body: Buffer.from("x") }, [["s3:PutObject", object]]],
    [
      "PutObject",
      { Key: "k", Body: Buffer.from("x"), Tagging: "a=b" },
      [
        ["s3:PutObject", object],
        ["s3:PutObjectTagging", object],
      ],
    ],
    [
      "PutObject",
      async () => ({
        Key: "new",
        Body: Buffer.from("x"),
        ObjectLockMode: "GOVERNANCE",
        ObjectLockRetainUntilDate: tomorrow(),
      }),
      [
        ["s3:PutObject", `${bucket}/new`],
        ["s3:PutObjectRetention", `${bucket}/new`],
      ],
    ],
    ["GetObject", { Key: "k" }, [["s3:GetObject", object]]],
    ["GetObject", async () => ({ Key: "k", VersionId: version }), [["s3:GetObjectVersion", object]]],
    ["HeadObject", async () => ({ Key: "k", VersionId: version }), [["s3:GetObjectVersion", object]]],
    ["ListObjectVersions", { Prefix: "k" }, [["s3:ListBucketVersions", bucket]]],
    ["ListObjectsV2", {}, [["s3:ListBucket", bucket]]],
    [
      "CopyObject",
      { Key: "copy", CopySource: `${BUCKET}/k` },
      [
        ["s3:GetObject", object],
        ["s3:PutObject", `${bucket}/copy`],
      ],
    ],
    [
      "CopyObject",
      async () => ({ Key: "copy", CopySource: `${BUCKET}/k?versionId=${version}` }),
      [
        ["s3:GetObjectVersion", object],
        ["s3:PutObject", `${bucket}/copy`],
      ],
    ],
    ["CreateMultipartUpload", { Key: "k" }, [["s3:PutObject", object]]],
    [
      "UploadPart",
      async () => ({ Key: "k", UploadId: await upload(), PartNumber: 1, Body: Buffer.from("x") }),
      [["s3:PutObject", object]],
    ],
    [
      "UploadPartCopy",
      async () => ({ Key: "k", UploadId: await upload(), PartNumber: 1, CopySource: `${BUCKET}/copy` }),
      [
        ["s3:GetObject", `${bucket}/copy`],
        ["s3:PutObject", object],
      ],
    ],
    ["CompleteMultipartUpload", part, [["s3:PutObject", object]]],
    [
      "AbortMultipartUpload",
      async () => ({ Key: "k", UploadId: await upload() }),
      [["s3:AbortMultipartUpload", object]],
    ],
    [
      "PutObjectTagging",
      { Key: "k", Tagging: { TagSet: [{ Key: "a", Value: "b" }] } },
      [["s3:PutObjectTagging", object]],
    ],
    [
      "PutObjectTagging",
      async () => ({ Key: "k", VersionId: version, Tagging: { TagSet: [{ Key: "a", Value: "b" }] } }),
      [["s3:PutObjectVersionTagging", object]],
    ],
    [
      "PutObjectRetention",
      async () => ({ Key: "k", Retention: { Mode: "GOVERNANCE", RetainUntilDate: tomorrow() } }),
      [["s3:PutObjectRetention", object]],
    ],
    [
      "PutObjectRetention",
      async () => ({
        Key: "k",
        BypassGovernanceRetention: true,
        Retention: { Mode: "GOVERNANCE", RetainUntilDate: tomorrow() },
      }),
      [
        ["s3:PutObjectRetention", object],
        ["s3:BypassGovernanceRetention", object],
      ],
    ],
    ["PutObjectLegalHold", { Key: "k", LegalHold: { Status: "OFF" } }, [["s3:PutObjectLegalHold", object]]],
    ["DeleteObject", { Key: "none" }, [["s3:DeleteObject", `${bucket}/none`]]],
    [
      "DeleteObject",
      async () => ({
        Key: "copy",
        VersionId: (await s3("PutObject", { Key: "copy", Body: Buffer.from("z") })).VersionId,
      }),
      [["s3:DeleteObjectVersion", `${bucket}/copy`]],
    ],
    [
      "DeleteObject",
      { Key: "none", BypassGovernanceRetention: true },
      [
        ["s3:DeleteObject", `${bucket}/none`],
        ["s3:BypassGovernanceRetention", `${bucket}/none`],
      ],
    ],
    [
      "DeleteObjects",
      async () => ({
        Delete: {
          Objects: [
            { Key: "a" },
            { Key: "copy", VersionId: (await s3("PutObject", { Key: "copy", Body: Buffer.from("z") })).VersionId },
          ],
        },
      }),
      [
        ["s3:DeleteObject", `${bucket}/a`],
        ["s3:DeleteObjectVersion", `${bucket}/copy`],
      ],
    ],
    [
      "PutBucketPolicy",
      {
        Policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:DeleteBucket", Resource: bucket }],
        }),
      },
      [["s3:PutBucketPolicy", bucket]],
    ],
    ["GetBucketPolicy", {}, [["s3:GetBucketPolicy", bucket]]],
    ["DeleteBucketPolicy", {}, [["s3:DeleteBucketPolicy", bucket]]],
    [
      "PutBucketLifecycleConfiguration",
      {
        LifecycleConfiguration: {
          Rules: [{ ID: "a", Status: "Enabled", Filter: { Prefix: "tmp/" }, Expiration: { Days: 1 } }],
        },
      },
      [["s3:PutLifecycleConfiguration", bucket]],
    ],
    ["DeleteBucketLifecycle", {}, [["s3:PutLifecycleConfiguration", bucket]]],
    ["PutBucketVersioning", { VersioningConfiguration: { Status: "Enabled" } }, [["s3:PutBucketVersioning", bucket]]],
    [
      "PutObjectLockConfiguration",
      { ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } },
      [["s3:PutBucketObjectLockConfiguration", bucket]],
    ],
    [
      "PutBucketEncryption",
      {
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
      },
      [["s3:PutEncryptionConfiguration", bucket]],
    ],
    ["PutBucketNotificationConfiguration", { NotificationConfiguration: {} }, [["s3:PutBucketNotification", bucket]]],
    [
      "PutPublicAccessBlock",
      { PublicAccessBlockConfiguration: { BlockPublicAcls: true } },
      [["s3:PutBucketPublicAccessBlock", bucket]],
    ],
  ];

  for (const [index, [operation, input, rights]] of rows.entries()) {
    it(`${operation} takes ${rights.map(([action]) => action).join(" and ")}, and without any of them it is refused`, async () => {
      const given = async (): Promise<Members> => (typeof input === "function" ? await input() : input);
      for (const [at, [missing, resource]] of rights.entries()) {
        const others = rights.filter((_, other) => other !== at).map(([action, arn]) => allow(action, arn));
        const user = await account.user(`without-${index}-${at}`, [...others, allow("s3:ListAllMyBuckets")]);
        await assert.rejects(
          s3(operation, await given(), user),
          (error: AwsError) =>
            error.code === "AccessDenied" &&
            error.message.includes(`not authorized to perform: ${missing} on resource: "${resource}"`),
          `without ${missing}`,
        );
      }
      const user = await account.user(
        `with-${index}`,
        rights.map(([action, arn]) => allow(action, arn)),
      );
      await s3(operation, await given(), user);
    });
  }

  it("needs the right on each object of a batch, versions and live objects apart", async () => {
    const user = await account.user("batch", [allow("s3:DeleteObject", `${bucket}/mine/*`)]);
    await s3("DeleteObjects", { Delete: { Objects: [{ Key: "mine/1" }, { Key: "mine/2" }] } }, user);
    await assert.rejects(s3("DeleteObjects", { Delete: { Objects: [{ Key: "mine/1" }, { Key: "yours" }] } }, user), {
      code: "AccessDenied",
    });
    await assert.rejects(
      s3("DeleteObjects", { Delete: { Objects: [{ Key: "mine/1", VersionId: version }] } }, user),
      /s3:DeleteObjectVersion/,
    );
  });
});

describe("a Deny of all writers but one, in the bucket's policy", function () {
  let account: Account;
  const writer = "arn:aws:iam::111122223333:role/peregrine/dev/writer";
  const roles: Record<string, Principal> = {};
  const s3 = (operation: string, input: Members, principal?: Principal): Promise<Members> =>
    account.call("s3", operation, { Bucket: "artifacts-bucket", ...input }, principal);
  const explicit = (error: AwsError): boolean =>
    error.code === "AccessDenied" && /with an explicit deny in a resource-based policy/.test(error.message);

  before(async () => {
    account = await Account.open();
    await s3("CreateBucket", { CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } });
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    for (const [Path, RoleName] of [
      ["/peregrine/dev/", "writer"],
      ["/peregrine/dev/", "other"],
      ["/else/", "stranger"],
    ] as const) {
      const { Role } = await account.call("iam", "CreateRole", {
        Path,
        RoleName,
        AssumeRolePolicyDocument: JSON.stringify(trust),
      });
      await account.call("iam", "PutRolePolicy", {
        RoleName,
        PolicyName: "own",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [allow("s3:*")] }),
      });
      roles[RoleName] = account.local.cloud.internals.assume(Role.Arn, "sagemaker.amazonaws.com", "SageMaker");
    }
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectTagging"],
          Resource: "arn:aws:s3:::artifacts-bucket/runs/*",
          Condition: {
            ArnLike: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/peregrine/*" },
            ArnNotEquals: { "aws:PrincipalArn": [writer] },
          },
        },
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::artifacts-bucket/approvals/*",
          Condition: { Bool: { "s3:ObjectCreationOperation": "true" }, Null: { "s3:if-none-match": "true" } },
        },
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::artifacts-bucket/sealed/*",
          Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" } },
        },
      ],
    });
    await s3("PutBucketPolicy", { Policy });
  });
  after(() => account?.close());

  const key = { Key: "runs/1/model.tar.gz" };

  it("knows a session by its role's ARN with the path, and leaves the writer and roles elsewhere alone", async () => {
    assert.equal(roles.writer!.roleArn, writer);
    await s3("PutObject", { ...key, Body: Buffer.from("x") }, roles.writer);
    await s3("PutObject", { ...key, Body: Buffer.from("x") }, roles.stranger);
    await assert.rejects(s3("PutObject", { ...key, Body: Buffer.from("y") }, roles.other), explicit);
    await s3("GetObject", key, roles.other);
  });

  it("is not got round by copies, uploads in parts, batches, versions or tags", async () => {
    await s3("PutObject", { Key: "mine", Body: Buffer.from("mine") }, roles.other);
    const { other } = roles;
    for (const [operation, input] of [
      ["CopyObject", { ...key, CopySource: "artifacts-bucket/mine" }],
      ["CreateMultipartUpload", key],
      ["DeleteObject", key],
      ["DeleteObject", { ...key, VersionId: "null" }],
      ["DeleteObjects", { Delete: { Objects: [{ Key: "mine" }, key] } }],
      ["PutObjectTagging", { ...key, Tagging: { TagSet: [] } }],
    ] as const)
      await assert.rejects(s3(operation, input, other), explicit, operation);
    const { UploadId } = await s3("CreateMultipartUpload", key, roles.writer);
    await assert.rejects(
      s3("UploadPart", { ...key, UploadId, PartNumber: 1, Body: Buffer.from("x") }, other),
      explicit,
    );
    await assert.rejects(
      s3("UploadPartCopy", { ...key, UploadId, PartNumber: 1, CopySource: "artifacts-bucket/mine" }, other),
      explicit,
    );
    const { ETag } = await s3(
      "UploadPart",
      { ...key, UploadId, PartNumber: 1, Body: Buffer.from("parts") },
      roles.writer,
    );
    await assert.rejects(
      s3("CompleteMultipartUpload", { ...key, UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } }, other),
      explicit,
    );
    await s3(
      "CompleteMultipartUpload",
      { ...key, UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } },
      roles.writer,
    );
    assert.equal((await s3("GetObject", key)).Body.toString(), "parts");
  });

  it("holds for a copy whose source may not be read", async () => {
    const user = await account.user("copier", [allow("s3:PutObject")]);
    await assert.rejects(
      s3("CopyObject", { Key: "mine", CopySource: "artifacts-bucket/runs/1/model.tar.gz" }, user),
      /s3:GetObject on resource/,
    );
  });

  it("can demand that nothing is overwritten, of uploads in parts when they are completed", async () => {
    const approval = { Key: "approvals/1" };
    await assert.rejects(s3("PutObject", { ...approval, Body: Buffer.from("x") }, roles.writer), explicit);
    await s3("PutObject", { ...approval, Body: Buffer.from("x"), IfNoneMatch: "*" }, roles.writer);
    await assert.rejects(s3("PutObject", { ...approval, Body: Buffer.from("y"), IfNoneMatch: "*" }, roles.writer), {
      code: "PreconditionFailed",
    });
    await assert.rejects(
      s3("CopyObject", { ...approval, CopySource: "artifacts-bucket/mine" }, roles.writer),
      explicit,
    );
    await assert.rejects(
      s3("CopyObject", { ...approval, CopySource: "artifacts-bucket/mine", IfNoneMatch: "*" }, roles.writer),
      { code: "PreconditionFailed" },
    );
    const { UploadId } = await s3("CreateMultipartUpload", approval, roles.writer);
    const { ETag } = await s3(
      "UploadPart",
      { ...approval, UploadId, PartNumber: 1, Body: Buffer.from("z") },
      roles.writer,
    );
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    await assert.rejects(
      s3("CompleteMultipartUpload", { ...approval, UploadId, MultipartUpload }, roles.writer),
      explicit,
    );
    await assert.rejects(
      s3("CompleteMultipartUpload", { ...approval, UploadId, MultipartUpload, IfNoneMatch: "*" }, roles.writer),
      { code: "PreconditionFailed" },
    );
    assert.equal((await s3("GetObject", approval)).Body.toString(), "x");
  });

  it("can demand encryption", async () => {
    await assert.rejects(s3("PutObject", { Key: "sealed/x", Body: Buffer.from("x") }, roles.writer), explicit);
    await s3("PutObject", { Key: "sealed/x", Body: Buffer.from("x"), ServerSideEncryption: "aws:kms" }, roles.writer);
  });
});

describe("locks of objects", function () {
  let account: Account;
  const days = (count: number): Date => new Date(account.local.cloud.clock.nowMs() + count * 86_400_000);
  const s3 = (operation: string, input: Members, principal?: Principal): Promise<Members> =>
    account.call("s3", operation, { Bucket: "locked-bucket", ...input }, principal);
  const until = async (Key: string): Promise<number> =>
    Date.parse(String((await s3("HeadObject", { Key })).ObjectLockRetainUntilDate));

  before(async () => {
    account = await Account.open();
    await s3("CreateBucket", {
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      ObjectLockEnabledForBucket: true,
    });
    await s3("PutObjectLockConfiguration", {
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 30 } },
      },
    });
  });
  after(() => account?.close());

  it("the bucket's default keeps versions, of copies and uploads in parts as well, though a new version may be put over them", async () => {
    const { VersionId } = await s3("PutObject", { Key: "a", Body: Buffer.from("1") });
    await s3("PutObject", { Key: "a", Body: Buffer.from("2") });
    const copy = await s3("CopyObject", { Key: "b", CopySource: "locked-bucket/a" });
    const { UploadId } = await s3("CreateMultipartUpload", { Key: "c" });
    const { ETag } = await s3("UploadPart", { Key: "c", UploadId, PartNumber: 1, Body: Buffer.from("3") });
    const parts = await s3("CompleteMultipartUpload", {
      Key: "c",
      UploadId,
      MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
    });
    for (const [Key, version] of [
      ["a", VersionId],
      ["b", copy.VersionId],
      ["c", parts.VersionId],
    ] as const) {
      await assert.rejects(s3("DeleteObject", { Key, VersionId: version }), { code: "AccessDenied" }, Key);
    }
    await s3("DeleteObject", { Key: "a" });
    assert.equal((await s3("GetObject", { Key: "a", VersionId })).Body.toString(), "1");
    const { Versions, DeleteMarkers } = await s3("ListObjectVersions", { Prefix: "a" });
    assert.deepEqual([Versions.length, DeleteMarkers.length], [2, 1]);
  });

  it("governance: longer for everybody, shorter and deleted only by who bypasses", async () => {
    const { VersionId } = await s3("PutObject", { Key: "g", Body: Buffer.from("1") });
    const keeper = await account.user("keeper", [allow(["s3:PutObjectRetention", "s3:DeleteObjectVersion"])]);
    const retain = (count: number, more: Members = {}, Mode = "GOVERNANCE"): Promise<Members> =>
      s3("PutObjectRetention", { Key: "g", Retention: { Mode, RetainUntilDate: days(count) }, ...more }, keeper);
    await retain(40);
    await assert.rejects(retain(1), { code: "AccessDenied" });
    await assert.rejects(retain(1, { BypassGovernanceRetention: true }), /s3:BypassGovernanceRetention/);
    await assert.rejects(
      s3("DeleteObject", { Key: "g", VersionId, BypassGovernanceRetention: true }, keeper),
      /s3:BypassGovernanceRetention/,
    );
    await assert.rejects(
      s3("DeleteObjects", { BypassGovernanceRetention: true, Delete: { Objects: [{ Key: "g", VersionId }] } }, keeper),
      /s3:BypassGovernanceRetention/,
    );
    assert.ok((await until("g")) > days(39).getTime());
    await s3("PutObjectRetention", {
      Key: "g",
      Retention: { Mode: "GOVERNANCE", RetainUntilDate: days(1) },
      BypassGovernanceRetention: true,
    });
    assert.ok((await until("g")) < days(2).getTime());
    await s3("DeleteObject", { Key: "g", VersionId, BypassGovernanceRetention: true });
  });

  it("compliance: nobody makes it shorter, changes its mode or deletes the version", async () => {
    const { VersionId } = await s3("PutObject", {
      Key: "c2",
      Body: Buffer.from("1"),
      ObjectLockMode: "COMPLIANCE",
      ObjectLockRetainUntilDate: days(10),
    });
    const bypass = { BypassGovernanceRetention: true };
    await assert.rejects(
      s3("PutObjectRetention", { Key: "c2", Retention: { Mode: "COMPLIANCE", RetainUntilDate: days(1) }, ...bypass }),
      { code: "AccessDenied" },
    );
    await assert.rejects(
      s3("PutObjectRetention", { Key: "c2", Retention: { Mode: "GOVERNANCE", RetainUntilDate: days(20) }, ...bypass }),
      { code: "AccessDenied" },
    );
    await assert.rejects(s3("DeleteObject", { Key: "c2", VersionId, ...bypass }), { code: "AccessDenied" });
    await s3("PutObjectRetention", { Key: "c2", Retention: { Mode: "COMPLIANCE", RetainUntilDate: days(20) } });
  });

  it("versioning stays on, and retention can be told to policies in days", async () => {
    await assert.rejects(s3("PutBucketVersioning", { VersioningConfiguration: { Status: "Suspended" } }), {
      code: "InvalidBucketState",
    });
    const long = {
      ...allow("s3:PutObjectRetention"),
      Condition: { NumericLessThan: { "s3:object-lock-remaining-retention-days": "100" } },
    };
    const user = await account.user("modest", [long]);
    await s3("PutObject", { Key: "m", Body: Buffer.from("1") });
    await s3("PutObjectRetention", { Key: "m", Retention: { Mode: "GOVERNANCE", RetainUntilDate: days(90) } }, user);
    await assert.rejects(
      s3("PutObjectRetention", { Key: "m", Retention: { Mode: "GOVERNANCE", RetainUntilDate: days(400) } }, user),
      /s3:PutObjectRetention/,
    );
  });
});
