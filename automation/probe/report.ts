import { dollars } from "./budget";

/** `held` and `refuted` speak of what is believed; `could not ask` says nothing of it. */
export type Verdict = "held" | "refuted" | "could not ask";

/** What came of one experiment. */
export interface Outcome {
  readonly name: string;
  readonly question: string;
  readonly believed: string;
  readonly verdict: Verdict;
  /** What was seen, in AWS's words where it spoke; why it could not be asked. */
  readonly observed: string;
  /** What was done, in its order, each with the seconds since the experiment began. */
  readonly steps: readonly { readonly second: number; readonly what: string }[];
  /** At most, US dollars. */
  readonly usd: number;
  readonly seconds: number;
}

export interface ProbeReport {
  readonly accountId: string;
  readonly region: string;
  /** ISO 8601, by the service's clock. */
  readonly startedAt: string;
  readonly budgetUsd: number;
  readonly outcomes: readonly Outcome[];
  /** What was not begun, and why. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
  /** What still carries the experiments' tags, by ARN or kind and name; nothing when all is clean. */
  readonly leftovers: readonly string[];
}

/** How many beliefs held, were refuted, could not be asked about. */
export function tally(outcomes: readonly Outcome[]): Readonly<Record<Verdict, number>> {
  const count = (verdict: Verdict) => outcomes.filter((one) => one.verdict === verdict).length;
  return { held: count("held"), refuted: count("refuted"), "could not ask": count("could not ask") };
}

/** The report for people: verdicts first, then each experiment with its steps. */
export function reportMarkdown(report: ProbeReport): string {
  const { outcomes, skipped, leftovers } = report;
  const counts = tally(outcomes);
  const lines = [
    "# What AWS said",
    "",
    `Account ${report.accountId}, ${report.region}, ${report.startedAt}; budget ${dollars(report.budgetUsd)}, at most ${dollars(outcomes.reduce((sum, { usd }) => sum + usd, 0))} of it used.`,
    `${counts.held} held, ${counts.refuted} refuted, ${counts["could not ask"]} could not be asked, ${skipped.length} not begun.`,
    "",
    "| experiment | believed | verdict | observed |",
    "|---|---|---|---|",
    ...outcomes.map(
      ({ name, believed, verdict, observed }) =>
        `| \`${name}\` | ${cell(believed)} | **${verdict}** | ${cell(observed)} |`,
    ),
    ...skipped.map(({ name, why }) => `| \`${name}\` | | not begun | ${cell(why)} |`),
    "",
    ...outcomes.flatMap(({ name, question, steps, seconds }) => [
      `## ${name}`,
      "",
      question,
      "",
      ...steps.map(({ second, what }) => `- ${second.toFixed(0)} s: ${what}`),
      `- ${seconds.toFixed(0)} s: done`,
      "",
    ]),
    ...(leftovers.length > 0
      ? ["## Left behind", "", ...leftovers.map((one) => `- ${one}`), "", "Remove it: `npx peregrine probe clean`.", ""]
      : ["Nothing is left behind.", ""]),
  ];
  return lines.join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
}
