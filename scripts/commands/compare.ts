import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { UserError } from "../../automation/errors";
import { ObjectStore } from "../../aws/s3";
import type { EnvironmentName } from "../../contract/environments";
import { type Comparison, comparisonOf, maxInDetail, type Picture } from "../../insight/compare/comparison";
import { comparisonPage, shownTiles } from "../../insight/compare/page";
import { picturesOf, runTags } from "../../insight/compare/read";
import { comparisonText } from "../../insight/compare/text";
import { readRuns } from "../../insight/runs/read";
import { tableOf } from "../../insight/runs/table";
import { askedOf, askedRun, comparedOf } from "../compared";
import { atLeastOne } from "../numbers";
import { environmentName, openEnvironment, printJson } from "../project";
import { writeLine } from "../terminal";
import { keptRuns, type Tracking, trackingOf } from "../tracking";
import { readable } from "./runs";

interface Options {
  readonly where?: string;
  readonly sort?: string;
  readonly limit?: number;
  readonly all?: boolean;
  readonly html?: string;
  readonly json?: boolean;
  readonly stack: EnvironmentName;
  readonly releases: EnvironmentName;
  readonly tracking?: string;
  readonly profile?: string;
  readonly fresh?: boolean;
}

/** `peregrine compare`: runs, packages and releases side by side. */
export function compareCommand(): Command {
  return new Command("compare")
    .description(
      `Runs, model packages or releases side by side: what differs, and of up to ${maxInDetail} their quality with intervals, by class and slice, curves, the tiles they disagree about, cost. Reads only.`,
    )
    .argument(
      "[names...]",
      "run ids or names, ARNs of model packages, release ids; the first is what others are held against",
    )
    .option("-w, --where <expression>", "also the runs that this finds, as in npx peregrine runs")
    .option("--sort <facts>", "order of those runs")
    .option("--limit <count>", "most of those runs", atLeastOne)
    .option("--all", "also facts that are the same in all")
    .option("--html <file>", "write the comparison as a page, with curves and pictures")
    .option("--json", "print it as JSON")
    .option("-s, --stack <environment>", "environment whose MLflow and registry are asked", environmentName, "dev")
    .option("--releases <environment>", "environment whose releases are meant", environmentName, "prod")
    .option("--tracking <uri>", "an MLflow by its ARN or http address, instead of the environment's")
    .option("--profile <name>", "AWS profile, instead of the stack's")
    .option("--fresh", "read all runs again")
    .action(async (names: string[], options: Options) => {
      const tracking = await trackingOf(options);
      const { runs } = await readRuns(tracking.mlflow, keptRuns(tracking.uri), {
        fresh: options.fresh,
        nowMs: Date.now(),
      });
      const found =
        options.where === undefined ? [] : await readable(options, () => Promise.resolve(tableOf(runs, options).rows));
      const asked = [
        ...(await askedOf(names, runs, tracking, options.releases)),
        ...found.map(({ run }) => askedRun(run)),
      ];
      if (asked.length < 2)
        throw new UserError(
          `${asked.length === 0 ? "Nothing" : "One alone"} cannot be compared.`,
          "Name two or more, or find runs by --where: npx peregrine compare A B",
        );
      const compared = await comparedOf(asked, tracking, asked.length <= maxInDetail);
      const comparison = comparisonOf(
        compared.map(({ subject }) => subject),
        compared.map(({ outcomes }) => outcomes),
        options,
      );
      if (options.html !== undefined) {
        await writeFile(options.html, comparisonPage(comparison, await pictures(comparison, tracking, options.stack)));
        writeLine(`written to ${options.html}`);
      }
      if (options.json) printJson(comparison);
      else process.stdout.write(comparisonText(comparison));
    });
}

/** Of the tiles that the page shows, from the data set of the first run that knows its execution. */
async function pictures(
  { quality, subjects, compared }: Comparison,
  { session }: Tracking,
  stack: EnvironmentName,
): Promise<ReadonlyMap<string, Picture>> {
  const execution = compared.flatMap((index) => subjects[index]!.run?.tags[runTags.execution] ?? [])[0];
  if (typeof quality === "string" || execution === undefined) return new Map();
  const { artifactsBucket } = await (await openEnvironment(stack)).outputs();
  const tiles = quality.disagreements.slice(0, shownTiles).map(({ tile }) => tile);
  return picturesOf(new ObjectStore(session), artifactsBucket, execution, tiles);
}
