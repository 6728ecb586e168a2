import { logRetention as rule } from "../../../policies/rules/log-retention";
import { describeRule, unknownText } from "../../support/policy";

const group = "aws:cloudwatch/logGroup:LogGroup";
const prod = { environment: "prod" };

describeRule(rule, {
  refuses: {
    "logs that are kept for ever": [group, {}, /kept for ever/],
    "logs of prod that go within a month": [group, { retentionInDays: 30 }, /30 days, fewer than 365/, prod],
    "logs of dev that go within a day": [group, { retentionInDays: 1 }, /1 days, fewer than 14/],
    "logs that outlive a limit": [group, { retentionInDays: 3653 }, /more than 400/, { config: { maxDays: 400 } }],
  },
  accepts: {
    "a year in prod": [group, { retentionInDays: 400 }, , prod],
    "two weeks in dev": [group, { retentionInDays: 14, kmsKeyId: unknownText }],
  },
  ignores: ["aws:cloudwatch/logMetricFilter:LogMetricFilter"],
  stoppedBy: { "a period that a preview does not know": [group, { retentionInDays: unknownText }, /retentionInDays/] },
});
