import { evidenceOf, valueOf } from "../../read-model/facts";
import { versionName } from "../../read-model/versions";
import { quoted } from "../../read-model/attention";
import type { RecommendationRule } from "../rule";

const waitsDays = 2;
const dayMs = 86_400_000;

/** A candidate that nobody decides about helps nobody. */
export const approvalWaits: RecommendationRule = {
  name: "approval-waits",
  when: "A candidate waits for an approver for two days or longer.",
  area: "model",
  reads: ["packages"],
  find: ({ packages }, { facts: { period } }) =>
    valueOf(packages, [])
      .filter(({ approval }) => approval === "PendingManualApproval")
      .map(({ arn, created }) => ({ arn, days: (Date.parse(period.end) - Date.parse(created)) / dayMs }))
      .filter(({ days }) => days >= waitsDays)
      .map(({ arn, days }) => ({
        subject: versionName(arn),
        severity: "info" as const,
        action: `Approve or reject ${versionName(arn)}.`,
        command: `npx peregrine decision show ${quoted(arn)}`,
        why: `It waits for an approver since ${Math.floor(days)} days.`,
        evidence: [evidenceOf(packages)],
        value: {
          unknown: "what it is worth is known once it serves",
          command: `npx peregrine decision show ${quoted(arn)}`,
        },
        cost: "an approver's time",
        risk: "None by deciding; a release that fails is taken back.",
        confidence: "measured" as const,
      })),
};
