import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { readBill } from "../../automation/costs/actual";
import { AnswerFiles, keptHours } from "../../automation/costs/answer-cache";
import type { AnswerCache } from "../../aws/cost-explorer";
import { type EnvironmentName, environments } from "../../contract/environments";
import { billJson, billText, type BillView, billViews, focusCsv } from "../../insight/actual-cost";
import { environmentNames, openEnvironment, printJson, projectDir } from "../project";

interface Options {
  readonly stack: EnvironmentName[];
  readonly profile?: string;
  readonly from?: string;
  readonly to?: string;
  readonly by: BillView;
  readonly focus?: string;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

/** Answers of Cost Explorer that were paid for; `fresh` reads none of them, and keeps what it gets. */
export function costAnswers(fresh = false): AnswerCache {
  return new AnswerFiles(join(projectDir, ".peregrine", "costs"), fresh ? 0 : keptHours);
}

/** `peregrine cost actual`: the bill, by the project's tags. */
export function actualCommand(): Command {
  return new Command("actual")
    .description(
      `What was paid, as Cost Explorer says it, by the project's tags. Each question costs 0.01 USD, so answers are kept for ${keptHours} hours.`,
    )
    .option("-s, --stack <environments>", "environments, comma-separated", environmentNames, [
      ...environments,
    ] as EnvironmentName[])
    .option("--profile <name>", "AWS profile, instead of the stack's")
    .option("--from <day>", "first day, 2026-11-01; the first of this month when left out")
    .option("--to <day>", "the day after the last one; tomorrow when left out")
    .addOption(
      new Option("--by <what>", "how it is told apart")
        .choices(Object.keys(billViews))
        .default("tag" satisfies BillView),
    )
    .option("--focus <file>", "write the lines as CSV in the columns of FOCUS 1.0, for other tools")
    .option("--fresh", "ask again, although answers are kept")
    .option("--json", "print all of it as JSON")
    .action(async ({ stack, profile, from, to, by, focus, fresh, json }: Options) => {
      const { session } = await openEnvironment(stack[0]!);
      const { bill, accountId, paidRequests, cachedAnswers, requestsUsd } = await readBill(
        { ...session, ...(profile ? { profile } : {}) },
        stack,
        { ...(from ? { from } : {}), ...(to ? { to } : {}) },
        costAnswers(fresh),
      );
      const requests = { paidRequests, cachedAnswers, requestsUsd };
      if (focus) writeFileSync(focus, focusCsv(bill, accountId, session.region));
      if (json) return printJson(billJson(bill, requests));
      process.stdout.write(billText(bill, requests, by));
    });
}
