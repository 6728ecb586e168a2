import assert from "node:assert/strict";
import * as s3 from "@aws-sdk/client-s3";
import type { LocalCloud } from "../../../local/server";
import { sdkConfig, startTestCloud } from "../support";

/** As the S3 User Guide describes them: "How to prevent object overwrites with conditional writes". */
describe("conditional writes", () => {
  let local: LocalCloud;
  let client: s3.S3Client;
  const bucket = "conditional-writes-bucket";

  before(async () => {
    local = await startTestCloud();
    client = new s3.S3Client(sdkConfig(local));
    await client.send(
      new s3.CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
    );
    await client.send(
      new s3.PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }),
    );
  });
  after(() => local?.stop());

  const put = (Key: string, Body: string, condition: Partial<s3.PutObjectCommandInput> = {}) =>
    client.send(new s3.PutObjectCommand({ Bucket: bucket, Key, Body, ...condition }));
  const read = async (Key: string) =>
    (await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key }))).Body!.transformToString();
  const refusal = (name: string, status: number) => (error: s3.S3ServiceException) =>
    error.name === name && error.$metadata.httpStatusCode === status;

  it("make an object only where there is none", async () => {
    await put("new", "first", { IfNoneMatch: "*" });
    await assert.rejects(put("new", "second", { IfNoneMatch: "*" }), refusal("PreconditionFailed", 412));
    assert.equal(await read("new"), "first");
  });

  it("replace an object only while it has the tag that was read", async () => {
    const { ETag } = await put("tagged", "first");
    await put("tagged", "second", { IfMatch: ETag });
    await assert.rejects(put("tagged", "third", { IfMatch: ETag }), refusal("PreconditionFailed", 412));
    assert.equal(await read("tagged"), "second");
  });

  it("do not find an object that never was, nor one that was deleted", async () => {
    await assert.rejects(put("never", "x", { IfMatch: '"0123"' }), refusal("NoSuchKey", 404));
    const { ETag } = await put("deleted", "x");
    await client.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: "deleted" }));
    await assert.rejects(put("deleted", "y", { IfMatch: ETag }), refusal("NoSuchKey", 404));
    await put("deleted", "z", { IfNoneMatch: "*" });
  });

  it("refuse a tag where S3 knows only the asterisk, instead of writing anyway", async () => {
    const { ETag } = await put("starred", "first");
    await assert.rejects(put("starred", "second", { IfNoneMatch: ETag }), refusal("NotImplemented", 501));
    assert.equal(await read("starred"), "first");
  });

  it("let exactly one of many writers win", async () => {
    const { ETag } = await put("raced", "0");
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => put("raced", `writer ${index}`, { IfMatch: ETag })),
    );
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("hold for calls from inside, too", async () => {
    const root = {
      type: "root",
      arn: `arn:aws:iam::${local.cloud.accountId}:root`,
      accountId: local.cloud.accountId,
      id: local.cloud.accountId,
    } as const;
    await put("inside", "x");
    await assert.rejects(
      local.cloud.as(
        root,
        "s3",
        "PutObject",
        { Bucket: bucket, Key: "inside", Body: Buffer.from("y"), IfNoneMatch: "*" },
        "test",
      ),
      { code: "PreconditionFailed", status: 412 },
    );
  });

  it("need the permission to read where a tag is compared", async () => {
    const statement = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: `arn:aws:s3:::${bucket}/blind/*`,
    };
    const { ETag } = await put("blind/x", "first");
    await client.send(
      new s3.PutBucketPolicyCommand({
        Bucket: bucket,
        Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
      }),
    );
    await assert.rejects(put("blind/x", "second", { IfMatch: ETag }), { name: "AccessDenied" });
    await client.send(new s3.DeleteBucketPolicyCommand({ Bucket: bucket }));
  });
});
