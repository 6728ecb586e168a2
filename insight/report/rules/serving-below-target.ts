import { daysOf } from "../period";
import { missedTarget, monthly, type RecommendationRule } from "../rule";

/** What clients feel: requests that fail, that take too long, or that the champion does not answer. */
export const servingBelowTarget: RecommendationRule = {
  name: "serving-below-target",
  when: "Requests fail or take longer than their target, or somebody else than the champion answers.",
  area: "serving",
  reads: ["metrics", "failover"],
  find: (_, context) =>
    ["answers", "failures", "latency"].flatMap((name) => {
      const missed = missedTarget(context, name);
      if (!missed) return [];
      return [
        {
          subject: name,
          severity: missed.severity,
          action: missed.action,
          command: missed.command,
          why: `${missed.title}: ${missed.found}, wanted is ${missed.wanted}.`,
          evidence: missed.evidence,
          value: monthly(missed.atStake, daysOf(context.facts.period)),
          cost: "an examination, which changes nothing",
          risk: "None by looking. A rollback makes an earlier model answer.",
          confidence: "measured" as const,
        },
      ];
    }),
};
