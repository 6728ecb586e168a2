import { evidenceOf, valueOf } from "../../read-model/facts";
import type { RecommendationRule } from "../rule";

/** What is other than it was deployed, and what the healer could not put right. */
export const violationOpen: RecommendationRule = {
  name: "violation-open",
  when: "Something was changed after its deployment and is not put right yet.",
  area: "platform",
  reads: ["violations"],
  find: ({ name, violations: read }) =>
    valueOf(read, { open: [], entries: [] }).open.map(({ violation, resource, since, rung, tries, actor }) => ({
      subject: `${violation} ${resource}`,
      severity: rung === "escalated" ? ("critical" as const) : ("warning" as const),
      action: `Put right: ${violation} of ${resource}.`,
      command: `npx peregrine remediation --stack ${name}`,
      why: `It is so since ${since.slice(0, 16).replace("T", " ")} UTC${actor ? `, by ${actor}` : ""}; ${tries} ${tries === 1 ? "repair was" : "repairs were"} tried.`,
      evidence: [evidenceOf(read)],
      value: {
        unknown: "what a violation costs is known when somebody has used it",
        command: `npx peregrine remediation --stack ${name}`,
      },
      cost: "an administrator's time",
      risk: "Whoever made the change may rely on it: ask first.",
      confidence: "measured" as const,
    })),
};
