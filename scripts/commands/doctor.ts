import { Command } from "commander";
import { examine } from "../../automation/doctor/examine";
import type { Finding, Level } from "../../lifecycle/health/finding";
import { UserError } from "../../automation/errors";
import type { EnvironmentName } from "../../contract/environments";
import { environmentName, openEnvironment, printJson } from "../project";

const marks: Readonly<Record<Level, string>> = { ok: "ok  ", warning: "warn", failed: "FAIL" };

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "Examine an environment: account, quotas, limits, image, dataset, roles, release, endpoint, lock, ledger; each finding with its cure. Changes nothing; ends with 1 when something essential is wrong.",
    )
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--json", "print as JSON")
    .action(async (options: { stack: EnvironmentName; json?: boolean }) => {
      const findings = await examine(await openEnvironment(options.stack));
      if (options.json) printJson(findings);
      else for (const finding of findings) process.stdout.write(`${lineOf(finding)}\n`);
      const wrong = findings.filter(({ level }) => level === "failed");
      if (wrong.length > 0)
        throw new UserError(`${wrong.length} of ${findings.length} findings need a cure.`, "Each says what to do.");
    });
}

function lineOf({ level, name, text, cure }: Finding): string {
  return `${marks[level]}  ${name}: ${text}${level === "ok" ? "" : `\n      ${cure.replaceAll("\n", "\n      ")}`}`;
}
