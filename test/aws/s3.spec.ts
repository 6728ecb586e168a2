import assert from "node:assert/strict";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { ObjectStore, parseS3Uri } from "../../aws/s3";
import type { LocalCloud } from "../../local/server";
import { enter, sdkConfig, startTestCloud } from "../local/support";
import { makeTemporaryFolder } from "../support/temporary-folder";

describe("S3 URIs", () => {
  it("split into bucket and key", () => {
    assert.deepEqual(parseS3Uri("s3://bucket/a/b.tar.gz"), { bucket: "bucket", key: "a/b.tar.gz" });
    assert.deepEqual(parseS3Uri("s3://bucket"), { bucket: "bucket", key: "" });
  });

  for (const text of ["", "bucket/key", "https://bucket/key", "s3:///key"])
    it(`refuse ${JSON.stringify(text)} and name it`, () => assert.throws(() => parseS3Uri(text), /not an S3 URI/));
});

describe("objects in S3", () => {
  const folder = makeTemporaryFolder();
  const bucket = "peregrine-objects-test";
  let local: LocalCloud;
  let leave: () => void;
  let store: ObjectStore;

  before(async () => {
    local = await startTestCloud();
    await new S3Client(sdkConfig(local)).send(
      new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
    );
    leave = enter(local, join(folder, "aws"));
    store = new ObjectStore({ profile: "ab", region: local.cloud.region });
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  it("are written on a condition: a conflict is a result, a refusal an error", async () => {
    const location = { bucket, key: "some" };
    const first = await store.putIf(location, "1", { absent: true });
    assert.equal(first.outcome, "written");
    assert.deepEqual(await store.putIf(location, "2", { absent: true }), {
      outcome: "conflict",
      code: "PreconditionFailed",
    });
    const found = await store.getWithTag(location);
    assert.equal(found?.body.toString(), "1");
    assert.equal((await store.putIf(location, "3", { tag: found!.tag })).outcome, "written");
    assert.deepEqual(await store.putIf(location, "4", { tag: found!.tag }), {
      outcome: "conflict",
      code: "PreconditionFailed",
    });
    assert.deepEqual(await store.putIf({ bucket, key: "none" }, "x", { tag: found!.tag }), {
      outcome: "conflict",
      code: "NoSuchKey",
    });
    assert.equal(await store.getWithTag({ bucket, key: "none" }), undefined);
    await assert.rejects(store.putIf({ bucket: "no-such-bucket-here", key: "x" }, "x", { absent: true }), {
      name: "NoSuchBucket",
    });
  });
});
