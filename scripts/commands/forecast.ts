import { Command } from "commander";
import { UserError } from "../../automation/errors";
import { ObjectStore } from "../../aws/s3";
import type { EnvironmentName } from "../../contract/environments";
import { forecastText } from "../../insight/forecasts";
import { ForecastRecords } from "../../records/forecasts";
import { environmentName, openEnvironment, printJson } from "../project";

interface Options {
  readonly stack: EnvironmentName;
  readonly profile?: string;
  readonly json?: boolean;
}

/** What the daily forecast said last. */
export function forecastCommand(): Command {
  return new Command("forecast")
    .description("What is on its way to its limit, as the last daily forecast saw it, and how good earlier ones were.")
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--profile <name>", "AWS profile, instead of the stack's")
    .option("--json", "print all that was recorded, as JSON")
    .action(async ({ stack, profile, json }: Options) => {
      const environment = await openEnvironment(stack);
      const { artifactsBucket } = await environment.outputs();
      const store = new ObjectStore({ ...environment.session, ...(profile ? { profile } : {}) });
      const page = await new ForecastRecords(store, artifactsBucket).newest();
      if (!page)
        throw new UserError(
          `nothing was forecast in ${stack} yet`,
          "The function looks once a day, at 03:00 UTC; what it says is in its log (docs/forecasts.md).",
        );
      if (json) return printJson(page);
      process.stdout.write(`${forecastText(page)}\n`);
    });
}
