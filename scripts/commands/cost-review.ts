import { Command } from "commander";
import { readReview } from "../../automation/costs/review";
import type { EnvironmentName } from "../../contract/environments";
import { reviewText } from "../../insight/cost-review";
import { environmentName, openEnvironment, printJson } from "../project";
import { costAnswers } from "./cost-actual";

interface Options {
  readonly stack: EnvironmentName;
  readonly from?: string;
  readonly to?: string;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

/** `peregrine cost review`: an environment's plan, bill and budget side by side. */
export function reviewCommand(): Command {
  return new Command("review")
    .description(
      "What an environment was to cost, did cost and will have cost at the end of the month; what 1,000 images, each training and each arm of the newest experiment cost.",
    )
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--from <day>", "first day, 2026-11-01; the first of this month when left out")
    .option("--to <day>", "the day after the last one; tomorrow when left out")
    .option("--fresh", "ask Cost Explorer again, although answers are kept")
    .option("--json", "print as JSON")
    .action(async ({ stack, from, to, fresh, json }: Options) => {
      const days = { ...(from ? { from } : {}), ...(to ? { to } : {}) };
      const review = await readReview(await openEnvironment(stack), days, costAnswers(fresh));
      if (json) printJson(review);
      else process.stdout.write(reviewText(review));
    });
}
