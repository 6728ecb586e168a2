import type { Report } from "./report";
import { count, lightWords } from "./verdict";

/** Missed targets and recommendations that a message has room for. */
const shown = 5;

/** A report as people are told of it: what they must do, and where all of it is. @param link where it can be opened. */
export function reportNotice(
  { verdict, period, missed, recommendations, answers }: Report,
  environment: string,
  link: string,
): { readonly subject: string; readonly body: string } {
  const { light, sentence } = verdict;
  return {
    // SNS: ASCII, 100 characters at most.
    subject: `[${environment}] Report of the ${period.kind}: ${light}, ${count(missed.length, "target", "targets")} missed`,
    body: [
      `${light}, ${lightWords[light]}: ${sentence}`,
      "",
      ...missed
        .slice(0, shown)
        .map(
          ({ title, found, wanted, owner, due, action, command }) =>
            `Missed: ${title} is ${found}, wanted is ${wanted}. ${owner}, by ${due}: ${action}\n  ${command}`,
        ),
      ...recommendations
        .slice(0, shown)
        .map(({ action, why, owner, due, command }) => `Do: ${action} ${why} ${owner}, by ${due}.\n  ${command}`),
      ...(missed.length + recommendations.length > 0 ? [""] : []),
      `What changed: ${answers.find(({ question }) => question === "What changed?")!.answer}`,
      `The report: ${link}`,
      `With charts and as PDF: npx peregrine report --stack ${environment} --period ${period.kind} --until ${period.end}`,
    ].join("\n"),
  };
}
