import { missedTarget, type RecommendationRule } from "../rule";

/** A log that does not hold was damaged or changed: nothing that it says can be relied on before that is known. */
export const logDoesNotHold: RecommendationRule = {
  name: "log-does-not-hold",
  when: "The log of an environment does not verify.",
  area: "platform",
  reads: ["log"],
  find: ({ name }, context) => {
    const missed = missedTarget(context, "log");
    if (!missed) return [];
    return [
      {
        subject: "log",
        severity: "critical",
        action: `Verify the log of ${name}, and tell the auditor.`,
        command: missed.command,
        why: `${missed.found}.`,
        evidence: missed.evidence,
        value: missed.atStake,
        cost: "an auditor's time",
        risk: "None by verifying.",
        confidence: "measured",
      },
    ];
  },
};
