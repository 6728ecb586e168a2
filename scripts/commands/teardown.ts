import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { UserError } from "../../automation/errors";
import { teardown } from "../../automation/teardown";
import { type EnvironmentName } from "../../automation/workspace";
import { environmentNames, openEnvironment, printJson } from "../project";
import { stageReporter } from "../terminal";

export function teardownCommand(): Command {
  return new Command("teardown")
    .description("Delete environments with everything in them, and prove that nothing is left. Cannot be undone.")
    .requiredOption("-s, --stack <environments>", "environments, comma-separated", environmentNames)
    .option("-y, --yes", "do not ask")
    .option("--json", "print the result as JSON")
    .action(async (options: { stack: EnvironmentName[]; yes?: boolean; json?: boolean }) => {
      if (!options.yes) await confirm(options.stack);
      const report = stageReporter();
      const done = [];
      for (const name of options.stack) done.push(await teardown(await openEnvironment(name), report));
      if (options.json) printJson(done);
      for (const one of done)
        if (!options.json)
          process.stdout.write(`${one.environment}: ${one.resourcesDeleted} resources, ${one.packagesDeleted} model packages, ${one.objectsDeleted} objects deleted; ${one.leftovers.length} left\n`);
      const leftovers = done.flatMap((one) => one.leftovers);
      if (leftovers.length > 0)
        throw new UserError(`Still tagged as ours:\n${leftovers.map((arn) => `  - ${arn}`).join("\n")}`, "Run the same command again; AWS's tagging API lags by some minutes.");
    });
}

async function confirm(stacks: readonly string[]): Promise<void> {
  const wanted = stacks.join(",");
  if (!process.stdin.isTTY) throw new UserError("teardown deletes data for good and nobody is there to confirm.", "Say so by --yes.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`This deletes ${wanted} with all models and data in them. Type "${wanted}" to go on: `);
  terminal.close();
  if (answer.trim() !== wanted) throw new UserError("Not confirmed; nothing was deleted.", `Type exactly: ${wanted}`);
}
