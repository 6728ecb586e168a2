import { readFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { endExperiment } from "../../automation/experiment/end";
import { type AskedExperiment, planAsked } from "../../automation/experiment/plan";
import { startExperiment } from "../../automation/experiment/start";
import { type ExperimentStatus, experimentStatus } from "../../automation/experiment/status";
import { UserError } from "../../automation/errors";
import { experimentModes } from "../../contract/desired-release";
import type { EnvironmentName } from "../../contract/environments";
import { problemsOf } from "../../contract/json";
import type { ExperimentPlan } from "../../lifecycle/experiment/plan";
import { atLeastOne } from "../numbers";
import { environmentName, openEnvironment, openEnvironments, printJson } from "../project";
import { stageReporter } from "../terminal";

const members = z.record(z.string(), z.unknown());
const file = z.strictObject({
  mode: z.enum(experimentModes).default("live"),
  samplePercent: z.number().gt(0).max(100).optional(),
  design: members,
  traffic: members,
  prices: members.default({}),
});

interface Options {
  readonly stack: EnvironmentName;
  readonly registry: EnvironmentName;
  readonly goldenImages: number;
  readonly id?: string;
  readonly json?: boolean;
}

/** Experiments that compare a challenger with the champion on the endpoint. */
export function experimentCommand(): Command {
  const command = new Command("experiment").description(
    "Compare a challenger with the champion on the endpoint; see docs/experiments.md.",
  );
  const sub = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .requiredOption("-s, --stack <environment>", "environment with the endpoint", environmentName)
      .option("--json", "print the result as JSON");
  sub("plan", "Say what an experiment could find, how long it would take and what it would cost; nothing is changed.")
    .argument("<file>", "JSON with the design, the traffic and the prices")
    .action(async (name: string, { stack, json }: Options) => {
      const target = await openEnvironment(stack);
      const { plan } = await planAsked(target, await target.outputs(), readAsked(name));
      if (json) printJson(plan);
      else process.stdout.write(planText(plan));
      if (plan.verdict === "hopeless") process.exitCode = 1;
    });
  sub("start", "Bring a challenger up beside the champion and begin to compare them.")
    .argument("<package-arn>", "ARN of the challenger's model package version")
    .argument("<file>", "JSON with the design, the traffic and the prices")
    .option("--registry <environment>", "environment whose registry holds the package", environmentName, "dev")
    .option("--golden-images <count>", "most real images that the challenger is tested with", atLeastOne, 5)
    .action(async (packageArn: string, name: string, { stack, registry, goldenImages, json }: Options) => {
      const wanted = readAsked(name);
      const [from, target] = await openEnvironments(registry, stack);
      const started = await startExperiment(from!, target!, packageArn, wanted, goldenImages, stageReporter());
      if (json) return printJson(started);
      process.stdout.write(
        `${stack}: experiment ${started.id} runs on ${started.endpointConfigName}: it ${started.plan.reasons.join("; ")}\n`,
      );
    });
  sub("status", "Show the newest experiment and where it stands.").action(async ({ stack, json }: Options) => {
    const status = await experimentStatus(await openEnvironment(stack));
    if (json) printJson(status);
    else process.stdout.write(statusText(status));
  });
  sub("stop", "End the experiment: by its verdict if it has one, else without; the challenger is taken away.")
    .option("--id <experiment>", "this one alone, and only by its verdict: for commands that an event starts")
    .action(async ({ stack, id, json }: Options) => {
      const otherwise = { outcome: "stopped", reasons: ["a person stopped it"] } as const;
      const target = await openEnvironment(stack);
      const ended = await endExperiment(target, id === undefined ? { otherwise } : { id }, stageReporter());
      if (json) return printJson(ended ?? null);
      process.stdout.write(
        ended
          ? `${stack}: experiment ${ended.id} ended: ${ended.outcome}, ${ended.reasons.join("; ")}\n`
          : `${stack}: ${id ?? "no experiment"} ${id === undefined ? "runs" : "does not run"}; nothing was changed\n`,
      );
    });
  return command;
}

/** What a file asks for. @throws UserError with all that is wrong with it. */
export function readAsked(name: string): AskedExperiment {
  const next = "What the file holds: docs/experiments.md";
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(name, "utf8"));
  } catch (error) {
    throw new UserError(`Cannot read ${name}: ${(error as Error).message}`, next, { cause: error });
  }
  const parsed = file.safeParse(found);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${name} is no experiment:\n${problemsOf(parsed.error, found)
      .map((problem) => `  - ${problem}`)
      .join("\n")}`,
    next,
  );
}

function planText({
  verdict,
  reasons,
  proposals,
  power,
  hours,
  expectedHours,
  usd,
  labelledImages,
}: ExperimentPlan): string {
  return [
    `${verdict}: ${reasons.join("; ")}`,
    `  power ${(100 * power).toFixed(0)} %, ${hours.toFixed(1)} hours at most, ${expectedHours.toFixed(1)} on average`,
    `  ${usd.total.toFixed(2)} US dollars at most, ${usd.expected.toFixed(2)} on average`,
    `  labelled images: ${labelledImages.champion} of the champion, ${labelledImages.challenger} of the challenger`,
    ...proposals.map((proposal) => `  instead: ${proposal}`),
    "",
  ].join("\n");
}

function statusText({ environment, experiment, verdict, percent, requests, ending }: ExperimentStatus): string {
  if (!experiment) return `${environment}: no experiment was ever begun\n`;
  const { id, designed, started, ended } = experiment;
  const stands = ended ?? ending ?? verdict;
  return [
    `${environment}: experiment ${id} (${designed.mode}), designed at ${designed.at}${started ? `, started at ${started.at}` : ""}`,
    `  champion   ${designed.champion.modelPackageArn}`,
    `  challenger ${designed.challenger.modelPackageArn}${ended ? "" : `, ${(percent ?? 0).toFixed(0)} % of the traffic`}`,
    ...(stands
      ? [`  ${"outcome" in stands ? stands.outcome : stands.verdict}: ${stands.reasons.join("; ")}`]
      : ["  is being started"]),
    ...(verdict
      ? [
          `  ${verdict.looks} looks, ${requests!.champion} and ${requests!.challenger} requests, ${(100 * verdict.informationShare).toFixed(0)} % of the information`,
        ]
      : []),
    ...(verdict?.difference
      ? [
          `  difference ${verdict.difference.mean.toFixed(3)} (${verdict.difference.low.toFixed(3)} to ${verdict.difference.high.toFixed(3)})`,
        ]
      : []),
    "",
  ].join("\n");
}
