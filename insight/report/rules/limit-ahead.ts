import type { AlertArea } from "../../../contract/alerts";
import { evidenceOf, valueOf } from "../../read-model/facts";
import { dayAfter } from "../period";
import type { RecommendationRule } from "../rule";

/** Below it a forecast recommends nothing: warnings are held to the same (docs/forecasts.md). */
const leastChance = 0.8;

/** What is on its way to its limit is dealt with before it is there. */
export const limitAhead: RecommendationRule = {
  name: "limit-ahead",
  when: "A forecast says that a limit is passed within its horizon with a chance of at least 80 %.",
  area: "platform" satisfies AlertArea,
  reads: ["forecasts"],
  find: ({ name, forecasts: read }, { facts: { period } }) => {
    const page = valueOf(read, undefined);
    return Object.entries(page?.series ?? {}).flatMap(([series, { verdict, outlook, score }]) => {
      if (!page || "unknown" in outlook || outlook.willBreach < leastChance) return [];
      if (verdict !== "will-breach" && verdict !== "at-risk") return [];
      const [soonest, median] = outlook.crossing;
      const judged = score.hits + score.falseWarnings;
      const latest = dayAfter(period.end, 7);
      const day = soonest === null ? latest : dayAfter(page.day, Math.max(0, Math.floor(soonest)));
      return [
        {
          subject: series,
          severity: "warning" as const,
          action: `Deal with ${series} of ${name} before it is at its limit.`,
          command: `npx peregrine forecast --stack ${name}`,
          why: `With a chance of ${Math.round(100 * outlook.willBreach)} % ${series} passes its limit within ${outlook.horizonDays} days${median === null ? "" : `, as it looks in ${Math.round(median)} days`}.`,
          evidence: [evidenceOf(read)],
          value: {
            unknown: "what the breach would cost depends on what stops then",
            command: `npx peregrine forecast --stack ${name}`,
          },
          cost: "depends on what is done",
          risk:
            judged > 0 ? `Of ${judged} earlier warnings ${score.hits} came true.` : "No earlier warning was judged.",
          confidence: "estimated" as const,
          dueBy: day < latest ? notBefore(day, period.end) : latest,
        },
      ];
    });
  },
};

/** What should have been done already is due the next day. */
function notBefore(day: string, end: string): string {
  return Date.parse(day) <= Date.parse(end) ? dayAfter(end, 1) : day;
}
