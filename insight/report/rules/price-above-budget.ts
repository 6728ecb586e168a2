import { missedTarget, type RecommendationRule } from "../rule";

/** What is up costs more a month than somebody agreed to. */
export const priceAboveBudget: RecommendationRule = {
  name: "price-above-budget",
  when: "What is up costs more a month than the environment's budget.",
  area: "platform",
  reads: ["price"],
  find: ({ name }, context) => {
    const missed = missedTarget(context, "budget");
    if (!missed) return [];
    return [
      {
        subject: "budget",
        severity: missed.severity,
        action: `Turn down what is dear in ${name}, or raise its budget.`,
        command: missed.command,
        why: `A month costs ${missed.found}, wanted is ${missed.wanted}.`,
        evidence: missed.evidence,
        value: missed.atStake,
        cost: "one update of the stack",
        risk: "Fewer or smaller instances answer more slowly.",
        confidence: "assumed",
      },
    ];
  },
};
