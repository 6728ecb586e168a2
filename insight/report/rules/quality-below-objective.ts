import { type EnvironmentFacts, type PlatformFacts, valueOf } from "../../read-model/facts";
import { usd } from "../amount";
import { daysOf } from "../period";
import { missedTarget, monthly, type RecommendationRule } from "../rule";

/** A model that answers worse than it ought to is trained again, where labels can teach it. */
export const qualityBelowObjective: RecommendationRule = {
  name: "quality-below-objective",
  when: "Measured mAP50 or F1, or mAP50 estimated while nobody has measured, is below its objective.",
  area: "model",
  reads: ["metrics", "releases"],
  find: ({ name }, context) => {
    const { period, platform } = context.facts;
    const missed = missedTarget(context, "quality") ?? missedTarget(context, "f1");
    if (!missed) return [];
    return [
      {
        subject: "model",
        severity: missed.severity,
        action: `Propose a retraining for ${name}, with labels of its worst slices.`,
        command: missed.command,
        why: `${missed.title} is ${missed.found}, wanted is ${missed.wanted}.`,
        evidence: missed.evidence,
        value: monthly(missed.atStake, daysOf(period)),
        cost: trainingCost(platform),
        risk: "The candidate may be no better; the gate then refuses it, and what serves stays.",
        confidence: missed.title.includes("estimated") ? "estimated" : "measured",
      },
    ];
  },
};

/** What the newest decision about a retraining expected a training to cost. */
function trainingCost({ environments }: Pick<PlatformFacts, "environments">): string {
  const newest = environments
    .flatMap(({ retraining }: EnvironmentFacts) => valueOf(retraining, []))
    .sort((one, other) => (one.decidedAt < other.decidedAt ? -1 : 1))
    .at(-1);
  const money = newest?.facts["money"] as { readonly expectedUsd?: unknown } | undefined;
  return typeof money?.expectedUsd === "number" ? `about ${usd(money.expectedUsd)} for one training` : "not known yet";
}
