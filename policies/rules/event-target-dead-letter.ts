import { wellArchitected } from "../frameworks";
import { blockOf, isGiven } from "../inputs";
import { byType, defineRule } from "../rule";

export const eventTargetDeadLetter = defineRule({
  name: "event-target-dead-letter",
  description: "Events and schedules that their target does not accept are kept in a dead-letter queue.",
  rationale: "A lost approval or a lost drift event is a release or a retraining that never happens, and nobody knows.",
  severity: "medium",
  framework: wellArchitected("MLREL07", "Recover from failures of automated steps"),
  remediationSteps: "Set deadLetterConfig to the environment's queue of dead letters.",
  url: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
  ...byType({
    *"aws:cloudwatch/eventTarget:EventTarget"(props) {
      if (!isGiven(blockOf(props, "deadLetterConfig"), "arn")) yield "Events that the target does not take are lost.";
    },
    *"aws:scheduler/schedule:Schedule"(props) {
      if (!isGiven(blockOf(blockOf(props, "target"), "deadLetterConfig"), "arn"))
        yield "Runs that the target does not take are lost.";
    },
  }),
});
