import { Command } from "commander";
import { activateTags, readTags } from "../../automation/costs/tags";
import type { EnvironmentName } from "../../contract/environments";
import { environmentName, openEnvironment, printJson } from "../project";

interface Options {
  readonly stack: EnvironmentName;
  readonly profile?: string;
  readonly activate?: boolean;
  readonly json?: boolean;
}

/** `peregrine cost tags`: whether costs can be told apart by the project's tags. */
export function tagsCommand(): Command {
  return new Command("tags")
    .description(
      "Whether costs can be told apart by the project's tags. Only what is used after their activation can; in an organisation the payer's account activates them.",
    )
    .option("-s, --stack <environment>", "environment whose profile asks", environmentName, "dev")
    .option("--profile <name>", "AWS profile, instead of the stack's")
    .option("--activate", "activate those that are not")
    .option("--json", "print as JSON")
    .action(async ({ stack, profile, activate, json }: Options) => {
      const { session } = await openEnvironment(stack);
      const asked = { ...session, ...(profile ? { profile } : {}) };
      const tags = activate ? await activateTags(asked) : await readTags(asked);
      if (json) return printJson(tags);
      for (const { key, state } of tags) process.stdout.write(`${key.padEnd(14)}${state}\n`);
    });
}
