import assert from "node:assert/strict";
import { noPublicOrUnencryptedBucket as rule } from "../../../policies/rules/no-public-or-unencrypted-bucket";
import { judge, judgeStack, unknownText } from "../../support/policy";

const bucket = "aws:s3/bucket:Bucket";
const block = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const policy = "aws:s3/bucketPolicy:BucketPolicy";
const closed = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };

describe("no-public-or-unencrypted-bucket", () => {
  it("refuses public ACLs", () => {
    for (const acl of ["public-read", "public-read-write", "authenticated-read"])
      assert.equal(judge(rule, bucket, { acl }).violations.length, 1, acl);
    assert.equal(judge(rule, bucket, { acl: "private" }).violations.length, 0);
  });

  it("demands all four settings of the access block", () => {
    assert.deepEqual(judge(rule, block, closed).violations, []);
    assert.equal(
      judge(rule, block, { ...closed, blockPublicPolicy: false, restrictPublicBuckets: undefined }).violations.length,
      2,
    );
  });

  it("demands KMS", () => {
    assert.deepEqual(
      judge(rule, encryption, { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } }] })
        .violations,
      [],
    );
    assert.match(
      judge(rule, encryption, {
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      }).violations.join(),
      /is AES256, not aws:kms/,
    );
  });

  it("takes S3's own encryption for a bucket of access logs, which S3 delivers to no other", () => {
    const props = (bucket: string) => ({
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    assert.deepEqual(judge(rule, encryption, props("peregrine-prod-access-logs-111122223333")).violations, []);
    assert.equal(judge(rule, encryption, props("peregrine-prod-artifacts-111122223333")).violations.length, 1);
  });

  it("refuses a bucket policy that allows everybody, but not one that denies everybody something", () => {
    const statement = { Sid: "Open", Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" };
    assert.equal(judge(rule, policy, { policy: JSON.stringify({ Statement: [statement] }) }).violations.length, 1);
    assert.equal(
      judge(rule, policy, { policy: { Statement: { ...statement, Principal: { AWS: ["*"] } } } }).violations.length,
      1,
    );
    assert.equal(
      judge(rule, policy, { policy: JSON.stringify({ Statement: [{ ...statement, Effect: "Deny" }] }) }).violations
        .length,
      0,
    );
  });

  it("finds a bucket that was left without access block or encryption", () => {
    const mine = { type: bucket, urn: "mine", props: { bucket: "a" } };
    assert.equal(judgeStack(rule, [mine]).length, 2);
    assert.deepEqual(
      judgeStack(rule, [mine, { type: block, props: { bucket: "a" } }, { type: encryption, props: { bucket: "a" } }]),
      [],
    );
    assert.deepEqual(
      judgeStack(rule, [mine, { type: block, props: { bucket: "b" } }, { type: encryption, props: { bucket: "a" } }])
        .length,
      1,
    );
    const from = { bucket: [mine] };
    assert.deepEqual(judgeStack(rule, [mine, { type: block, from }, { type: encryption, from }]), []);
  });

  it("says nothing about other resources", () => {
    assert.ok(judge(rule, "aws:s3/bucketVersioning:BucketVersioning", {}).notApplicable);
  });

  it("is stopped, not silenced, by a policy that a preview does not know", () => {
    assert.match(judge(rule, policy, { policy: unknownText }).stoppedBy!, /\.policy/);
  });
});
