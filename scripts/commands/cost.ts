import { Command, InvalidArgumentError } from "commander";
import { pricePlan, priceState, readAssumptions } from "../../automation/check/cost";
import type { EnvironmentName } from "../../contract/environments";
import { priceJson, priceText } from "../../insight/cost";
import { priceTable } from "../../pricing/table";
import { actualCommand } from "./cost-actual";
import { adviseCommand } from "./cost-advise";
import { idleCommand } from "./cost-idle";
import { reviewCommand } from "./cost-review";
import { tagsCommand } from "./cost-tags";
import { environmentName, openEnvironment, printJson } from "../project";

interface PlanOptions {
  readonly stack: EnvironmentName;
  readonly state?: boolean;
  readonly assumptions?: string;
  readonly assume: Readonly<Record<string, number>>;
  readonly json?: boolean;
}

export function costCommand(): Command {
  const cost = new Command("cost").description("What environments cost.");
  cost
    .command("plan")
    .description(
      "The monthly price of an environment as the next update would leave it, resource by resource, and what the update changes. A resource without a price is an error.",
    )
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--state", "price what the state holds now; no preview")
    .option("--assumptions <file>", "how much is used: JSON or YAML, names to numbers (docs/cost.md)")
    .option("--assume <name=number>", "one assumption, repeatable; goes over the file", collect, {})
    .option("--json", "print as JSON")
    .action(async (options: PlanOptions) => {
      const assume = readAssumptions(options.assumptions, options.assume);
      const environment = await openEnvironment(options.stack);
      const shown = options.state ? await priceState(environment, assume) : await pricePlan(environment, assume);
      if (options.json) printJson(priceJson(shown, priceTable));
      else process.stdout.write(priceText(shown, priceTable));
    });
  cost.addCommand(actualCommand());
  cost.addCommand(tagsCommand());
  cost.addCommand(reviewCommand());
  cost.addCommand(idleCommand());
  cost.addCommand(adviseCommand());
  return cost;
}

function collect(text: string, earlier: Record<string, number>): Record<string, number> {
  const [name, value, ...rest] = text.split("=");
  if (!name || !value || rest.length > 0 || !Number.isFinite(Number(value)))
    throw new InvalidArgumentError("expected NAME=NUMBER.");
  return { ...earlier, [name]: Number(value) };
}
