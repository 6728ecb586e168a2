import { noForceDestroy as rule } from "../../../policies/rules/no-force-destroy";
import { describeRule, unknownText } from "../../support/policy";

const bucket = "aws:s3/bucket:Bucket";
const repository = "aws:ecr/repository:Repository";
const prod = { environment: "prod" };

describeRule(rule, {
  refuses: {
    "a bucket of prod that goes with its contents": [bucket, { forceDestroy: true }, /forceDestroy is true/, prod],
    "a repository of prod that goes with its images": [repository, { forceDelete: true }, /forceDelete is true/, prod],
    "a bucket without protection, where that is demanded": [bucket, {}, /not protected/, { config: { protect: true } }],
    "a key without protection, where that is demanded": [
      "aws:kms/key:Key",
      {},
      /not protected/,
      { config: { protect: true } },
    ],
  },
  accepts: {
    "a bucket of prod": [bucket, { forceDestroy: false }, , prod],
    "a bucket of dev that goes with its contents": [bucket, { forceDestroy: true }],
    "a protected key": ["aws:kms/key:Key", {}, , { config: { protect: true }, opts: { protect: true } }],
  },
  ignores: ["aws:sns/topic:Topic"],
  stoppedBy: { "a switch that a preview does not know": [bucket, { forceDestroy: unknownText }, /forceDestroy/, prod] },
});
