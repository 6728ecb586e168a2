import assert from "node:assert/strict";
import * as s3 from "@aws-sdk/client-s3";
import { startProvider, type RunningProvider } from "../../../local/provider/server";
import type { LocalCloud } from "../../../local/server";
import { Engine } from "../provider/provider-client";
import { sdkConfig, startTestCloud } from "../support";

const types = {
  bucket: "aws:s3/bucket:Bucket",
  versioning: "aws:s3/bucketVersioning:BucketVersioning",
  lock: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  policy: "aws:s3/bucketPolicy:BucketPolicy",
  logging: "aws:s3/bucketLogging:BucketLogging",
};

describe("settings of buckets, through the provider and moto", () => {
  let local: LocalCloud;
  let provider: RunningProvider;
  let engine: Engine;
  let client: s3.S3Client;

  before(async () => {
    local = await startTestCloud();
    client = new s3.S3Client(sdkConfig(local));
    const root = {
      type: "root",
      arn: `arn:aws:iam::${local.cloud.accountId}:root`,
      accountId: local.cloud.accountId,
      id: local.cloud.accountId,
    } as const;
    provider = await startProvider(local.cloud, { port: 0, principalFor: async () => root });
    engine = await Engine.configured(provider.port);
  });
  after(async () => {
    engine?.close();
    await provider?.stop();
    await local?.stop();
  });

  it("locks: a file goes with its bucket in governance mode, and only then", async () => {
    const bucket = await engine.create(types.bucket, "audit", {
      bucket: "locked-bucket",
      objectLockEnabled: true,
      forceDestroy: true,
    });
    const versioning = await engine.create(types.versioning, "versioning", {
      bucket: "locked-bucket",
      versioningConfiguration: { status: "Enabled" },
    });
    const inputs = {
      bucket: "locked-bucket",
      objectLockEnabled: "Enabled",
      rule: { defaultRetention: { mode: "GOVERNANCE", days: 1 } },
    };
    const lock = await engine.create(types.lock, "lock", inputs);
    const { ObjectLockConfiguration } = await client.send(
      new s3.GetObjectLockConfigurationCommand({ Bucket: "locked-bucket" }),
    );
    const { Mode, Days } = ObjectLockConfiguration!.Rule!.DefaultRetention!;
    assert.deepEqual([Mode, Days], ["GOVERNANCE", 1]);
    assert.deepEqual((await engine.diff(types.lock, "lock", lock, inputs)).paths, []);
    const read = await engine.read(types.lock, "lock", lock.id, lock.inputs, lock.properties);
    assert.deepEqual(read.properties.rule, inputs.rule);

    const { VersionId } = await client.send(
      new s3.PutObjectCommand({ Bucket: "locked-bucket", Key: "AWSLogs/x", Body: "x" }),
    );
    await assert.rejects(
      client.send(new s3.DeleteObjectCommand({ Bucket: "locked-bucket", Key: "AWSLogs/x", VersionId })),
      { name: "AccessDenied" },
    );
    await engine.delete(types.lock, "lock", lock);
    await engine.delete(types.versioning, "versioning", versioning);
    await engine.delete(types.bucket, "audit", bucket);
    await assert.rejects(client.send(new s3.HeadBucketCommand({ Bucket: "locked-bucket" })), { name: "NotFound" });
  });

  it("access logs: only into a bucket whose policy lets S3's delivery write", async () => {
    const source = await engine.create(types.bucket, "source", { bucket: "source-bucket" });
    const target = await engine.create(types.bucket, "target", { bucket: "target-bucket" });
    const inputs = {
      bucket: "source-bucket",
      targetBucket: "target-bucket",
      targetPrefix: "artifacts/",
      targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: "EventTime" } },
    };
    await assert.rejects(engine.create(types.logging, "logging", inputs), /InvalidTargetBucketForLogging/);
    const statement = {
      Effect: "Allow",
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::target-bucket/artifacts/*",
    };
    const policy = await engine.create(types.policy, "policy", {
      bucket: "target-bucket",
      policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    });
    const logging = await engine.create(types.logging, "logging", inputs);
    const { LoggingEnabled } = await client.send(new s3.GetBucketLoggingCommand({ Bucket: "source-bucket" }));
    assert.deepEqual(
      [
        LoggingEnabled?.TargetBucket,
        LoggingEnabled?.TargetPrefix,
        LoggingEnabled?.TargetObjectKeyFormat?.PartitionedPrefix,
      ],
      ["target-bucket", "artifacts/", { PartitionDateSource: "EventTime" }],
    );
    await engine.delete(types.logging, "logging", logging);
    assert.equal(
      (await client.send(new s3.GetBucketLoggingCommand({ Bucket: "source-bucket" }))).LoggingEnabled,
      undefined,
    );
    await engine.delete(types.policy, "policy", policy);
    for (const made of [source, target]) await engine.delete(types.bucket, "bucket", made);
  });
});
