import assert from "node:assert/strict";
import { environments } from "../../../contract/environments";
import { programOf } from "../../support/programs";

const bucketType = "aws:s3/bucket:Bucket";
const settingsOfBuckets = [
  "bucketVersioning:BucketVersioning",
  "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "bucketOwnershipControls:BucketOwnershipControls",
  "bucketPublicAccessBlock:BucketPublicAccessBlock",
  "bucketPolicy:BucketPolicy",
  "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
];

describe("buckets", () => {
  for (const stack of environments)
    it(`of ${stack} all carry the account's id in their names, which are global`, async () => {
      for (const { name, inputs } of (await programOf(stack)).ofType(bucketType)) {
        const physical = (inputs["bucket"] as string | undefined) ?? `${name}-1234567`;
        assert.match(physical, new RegExp(`^peregrine-${stack}-.*123456789012`));
        assert.ok(physical.length <= 63, physical);
      }
    });

  it("are each versioned, encrypted, owned, closed, with a policy and an end of what is in them", async () => {
    const recorder = await programOf("prod");
    const count = recorder.ofType(bucketType).length;
    assert.equal(count, 3);
    for (const kind of settingsOfBuckets) assert.equal(recorder.ofType(`aws:s3/${kind}`).length, count, kind);
    for (const { inputs } of recorder.ofType("aws:s3/bucketPolicy:BucketPolicy"))
      assert.match(inputs["policy"], /"Sid":"TlsOnly".*"Sid":"RecentTlsOnly"/);
  });

  it("log requests to the artifacts bucket into one of S3's own encryption, where that is set", async () => {
    const recorder = await programOf("prod");
    const { targetBucket, targetPrefix, bucket } = recorder.one("aws:s3/bucketLogging:BucketLogging").inputs;
    assert.deepEqual(
      [bucket, targetBucket, targetPrefix],
      ["peregrine-prod-artifacts-123456789012", "peregrine-prod-access-logs-123456789012", "artifacts/"],
    );
    const { rules } = recorder.one(
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      "peregrine-prod-storage-access-logs-encryption",
    ).inputs;
    assert.equal(rules[0].applyServerSideEncryptionByDefault.sseAlgorithm, "AES256");
    assert.match(
      recorder.one("aws:s3/bucketPolicy:BucketPolicy", "peregrine-prod-storage-access-logs-policy").inputs["policy"],
      /logging\.s3\.amazonaws\.com.*peregrine-prod-artifacts-123456789012.*123456789012/,
    );
    assert.equal((await programOf("dev")).ofType("aws:s3/bucketLogging:BucketLogging").length, 0);
  });
});
