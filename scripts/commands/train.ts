import { randomUUID } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";
import { awaitKeyAliases } from "../../automation/release/key-aliases";
import { runTraining } from "../../automation/release/train";
import type { EnvironmentName } from "../../contract/environments";
import { recordedProblems } from "../../contract/metadata-value";
import { environmentName, openEnvironment, printJson } from "../project";
import { writeLine } from "../terminal";

export function trainCommand(): Command {
  return new Command("train")
    .description(
      "Run an environment's training pipeline and follow it; a model that meets the bar is registered for approval.",
    )
    .option("-s, --stack <environment>", "environment to train in", environmentName, "dev" as EnvironmentName)
    .option("-p, --parameter <name=value>", "pipeline parameter, repeatable", collect, {} as Record<string, string>)
    .option("--profile <name>", "AWS profile to act as", "ml-engineer")
    .option("--json", "print the result as JSON")
    .action(
      async (options: {
        stack: EnvironmentName;
        parameter: Record<string, string>;
        profile: string;
        json?: boolean;
      }) => {
        const environment = await openEnvironment(options.stack);
        const { pipelineName } = await environment.outputs();
        await awaitKeyAliases(environment, writeLine);
        const run = await runTraining(
          { ...environment.session, profile: options.profile },
          pipelineName,
          options.parameter,
          randomUUID(),
          (steps) => process.stderr.write(steps.map((step) => `${step.name} ${step.status}`).join(", ") + "\n"),
        );
        if (options.json) return printJson(run);
        if (run.trial) process.stdout.write(`runs in staging: ${run.trial["summary"]}\n`);
        process.stdout.write(
          run.packageArn
            ? `registered ${run.packageArn}; approve it: npx peregrine approve ${run.packageArn} --why REASON\n`
            : "no model was registered: it did not meet the bar\n",
        );
      },
    );
}

function collect(text: string, earlier: Record<string, string>): Record<string, string> {
  const [name, ...value] = text.split("=");
  if (!name || value.length === 0) throw new InvalidArgumentError("expected NAME=VALUE.");
  const given = { [name]: value.join("=") };
  const [problem] = recordedProblems(given);
  if (problem) throw new InvalidArgumentError(`${problem}.`);
  return { ...earlier, ...given };
}
