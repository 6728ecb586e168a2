import { Command } from "commander";
import { examine } from "../../automation/doctor";
import { UserError } from "../../automation/errors";
import type { EnvironmentName } from "../../automation/workspace";
import { environmentName, openEnvironment, printJson } from "../project";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Examine an environment: account, stack, dataset, release, endpoint, scaling, ledger; each finding with its cure.")
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--json", "print as JSON")
    .action(async (options: { stack: EnvironmentName; json?: boolean }) => {
      const findings = await examine(await openEnvironment(options.stack));
      if (options.json) printJson(findings);
      else for (const { ok, name, text, cure } of findings) process.stdout.write(`${ok ? "ok  " : "FAIL"}  ${name}: ${text}${ok ? "" : `\n      ${cure}`}\n`);
      const failed = findings.filter(({ ok }) => !ok);
      if (failed.length > 0) throw new UserError(`${failed.length} of ${findings.length} findings need a cure.`, "Each says what to do.");
    });
}
