import assert from "node:assert/strict";
import { join } from "node:path";
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { deleteKeptAudit, keptAudit } from "../../../automation/teardown/kept-audit";
import { UserError } from "../../../automation/errors";
import { scheduleKeyDeletion } from "../../../aws/kms";
import type { LocalCloud } from "../../../local/server";
import { enter, sdkConfig, startTestCloud } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

describe("what a teardown keeps on purpose", () => {
  const folder = makeTemporaryFolder();
  const tags = { project: "peregrine", environment: "prod", kept: "audit" };
  let local: LocalCloud;
  let leave: () => void;
  let s3: S3Client;
  let kms: KMSClient;
  const session = () => ({ profile: "ab", region: local.cloud.region });

  before(async () => {
    local = await startTestCloud();
    leave = enter(local, join(folder, "aws"));
    s3 = new S3Client(sdkConfig(local));
    kms = new KMSClient(sdkConfig(local));
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  /** A bucket with one locked file, and its key. @returns the key's id. */
  async function keep(bucket: string, mode: "GOVERNANCE" | "COMPLIANCE"): Promise<string> {
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ObjectLockEnabledForBucket: true,
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
    await s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket,
        ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode: mode, Days: 1 } } },
      }),
    );
    await s3.send(
      new PutBucketTaggingCommand({
        Bucket: bucket,
        Tagging: { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "AWSLogs/1", Body: "{}" }));
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) }),
    );
    return KeyMetadata!.KeyId!;
  }

  it("is found by its tags and deleted with its locked files: bucket at once, key after its wait", async () => {
    const keyId = await keep("audit-governance", "GOVERNANCE");
    assert.deepEqual((await keptAudit(session(), "prod")).map((arn) => arn.split(":")[2]).sort(), ["kms", "s3"]);
    assert.deepEqual(await keptAudit(session(), "dev"), []);
    assert.equal(await deleteKeptAudit(session(), "prod"), 2);
    await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: "audit-governance" })), { name: "NotFound" });
    assert.equal((await kms.send(new DescribeKeyCommand({ KeyId: keyId }))).KeyMetadata!.KeyState, "PendingDeletion");
    await scheduleKeyDeletion(session(), keyId);
  });

  it("stays, with the key that opens it, while a compliance lock holds; the error says until when to wait", async () => {
    const keyId = await keep("audit-compliance", "COMPLIANCE");
    await assert.rejects(
      deleteKeptAudit(session(), "prod"),
      (error: UserError) =>
        error instanceof UserError && /s3:\/\/audit-compliance\/AWSLogs\/1: AccessDenied/.test(error.message),
    );
    await s3.send(new HeadBucketCommand({ Bucket: "audit-compliance" }));
    assert.equal((await kms.send(new DescribeKeyCommand({ KeyId: keyId }))).KeyMetadata!.KeyState, "Enabled");
  });
});
