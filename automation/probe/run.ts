import { randomBytes } from "node:crypto";
import { scheduleKeyDeletion } from "../../aws/kms";
import type { AwsSession } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import type { PricedExperiment } from "./budget";
import type { Outcome, ProbeReport } from "./report";
import { Bench, type PackagedModel } from "./bench";
import { type Pace, poller } from "./pace";
import { clean, tagged } from "./clean";
import { CouldNotAsk, type Finding, errorText } from "./answer";
import type { Experiment } from "./experiment";
import { namesOf, probePrefix } from "./naming";
import type { ProgramDocuments } from "./program";

export interface ProbeOptions {
  readonly session: AwsSession;
  readonly documents: ProgramDocuments;
  readonly model: PackagedModel | undefined;
  readonly pace: Pace;
  /** Told as experiments go on. */
  readonly report: (experiment: string, what: string) => void;
}

/** What is asked: experiments with their prices, those that do not fit, and the budget. */
export interface Programme {
  readonly run: readonly Experiment[];
  readonly skipped: ProbeReport["skipped"];
  readonly prices: readonly PricedExperiment[];
  readonly budgetUsd: number;
}

/**
 * Asks one question after the other, and cleans up after each, whatever it came to. What an earlier run left behind
 * goes first. An experiment that fails says that it could not be asked; nothing of it stops the next one.
 */
export async function runProbe(programme: Programme, options: ProbeOptions): Promise<ProbeReport> {
  const { accountId, at } = await callerIdentity(options.session);
  const started = performance.now();
  await cleanUp(options, probePrefix, "earlier runs");
  const outcomes: Outcome[] = [];
  for (const experiment of programme.run)
    outcomes.push(
      await runOne(
        experiment,
        programme.prices.find(({ name }) => name === experiment.name)?.usd ?? 0,
        accountId,
        options,
      ),
    );
  const leftovers = await cleanUp(options, probePrefix, "all");
  options.report("probe", `done after ${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
  return {
    accountId,
    region: options.session.region,
    startedAt: at.toISOString(),
    budgetUsd: programme.budgetUsd,
    outcomes,
    skipped: programme.skipped,
    leftovers,
  };
}

/** One experiment from its first step to the end of its cleaning. Never rejects. @param usd the most that it costs. */
export async function runOne(
  experiment: Experiment,
  usd: number,
  accountId: string,
  { session, documents, model, pace, report }: ProbeOptions,
): Promise<Outcome> {
  const { name, question, believed, minutes } = experiment;
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const steps: { second: number; what: string }[] = [];
  const note = (what: string) => {
    steps.push({ second: seconds(), what });
    report(name, what);
  };
  const bench = new Bench({
    session,
    accountId,
    prefix: namesOf(randomBytes(3).toString("hex"), name),
    documents,
    model,
    minutes,
    pace,
    note,
  });
  const outcome = await experiment.ask(bench).then(
    (finding: Finding): Pick<Outcome, "verdict" | "observed"> => finding,
    (error: Error) => ({
      verdict: "could not ask" as const,
      observed: error instanceof CouldNotAsk ? error.message : errorText(error),
    }),
  );
  note(`${outcome.verdict}: ${outcome.observed}`);
  const left = await clean(session, bench.name("").slice(0, -1), poller(pace));
  note(left.length === 0 ? "cleaned up" : `left: ${left.join("; ")}`);
  return { name, question, believed, ...outcome, steps, usd, seconds: seconds() };
}

/**
 * Deletes what runs have left: by name, then by tag what was killed before it had one (a key without its alias).
 * @returns what is still there.
 */
export async function cleanUp(
  { session, pace, report }: Pick<ProbeOptions, "session" | "pace" | "report">,
  start: string,
  whose: string,
): Promise<string[]> {
  const left = await clean(session, start, poller(pace));
  for (const arn of await tagged(session)) if (arn.includes(":kms:")) await scheduleKeyDeletion(session, arn);
  // The tagging API lists deleted things for some minutes.
  const still =
    (await poller(pace).until(10, async () =>
      ((arns) => (arns.length === 0 ? arns : undefined))(await tagged(session)),
    )) ?? (await tagged(session));
  const all = [...left, ...still.filter((arn) => left.every((one) => !one.includes(arn)))];
  report("probe", all.length === 0 ? `nothing is left of ${whose}` : `left of ${whose}: ${all.join("; ")}`);
  return all;
}
