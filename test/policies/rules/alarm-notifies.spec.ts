import { alarmNotifies as rule } from "../../../policies/rules/alarm-notifies";
import { describeRule, unknownText } from "../../support/policy";

const alarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const good = { alarmDescription: "too slow", alarmActions: ["arn:aws:sns:::a"] };

describeRule(rule, {
  refuses: {
    "an alarm that tells nobody": [alarm, { ...good, alarmActions: [] }, /tells nobody/],
    "an alarm without actions": [alarm, { alarmDescription: "x" }, /tells nobody/],
    "a muted alarm": [alarm, { ...good, actionsEnabled: false }, /is muted/],
    "an alarm without a description": [alarm, { alarmActions: good.alarmActions }, /does not say what it is about/],
    "a composite alarm that tells nobody": [
      "aws:cloudwatch/compositeAlarm:CompositeAlarm",
      { alarmDescription: "x" },
      /tells nobody/,
    ],
  },
  accepts: {
    "an alarm that is heard": [alarm, good],
    "topics that a preview does not know yet": [alarm, { ...good, alarmActions: [unknownText] }],
    "a list that a preview does not know yet": [alarm, { ...good, alarmActions: unknownText }],
  },
  ignores: ["aws:cloudwatch/dashboard:Dashboard"],
  stoppedBy: {
    "a switch that a preview does not know": [alarm, { ...good, actionsEnabled: unknownText }, /actionsEnabled/],
  },
});
