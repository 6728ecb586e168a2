import { Command } from "commander";
import { remediationReport } from "../../automation/remediation/report";
import { environmentName, openEnvironment, printJson } from "../project";

/** Entries that are shown, newest first. */
const shown = 20;

export function remediationCommand(): Command {
  return new Command("remediation")
    .description("What was changed in an environment after its deployment, and what became of it; reads only.")
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--json", "print as JSON")
    .action(async (options: { stack: Parameters<typeof openEnvironment>[0]; json?: boolean }) => {
      const report = await remediationReport(await openEnvironment(options.stack), shown);
      if (options.json) return printJson(report);
      const { environment, open, entries } = report;
      process.stdout.write(
        open.length === 0
          ? `${environment}: nothing is known to be other than it ought to be\n`
          : `${environment}: ${open.length} things are not as they ought to be\n`,
      );
      for (const { violation, resource, since, rung, actor, tries } of open)
        process.stdout.write(
          `  ${violation} of ${resource} since ${since}, ${rung}, ${tries} tries${actor ? `, by ${actor}` : ""}\n`,
        );
      for (const { at, rung, violation, resource, outcome, reasons } of entries)
        process.stdout.write(`  ${at}  ${rung}  ${violation} of ${resource}: ${outcome} (${reasons.join("; ")})\n`);
    });
}
