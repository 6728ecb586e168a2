import { randomUUID } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";
import { proposeRetraining } from "../../automation/release/propose-retraining";
import { ObjectStore } from "../../aws/s3";
import type { EnvironmentName } from "../../contract/environments";
import { type RetrainingRecord, RetrainingRecords } from "../../records/retraining";
import { environmentName, openEnvironment, printJson } from "../project";

interface Options {
  readonly stack: EnvironmentName;
  readonly profile: string;
}

/** So many decisions are shown at most. */
const most = 500;

/** How a person proposes a retraining, and sees what was decided about all proposals. */
export function retrainCommand(): Command {
  const command = new Command("retrain").description(
    "Propose a retraining, and see what was decided about those of people, drift, lost quality, forecasts and new data.",
  );
  const sub = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option("-s, --stack <environment>", "environment that retrains", environmentName, "dev" as EnvironmentName)
      .option("--profile <name>", "AWS profile of an ML engineer of that environment", "ml-engineer");
  sub("propose", "Propose a retraining, as a person.")
    .requiredOption("--why <reason>", "one sentence; it is kept with the decision and with the model")
    .option("-c, --class <name>", "class that falls short, repeatable", (name, all: string[]) => [...all, name], [])
    .action(async ({ stack, profile, why, class: classes }: Options & { why: string; class: string[] }) => {
      const { session } = await openEnvironment(stack);
      const id = await proposeRetraining({ ...session, profile }, stack, { reason: why, classes }, randomUUID());
      process.stdout.write(
        `${stack}: proposed (message ${id}); what was decided: npx peregrine retrain decisions --stack ${stack}\n`,
      );
    });
  sub("decisions", "What was decided about proposals, newest first, and why.")
    .option("--days <number>", "how far back", days, 31)
    .option("--json", "print all that was recorded, as JSON")
    .action(async (options: Options & { days: number; json?: boolean }) => {
      const environment = await openEnvironment(options.stack);
      const { artifactsBucket } = await environment.outputs();
      const store = new ObjectStore({ ...environment.session, profile: options.profile });
      const since = new Date(Date.now() - options.days * 86_400_000).toISOString();
      const decisions = (await new RetrainingRecords(store, artifactsBucket).since(since, most)).reverse();
      if (options.json) return printJson(decisions);
      if (decisions.length === 0)
        process.stdout.write(`Nothing was proposed in ${options.stack} in ${options.days} days.\n`);
      for (const one of decisions) process.stdout.write(`${lineOf(one)}\n`);
    });
  return command;
}

function lineOf({ at, verdict, proposal, reasons, ask, executionArn }: RetrainingRecord): string {
  return [
    `${at}  ${verdict.padEnd(7)}  ${proposal.trigger.padEnd(8)}  ${proposal.reason.split("\n")[0]}`,
    ...reasons.map((reason) => `    - ${reason}`),
    ...(ask === undefined ? [] : [`    ? ${ask}`]),
    ...(executionArn === undefined ? [] : [`    > ${executionArn}`]),
  ].join("\n");
}

/** 92 days: older decisions are not looked for. */
function days(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 92)
    throw new InvalidArgumentError("must be a whole number from 1 to 92.");
  return number;
}
