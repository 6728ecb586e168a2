import assert from "node:assert/strict";
import { trailProtected as rule } from "../../../policies/rules/trail-protected";
import { describeRule, judgeStack, unknownText } from "../../support/policy";

const trail = "aws:cloudtrail/trail:Trail";
const good = { enableLogFileValidation: true, kmsKeyId: "arn", includeGlobalServiceEvents: true };

describeRule(
  rule,
  {
    refuses: {
      "files that could have been edited": [trail, { ...good, enableLogFileValidation: false }, /not validated/],
      "a trail without a key": [trail, { ...good, kmsKeyId: undefined }, /not encrypted/],
      "a trail that is switched off": [trail, { ...good, enableLogging: false }, /switched off/],
      "a trail without IAM": [trail, { ...good, includeGlobalServiceEvents: false }, /left out/],
    },
    accepts: {
      "a whole trail": [trail, good],
      "a key that a preview does not know yet": [trail, { ...good, kmsKeyId: unknownText }],
    },
    ignores: ["aws:s3/bucket:Bucket"],
    stoppedBy: {
      "a switch that a preview does not know": [
        trail,
        { ...good, enableLogFileValidation: unknownText },
        /enableLogFileValidation/,
      ],
    },
  },
  () => {
    it("refuses a stack without a trail, where one is demanded", () => {
      assert.match(judgeStack(rule, [], { config: { present: true } }).join(), /^stack: The stack has no trail/);
      assert.deepEqual(judgeStack(rule, [{ type: trail }], { config: { present: true } }), []);
      assert.deepEqual(judgeStack(rule, [], { config: { present: false } }), []);
    });
  },
);
