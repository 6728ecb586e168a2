import { Command } from "commander";
import { acknowledgeAlert, listEscalations } from "../../automation/alerts/escalations";
import { environmentName, openEnvironment, printJson } from "../project";

type Stack = Parameters<typeof openEnvironment>[0];

export function alertCommand(): Command {
  return new Command("alert")
    .description("Alerts that wait for somebody, and who looks after them.")
    .addCommand(
      new Command("list")
        .description("Alerts that wait for somebody, or waited; reads only.")
        .requiredOption("-s, --stack <environment>", "environment", environmentName)
        .option("--json", "print as JSON")
        .action(async (options: { stack: Stack; json?: boolean }) => {
          const found = await listEscalations(await openEnvironment(options.stack));
          if (options.json) return printJson(found);
          for (const { id, subject, atMs, steps, acknowledged, endedMs } of found)
            process.stdout.write(
              `${id}  ${new Date(atMs).toISOString()}  ${endedMs !== undefined ? "over" : acknowledged ? `${acknowledged.by} looks after it` : `nobody yet, told ${steps} levels`}  ${subject}\n`,
            );
          if (found.length === 0) process.stdout.write("no alert waits\n");
        }),
    )
    .addCommand(
      new Command("ack")
        .description("Says that you look after an alert: no further level is told of it.")
        .argument("<id>", "the alert's id, as its message and `alert list` say it")
        .requiredOption("-s, --stack <environment>", "environment", environmentName)
        .action(async (id: string, options: { stack: Stack }) => {
          const { subject } = await acknowledgeAlert(await openEnvironment(options.stack), id);
          process.stdout.write(`you look after: ${subject}\n`);
        }),
    );
}
