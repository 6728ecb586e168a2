import { Command } from "commander";
import { failoverReport } from "../../automation/failover/report";
import { environmentName, openEnvironment, printJson } from "../project";

/** Switches that are shown, newest first. */
const shown = 20;

export function failoverCommand(): Command {
  return new Command("failover")
    .description("Who answers the clients of an environment's front door, and when that changed and why; reads only.")
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--json", "print as JSON, with all switches")
    .action(async (options: { stack: Parameters<typeof openEnvironment>[0]; json?: boolean }) => {
      const report = await failoverReport(await openEnvironment(options.stack));
      if (options.json) return printJson(report);
      const { environment, server, url, resting, switches } = report;
      process.stdout.write(`${environment}: ${server} answers at ${url}\n`);
      for (const { rung, since, until } of resting)
        process.stdout.write(`  ${rung} is out of service since ${since}, tried again from ${until}\n`);
      for (const { at, from, to, reasons } of switches.slice(-shown).reverse())
        process.stdout.write(`  ${at}  ${from} -> ${to}  ${reasons.join("; ")}\n`);
      process.stdout.write(`${switches.length} switches, their chain holds\n`);
    });
}
