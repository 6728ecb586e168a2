import { Command, InvalidArgumentError } from "commander";
import { readWaste } from "../../automation/costs/waste";
import { environments } from "../../contract/environments";
import { wasteText } from "../../insight/waste";
import { openEnvironments, printJson } from "../project";

interface Options {
  readonly days: number;
  readonly json?: boolean;
}

/** `peregrine cost idle`: what costs and is of no use. */
export function idleCommand(): Command {
  return new Command("idle")
    .description(
      "Endpoints that nobody calls, and things with the project's tags that no stack knows, each with the command that removes it. Removes nothing.",
    )
    .option("--days <number>", "for how long nobody called an idle endpoint", wholeDays, 7)
    .option("--json", "print as JSON")
    .addHelpText("after", "\nExits with 1 when something was found.")
    .action(async ({ days, json }: Options) => {
      const found = await readWaste(await openEnvironments(...environments), days);
      if (json) printJson(found);
      else process.stdout.write(wasteText(found));
      if (found.waste.length > 0) process.exitCode = 1;
    });
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 60) throw new InvalidArgumentError("must be 1 to 60 days.");
  return days;
}
