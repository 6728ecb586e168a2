import assert from "node:assert/strict";
import { bucketTlsOnly as rule } from "../../../policies/rules/bucket-tls-only";
import { describeRule, judgeStack, unknownText } from "../../support/policy";

const bucket = "aws:s3/bucket:Bucket";
const policy = "aws:s3/bucketPolicy:BucketPolicy";
const denial = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: "*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const document = (statement: object) => ({ policy: JSON.stringify({ Statement: [statement] }) });

describeRule(
  rule,
  {
    refuses: {
      "a policy that says nothing of TLS": [
        policy,
        document({ ...denial, Condition: undefined, Action: "s3:DeleteBucket" }),
        /does not deny requests without TLS/,
      ],
      "a denial for one principal": [
        policy,
        document({ ...denial, Principal: { AWS: "arn:aws:iam::1:root" } }),
        /does not deny/,
      ],
      "a denial of one action": [policy, document({ ...denial, Action: "s3:GetObject" }), /does not deny/],
      "an allowance": [policy, document({ ...denial, Effect: "Allow" }), /does not deny/],
      "a policy that cannot be read": [policy, { policy: "{" }, /does not deny/],
    },
    accepts: {
      "the denial": [policy, document(denial)],
      "the denial, written otherwise": [
        policy,
        { policy: { Statement: { ...denial, Principal: { AWS: ["*"] }, Action: ["s3:*"] } } },
      ],
    },
    ignores: [bucket],
    stoppedBy: { "a policy that a preview does not know": [policy, { policy: unknownText }, /\.policy/] },
  },
  () => {
    it("finds a bucket without a policy", () => {
      const mine = { type: bucket, name: "mine", props: { bucket: "a" } };
      assert.match(judgeStack(rule, [mine]).join(), /^mine: The bucket has no policy/);
      assert.deepEqual(judgeStack(rule, [mine, { type: policy, props: { bucket: "a" } }]), []);
    });
  },
);
