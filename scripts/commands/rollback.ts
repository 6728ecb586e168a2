import { Command } from "commander";
import { rollback } from "../../automation/release/rollback";
import type { EnvironmentName } from "../../contract/environments";
import { atLeastOne } from "../numbers";
import { environmentName, openEnvironment, printJson } from "../project";
import { stageReporter } from "../terminal";
import { resultLine } from "./promote";

export function rollbackCommand(): Command {
  return new Command("rollback")
    .description("Make an earlier release live again: the one before the present one, or the one that is named.")
    .requiredOption("-s, --stack <environment>", "environment to roll back", environmentName)
    .option("--to <release>", "a release id (see: release list), the beginning of one, or a model package's ARN")
    .option(
      "--registry <environment>",
      "environment whose registry holds the packages",
      environmentName,
      "dev" as EnvironmentName,
    )
    .option(
      "--golden-images <count>",
      "most real images, never trained on, sent to the endpoint before and after its update",
      atLeastOne,
      5,
    )
    .option("--json", "print the result as JSON")
    .action(
      async (options: {
        stack: EnvironmentName;
        to?: string;
        registry: EnvironmentName;
        goldenImages: number;
        json?: boolean;
      }) => {
        const [target, registry] = await Promise.all([
          openEnvironment(options.stack),
          openEnvironment(options.registry),
        ]);
        const done = await rollback(target, registry, options.to, options.goldenImages, stageReporter());
        if (options.json) return printJson(done);
        process.stdout.write(`${resultLine(done)}\n`);
      },
    );
}
