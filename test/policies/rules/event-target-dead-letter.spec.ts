import { eventTargetDeadLetter as rule } from "../../../policies/rules/event-target-dead-letter";
import { describeRule, unknownText } from "../../support/policy";

const target = "aws:cloudwatch/eventTarget:EventTarget";
const schedule = "aws:scheduler/schedule:Schedule";

describeRule(rule, {
  refuses: {
    "a target that loses events": [target, { arn: "a" }, /Events that the target does not take are lost/],
    "a dead-letter queue without a queue": [target, { deadLetterConfig: {} }, /are lost/],
    "a schedule that loses runs": [schedule, { target: { arn: "a" } }, /Runs that the target does not take are lost/],
  },
  accepts: {
    "a queue that a preview does not know yet": [target, { deadLetterConfig: { arn: unknownText } }],
    "a schedule with a queue": [schedule, { target: { deadLetterConfig: { arn: "a" } } }],
  },
  ignores: ["aws:cloudwatch/eventRule:EventRule"],
  stoppedBy: {
    "a setting that a preview does not know": [target, { deadLetterConfig: unknownText }, /deadLetterConfig/],
  },
});
