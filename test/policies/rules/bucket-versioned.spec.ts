import assert from "node:assert/strict";
import { bucketVersioned as rule } from "../../../policies/rules/bucket-versioned";
import { describeRule, judgeStack, unknownText } from "../../support/policy";

const bucket = "aws:s3/bucket:Bucket";
const versioning = "aws:s3/bucketVersioning:BucketVersioning";

describeRule(
  rule,
  {
    refuses: {
      "suspended versions": [versioning, { versioningConfiguration: { status: "Suspended" } }, /not Enabled/],
      "versioning without a status": [versioning, {}, /not Enabled/],
    },
    accepts: { "kept versions": [versioning, { bucket: unknownText, versioningConfiguration: { status: "Enabled" } }] },
    ignores: [bucket, "aws:sns/topic:Topic"],
    stoppedBy: {
      "a status that a preview does not know": [
        versioning,
        { versioningConfiguration: { status: unknownText } },
        /status/,
      ],
    },
  },
  () => {
    it("finds a bucket that was left without versioning", () => {
      const mine = { type: bucket, name: "mine", props: { bucket: "a" } };
      assert.match(judgeStack(rule, [mine]).join(), /^mine: The bucket has no versioning/);
      assert.equal(judgeStack(rule, [mine, { type: versioning, props: { bucket: "b" } }]).length, 1);
      assert.deepEqual(judgeStack(rule, [mine, { type: versioning, props: { bucket: "a" } }]), []);
      assert.deepEqual(judgeStack(rule, [mine], { config: { except: ["mine"] } }), []);
    });

    it("knows what belongs together before names are known", () => {
      const mine = { type: bucket, props: { bucket: unknownText } };
      assert.deepEqual(
        judgeStack(rule, [mine, { type: versioning, props: { bucket: unknownText }, from: { bucket: [mine] } }]),
        [],
      );
      assert.equal(judgeStack(rule, [mine, { type: versioning, props: { bucket: unknownText } }]).length, 1);
    });
  },
);
