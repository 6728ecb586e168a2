import { readFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { effectsReport } from "../../automation/effects/report";
import { UserError } from "../../automation/errors";
import type { EnvironmentName } from "../../contract/environments";
import { readJson } from "../../contract/json";
import { effectText, roiText } from "../../insight/effects";
import type { Cost } from "../../lifecycle/effect/roi";
import { seenBy } from "../dashboard/seen-by";
import { profileOption, type Profiles } from "../profiles";
import { environmentName, openEnvironment, printJson } from "../project";

interface Options {
  readonly stack: EnvironmentName;
  readonly release?: string;
  readonly costs?: string;
  readonly profile?: Profiles;
  readonly json?: boolean;
}

/** `amount: null` says that nobody knows the price. */
const costFile = z.array(
  z.strictObject({
    name: z.string().min(1),
    amount: z.number().nonnegative().nullable(),
    range: z.tuple([z.number().nonnegative(), z.number().nonnegative()]).optional(),
    coverage: z.number().min(0).max(1),
    known: z.enum(["billed", "estimated", "assumed"]),
    when: z.enum(["once", "period"]),
  }),
);

/** What a release did to the business metrics. */
export function effectCommand(): Command {
  return new Command("effect")
    .description("What a release did to the business metrics, by the best evidence there is; see docs/business.md.")
    .argument("[kpi]", "one of them, by its name")
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option("--release <id>", "the release, instead of what is live")
    .option("--costs <file>", "JSON with what the release cost, for its return")
    .addOption(profileOption())
    .option("--json", "print all of it as JSON")
    .action(async (kpi: string | undefined, { stack, release, costs, profile, json }: Options) => {
      const environment = seenBy(await openEnvironment(stack), profile);
      const report = await effectsReport(environment, await environment.outputs(), {
        ...(kpi === undefined ? {} : { kpi }),
        ...(release === undefined ? {} : { release }),
        ...(costs === undefined ? {} : { costs: readCosts(costs) }),
      });
      if (json) return printJson(report);
      const [first] = report.releases;
      if (!first)
        throw new UserError(
          `Nothing ever went live in ${stack}.`,
          `An effect is one of a release: npx peregrine release list --stack ${stack}`,
        );
      process.stdout.write(
        `Release ${first.release} in ${stack}, live since ${first.day}\n\n${effectText(first.results)}\n\n${roiText(report.roi)}\n`,
      );
    });
}

function readCosts(file: string): Cost[] {
  const read = readJson(textOf(file), costFile);
  if (read.kind !== "value")
    throw new UserError(
      `${file} is no list of costs: ${read.kind === "not-json" ? read.why : read.problems.join("; ")}`,
      "docs/business.md has an example.",
    );
  return read.value.map(({ amount, range, ...cost }) => ({
    ...cost,
    amount: amount ?? undefined,
    ...(range ? { range } : {}),
  }));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`, "Name a file with JSON.");
  }
}
