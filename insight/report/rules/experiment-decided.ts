import { evidenceOf, valueOf } from "../../read-model/facts";
import type { RecommendationRule } from "../rule";

/** A challenger that has had its verdict still costs instances. */
export const experimentDecided: RecommendationRule = {
  name: "experiment-decided",
  when: "An experiment has its verdict, and its challenger is still there.",
  area: "model",
  reads: ["experiments", "running"],
  find: ({ name, experiments, running }) => {
    const newest = valueOf(experiments, []).at(-1);
    const { ending } = valueOf(running, {});
    if (!newest || newest.ended || !ending) return [];
    const command = `npx peregrine experiment status --stack ${name}`;
    return [
      {
        subject: newest.id,
        severity: "info",
        action: `End experiment ${newest.id} of ${name}.`,
        command,
        why: `Its verdict is ${ending.outcome}, and its challenger is still there.`,
        evidence: [evidenceOf(running)],
        value: { unknown: "the challenger's instances have no price of their own", command },
        cost: "one release build",
        risk: "None: the champion goes on answering.",
        confidence: "measured",
      },
    ];
  },
};
