import { once } from "node:events";
import { Command, InvalidArgumentError } from "commander";
import { join } from "node:path";
import { UserError } from "../../automation/errors";
import { type EnvironmentName, environments } from "../../contract/environments";
import { readPlatform } from "../dashboard/read";
import { seenBy } from "../dashboard/seen-by";
import { exportDashboard, serveDashboard } from "../dashboard/serve";
import { profileOption, type Profiles } from "../profiles";
import { environmentNames, openEnvironment } from "../project";

interface Options {
  readonly stack: EnvironmentName[];
  readonly port: number;
  readonly export?: string;
  readonly days: number;
  readonly billed?: boolean;
  readonly profile?: Profiles;
}

/** `peregrine dashboard`: what the platform is and does, as pages. */
export function dashboardCommand(): Command {
  return new Command("dashboard")
    .description(
      "Serve the dashboard on this machine, or write it as files: what serves, how well, for how much, and what needs somebody. Reads only.",
    )
    .option("-s, --stack <environments>", "environments, comma-separated", environmentNames, [
      ...environments,
    ] as EnvironmentName[])
    .option("--port <port>", "where it listens, on this machine alone; 0 takes any that is free", portOf, 8089)
    .option("--export <folder>", "write the pages into a folder instead")
    .option("--days <days>", "how far back metrics are read at most, 1 to 455", daysOf, 30)
    .option("--billed", "read the bill, too: each question to Cost Explorer costs 0.01 USD, of which it takes some")
    .addOption(profileOption())
    .action(async (options: Options) => {
      const opened = await Promise.all(options.stack.map(openEnvironment));
      const shown = opened.map((one) => seenBy(one, options.profile));
      const read = () => readPlatform(shown, options.days, undefined, options.billed);
      if (options.export !== undefined) {
        const count = await exportDashboard(await read(), options.export);
        process.stdout.write(`${count} files: ${join(options.export, "index.html")}\n`);
        return;
      }
      const served = await serveDashboard(read, options.port).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EADDRINUSE") throw error;
        throw new UserError(
          `Port ${options.port} of this machine is taken.`,
          "Name another one, or any that is free: npx peregrine dashboard --port 0",
          { cause: error },
        );
      });
      process.stdout.write(`${served.url}\nIt reads when somebody looks. Ctrl+C ends it.\n`);
      await Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
      await served.close();
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError("must be 0 to 65535.");
  return port;
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 455)
    throw new InvalidArgumentError("must be a whole number from 1 to 455.");
  return days;
}
