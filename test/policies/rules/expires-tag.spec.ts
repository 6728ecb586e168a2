import { expiresTag as rule } from "../../../policies/rules/expires-tag";
import { describeRule, unknownText } from "../../support/policy";

const topic = "aws:sns/topic:Topic";
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const sandbox = { config: { required: true, maxDays: 30 } };

describeRule(rule, {
  refuses: {
    "a sandbox without an end": [topic, { tags: {} }, /The tag expires is missing/, sandbox],
    "an end that has come": [topic, { tags: { expires: "2020-02-29" } }, /was to end on 2020-02-29/],
    "an end in the far future": [topic, { tags: { expires: inDays(40) } }, /in more than 30 days/, sandbox],
    "what is no day": [topic, { tags: { expires: "soon" } }, /"soon", which is no day/],
    "a day that no calendar has": [topic, { tags: { expires: "2026-13-40" } }, /which is no day/],
  },
  accepts: {
    "an end that is near": [topic, { tags: { expires: inDays(30) } }, , sandbox],
    today: [topic, { tags: { expires: inDays(0) } }],
    "no end where none is demanded": [topic, { tags: {} }],
    "the provider's default tags": [
      topic,
      {},
      ,
      { ...sandbox, providerProps: { defaultTags: JSON.stringify({ tags: { expires: inDays(3) } }) } },
    ],
  },
  ignores: ["aws:s3/bucketPolicy:BucketPolicy", "pulumi:pulumi:Stack"],
  stoppedBy: { "a tag that a preview does not know": [topic, { tags: unknownText }, /\.tags/] },
});
