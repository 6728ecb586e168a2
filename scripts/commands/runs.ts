import { Command, Option } from "commander";
import { UserError } from "../../automation/errors";
import type { EnvironmentName } from "../../contract/environments";
import { ExpressionError, factKinds } from "../../insight/runs/expression";
import { Catalogue, lastOf } from "../../insight/runs/facts";
import { bestSteps, readRuns } from "../../insight/runs/read";
import { printable, tableCsv, tableData, tableText } from "../../insight/runs/show";
import { metricsOf, type RunQuestion, tableOf } from "../../insight/runs/table";
import { atLeastOne } from "../numbers";
import { environmentName, printJson } from "../project";
import { keptRuns, trackingOf } from "../tracking";

interface Options extends RunQuestion {
  readonly stack: EnvironmentName;
  readonly tracking?: string;
  readonly profile?: string;
  readonly experiment?: string[];
  readonly step: "last" | "best";
  readonly facts?: boolean;
  readonly fresh?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `peregrine runs`: the runs in MLflow, searched and sorted. */
export function runsCommand(): Command {
  return new Command("runs")
    .description("The runs in MLflow, searched, sorted and side by side; see docs/runs.md. Reads only.")
    .option(
      "-w, --where <expression>",
      "only these, such as \"map50 > 0.5 and (model = 'yolo11n' or tags.reason ~ 'drift')\"",
    )
    .option("--sort <facts>", "order, such as 'test_map50, start asc'; newest first without it")
    .option("--columns <facts>", "what is shown, such as 'name, test_map50, params.lr0'")
    .option("--limit <count>", "most runs that are shown", atLeastOne)
    .addOption(
      new Option("--step <which>", "which value of a metric counts: the last, or the best of all steps")
        .choices(["last", "best"])
        .default("last"),
    )
    .option("--experiment <names...>", "of these experiments alone")
    .option("--facts", "print what the runs' metrics, parameters and tags are called")
    .option("-s, --stack <environment>", "environment whose MLflow is asked", environmentName, "dev")
    .option("--tracking <uri>", "an MLflow by its ARN or http address, instead of the environment's")
    .option("--profile <name>", "AWS profile, instead of the stack's")
    .option("--fresh", "read all runs again; else only what is new, and all of them once a day")
    .addOption(new Option("--json", "print the runs in full, as JSON").conflicts("csv"))
    .option("--csv", "print the table as CSV")
    .action(async (options: Options) => {
      const { mlflow, uri } = await trackingOf(options);
      const { runs: all } = await readRuns(mlflow, keptRuns(uri), { fresh: options.fresh, nowMs: Date.now() });
      const runs = ofExperiments(all, options.experiment);
      if (options.facts) {
        process.stdout.write(factsText(new Catalogue(runs)));
        return;
      }
      const table = await readable(options, async () => {
        const metricOf = options.step === "best" ? await bestSteps(mlflow, runs, metricsOf(runs, options)) : lastOf;
        return tableOf(runs, options, metricOf);
      });
      if (options.json) return printJson(tableData(table));
      process.stdout.write(options.csv ? tableCsv(table) : tableText(table));
    });
}

/** @throws UserError for an experiment that MLflow does not have. */
function ofExperiments<Run extends { readonly experiment: string }>(
  runs: readonly Run[],
  names?: readonly string[],
): readonly Run[] {
  if (!names) return runs;
  const known = new Set(runs.map(({ experiment }) => experiment));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new UserError(
      `No run is of the experiment ${unknown.join(", ")}.`,
      `There are runs of ${[...known].sort().join(", ") || "none"}.`,
    );
  return runs.filter(({ experiment }) => names.includes(experiment));
}

/** Answers a question about runs. @throws UserError for one that cannot be read, with the place. */
export async function readable<Result>(
  { where }: { readonly where?: string },
  answer: () => Promise<Result>,
): Promise<Result> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof ExpressionError)
      throw new UserError(
        `${error.expression === where ? "--where" : "--sort or --columns"}: ${error.message}`,
        "What there is: npx peregrine runs --facts; how to ask: docs/runs.md",
        { cause: error },
      );
    throw error;
  }
}

function factsText(catalogue: Catalogue): string {
  return factKinds
    .map(
      (kind) =>
        `${kind}\n${catalogue
          .of(kind)
          .map((name) => `  ${kind}.${printable(name)}\n`)
          .join("")}`,
    )
    .join("");
}
