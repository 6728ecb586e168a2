import { evidenceOf, valueOf } from "../../read-model/facts";
import { quoted } from "../../read-model/attention";
import type { RecommendationRule } from "../rule";

/** An alert that nobody took comes again and again, until nobody listens any more. */
export const alertUnattended: RecommendationRule = {
  name: "alert-unattended",
  when: "An alert is open and nobody has acknowledged it.",
  area: "platform",
  reads: ["alerts"],
  find: ({ name, alerts: read }) =>
    valueOf(read, [])
      .filter(({ acknowledged, endedMs }) => acknowledged === undefined && endedMs === undefined)
      .map(({ id, severity, subject, atMs, team, about }) => ({
        subject: about,
        severity,
        action: `Take the alert: ${subject}.`,
        command: `npx peregrine alert ack ${quoted(id)} --stack ${name}`,
        why: `${team} was told at ${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC, and nobody looks after it.`,
        evidence: [evidenceOf(read)],
        value: {
          unknown: "an alert says what is wrong, not what it costs",
          command: `npx peregrine alert list --stack ${name}`,
        },
        cost: "minutes",
        risk: "None.",
        confidence: "measured" as const,
      })),
};
