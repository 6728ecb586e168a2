import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { UserError } from "../../automation/errors";
import { realPace } from "../../automation/probe/pace";
import { experiments } from "../../automation/probe/experiments";
import type { Experiment } from "../../automation/probe/experiment";
import { probePrefix } from "../../automation/probe/naming";
import { cleanUp, type Programme, runProbe } from "../../automation/probe/run";
import type { EnvironmentName } from "../../contract/environments";
import { dollars, planWithin, priced } from "../../automation/probe/budget";
import { type ProbeReport, reportMarkdown, tally } from "../../automation/probe/report";
import { priceTable } from "../../pricing/table";
import { documentsOf, modelOf, sessionOf } from "../probe/place";
import { environmentName, printJson } from "../project";
import { stageReporter } from "../terminal";

interface Options {
  readonly stack: EnvironmentName;
  readonly budget?: number;
  readonly only?: readonly string[];
  readonly list?: boolean;
  readonly package?: string;
  readonly report?: string;
  readonly json?: boolean;
}

export function probeCommand(): Command {
  const probe = new Command("probe")
    .description(
      "Ask an account what nobody wrote down: small experiments, each with a question, what this project believes, and a verdict. Without --budget nothing is begun: it lists what would be, with the most that it costs. Everything is named peregrine-probe-*, tagged project=peregrine-probe, and deleted after each experiment. Ends with 1 when a belief is refuted or something is left.",
    )
    .option(
      "-s, --stack <environment>",
      "whose profile, region, settings and model packages are taken",
      environmentName,
      "dev" as EnvironmentName,
    )
    .option("--budget <usd>", "run, and begin nothing that does not fit into that many US dollars", budgetOf)
    .option("--only <names>", "experiments, comma-separated", namesOf)
    .option("--list", "list the experiments, whatever else is given")
    .option("--package <arn>", "the model package that is served; the environment's newest where it is left out")
    .option("--report <folder>", "write probe.json and probe.md there")
    .option("--json", "print as JSON")
    .action(async (options: Options) => {
      const session = sessionOf(options.stack);
      const programme = programmeOf(options, session.region);
      if (options.list || options.budget === undefined) return listing(programme, options);
      const [documents, model] = await Promise.all([
        documentsOf(session, options.stack),
        modelOf(session, options.stack, options.package),
      ]);
      const report = await runProbe(programme, {
        session,
        documents,
        model,
        pace: realPace,
        report: stageReporter().stage,
      });
      if (options.report) writeReport(options.report, report);
      if (options.json) printJson(report);
      else process.stdout.write(reportMarkdown(report));
      const { refuted } = tally(report.outcomes);
      if (refuted > 0 || report.leftovers.length > 0)
        throw new UserError(
          `${refuted} beliefs are refuted, ${report.leftovers.length} things are left.`,
          "Refuted: what rests on it is in docs/going-to-aws.md. Left: npx peregrine probe clean.",
        );
    });
  probe
    .command("clean")
    .description("Delete whatever experiments have left, also those that were killed.")
    .option(
      "-s, --stack <environment>",
      "whose profile and region are taken",
      environmentName,
      "dev" as EnvironmentName,
    )
    .action(async (options: { stack: EnvironmentName }) => {
      const left = await cleanUp(
        { session: sessionOf(options.stack), pace: realPace, report: stageReporter().stage },
        probePrefix,
        "all experiments",
      );
      if (left.length > 0)
        throw new UserError(
          `Still there:\n${left.map((one) => `  - ${one}`).join("\n")}`,
          "Run the same command again in some minutes; the tagging API lags.",
        );
    });
  return probe;
}

/** @throws UserError for a name that no experiment has. */
export function programmeOf(
  { only, budget = 0 }: { readonly only?: readonly string[]; readonly budget?: number },
  region: string,
): Programme {
  const unknown = (only ?? []).filter((name) => experiments.every((one) => one.name !== name));
  if (unknown.length > 0)
    throw new UserError(
      `There is no experiment ${unknown.join(", ")}.`,
      `The experiments are ${experiments.map(({ name }) => name).join(", ")}.`,
    );
  const wanted = only ? experiments.filter(({ name }) => only.includes(name)) : experiments;
  const prices = priced(wanted, priceTable, region);
  const plan = planWithin(prices, budget);
  return {
    run: plan.run.map((name) => experiments.find((one) => one.name === name)!),
    skipped: plan.skipped,
    prices,
    budgetUsd: budget,
  };
}

function listing({ prices }: Programme, { json, budget }: Options): void {
  const rows = prices.map(({ name, usd, minutes }) => ({
    name,
    usd,
    minutes,
    ...about(experiments.find((one) => one.name === name)!),
  }));
  if (json) return printJson(rows);
  for (const { name, usd, minutes, question, believed } of rows)
    process.stdout.write(
      `${name}  (at most ${dollars(usd)}, ${minutes} minutes)\n    ${question}\n    Believed: ${believed}\n`,
    );
  process.stdout.write(
    `All together: at most ${dollars(rows.reduce((sum, one) => sum + one.usd, 0))}, ${rows.reduce((sum, one) => sum + one.minutes, 0)} minutes. ${budget === undefined ? "Nothing was begun: say how much it may cost by --budget." : ""}\n`,
  );
}

function about({ question, believed }: Experiment): { question: string; believed: string } {
  return { question, believed };
}

function writeReport(folder: string, report: ProbeReport): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "probe.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(join(folder, "probe.md"), reportMarkdown(report));
}

function budgetOf(text: string): number {
  const usd = Number(text);
  if (!Number.isFinite(usd) || usd < 0) throw new InvalidArgumentError("must be an amount in US dollars, such as 5.");
  return usd;
}

const namesOf = (text: string): string[] => text.split(",").map((name) => name.trim());
