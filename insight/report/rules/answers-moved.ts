import { valueOf } from "../../read-model/facts";
import { daysOf } from "../period";
import { missedTarget, monthly, type RecommendationRule } from "../rule";

/** Answers that moved say that images are other ones than those that were learned from: people must see them. */
export const answersMoved: RecommendationRule = {
  name: "answers-moved",
  when: "The drift score is 1 or more, and quality still meets its objective or is not measured.",
  area: "model",
  reads: ["metrics"],
  find: ({ name }, context) => {
    const missed = missedTarget(context, "drift");
    if (!missed || missedTarget(context, "quality")) return [];
    const { period, platform } = context.facts;
    const waits = platform.environments
      .flatMap(({ retraining }) => valueOf(retraining, []))
      .findLast(({ verdict, ask }) => verdict === "wait" && ask !== undefined);
    return [
      {
        subject: "model",
        severity: missed.severity,
        action: `Label the answers of ${name} that moved.`,
        command: missed.command,
        why: `Answers moved away from the test images: drift score ${missed.found}, wanted is ${missed.wanted}.${waits ? ` A retraining waits for it: ${waits.ask}.` : ""}`,
        evidence: missed.evidence,
        value: monthly(missed.atStake, daysOf(period)),
        cost: "hours of people who label",
        risk: "The images may be rare ones: then labels change little.",
        confidence: "estimated",
      },
    ];
  },
};
