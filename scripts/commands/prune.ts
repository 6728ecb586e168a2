import { Command } from "commander";
import { prune } from "../../automation/release/prune";
import type { EnvironmentName } from "../../contract/environments";
import { environmentName, openEnvironment, printJson } from "../project";

export function pruneCommand(): Command {
  return new Command("prune")
    .description(
      "Delete models and endpoint configurations that no release of an environment needs any more. A release does it by itself.",
    )
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--json", "print the result as JSON")
    .action(async (options: { stack: EnvironmentName; json?: boolean }) => {
      const environment = await openEnvironment(options.stack);
      const pruned = await prune(environment, await environment.outputs());
      if (options.json) return printJson(pruned);
      process.stdout.write(
        `${pruned.endpointConfigs.length} endpoint configurations and ${pruned.models.length} models deleted\n`,
      );
      for (const name of [...pruned.endpointConfigs, ...pruned.models]) process.stdout.write(`  ${name}\n`);
    });
}
