import { wellArchitected } from "../frameworks";
import { blocksOf, isGiven, orUnknown } from "../inputs";
import { byType, defineRule, type Subject } from "../rule";
import { types } from "../types";

export const alarmNotifies = defineRule({
  name: "alarm-notifies",
  description: "An alarm notifies somebody, says what it is about, and is not muted.",
  rationale: "An alarm that nobody hears is a decoration of the dashboard.",
  severity: "medium",
  framework: wellArchitected("MLOPS13", "Notify people when monitored values leave their bounds"),
  remediationSteps: "Set alarmActions to a topic of the environment, alarmDescription, and leave actionsEnabled on.",
  url: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
  ...byType({ [types.alarm]: heard, "aws:cloudwatch/compositeAlarm:CompositeAlarm": heard }),
});

function* heard(props: Subject["props"]): Iterable<string> {
  if (!isGiven(props, "alarmDescription")) yield "The alarm does not say what it is about.";
  if (props["actionsEnabled"] === false) yield "The alarm is muted.";
  const actions = orUnknown(() => blocksOf(props, "alarmActions").length);
  if (actions === 0) yield "The alarm tells nobody.";
}
