import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../automation/errors";
import { gatherLineage } from "../../automation/lineage/gather";
import type { LineagePlace } from "../../automation/lineage/reading";
import { callerIdentity } from "../../aws/sts";
import { type EnvironmentName, environments } from "../../contract/environments";
import { inferenceId } from "../../contract/labels";
import type { LineageGraph, LineageNode } from "../../records/lineage/graph";
import {
  changedBetween,
  type LineageAnswer,
  madeBy,
  predictionAnswer,
  type Question,
  questions,
  rawToDeployed,
} from "../../records/lineage/questions";
import { answerPage, answerText } from "../../records/lineage/show";
import { actingAs, profileOption, type Profiles } from "../profiles";
import { environmentName, environmentNames, openEnvironment, printJson } from "../project";

interface Options {
  readonly question?: Question;
  readonly up?: boolean;
  readonly down?: boolean;
  readonly registry: EnvironmentName;
  readonly stack: EnvironmentName[];
  readonly hours: number;
  readonly profile?: Profiles;
  readonly json?: boolean;
  readonly html?: string;
}

const hourMs = 3_600_000;
/** Sources that could not be read, in an error. */
const maxGaps = 20;

/** `peregrine lineage`: what something was made of, and what became of it. */
export function lineageCommand(): Command {
  return new Command("lineage")
    .description("What something was made of, and what became of it; each tie says where it was read. Reads only.")
    .argument(
      "<names...>",
      "an ARN, an s3:// address, a digest, an inference id, a release id, a commit, a run id; two of them for changed-between",
    )
    .addOption(
      new Option("--question <question>", "one of the auditors' questions; fits what is named when left out").choices(
        Object.keys(questions),
      ),
    )
    .option("--up", "only what it was made of")
    .option("--down", "only what became of it")
    .option(
      "--registry <environment>",
      "environment whose registry holds the packages",
      environmentName,
      "dev" as EnvironmentName,
    )
    .option("-s, --stack <environments>", "environments whose releases are read, comma-separated", environmentNames, [
      ...environments,
    ] as EnvironmentName[])
    .option("--hours <hours>", "how far back captured answers are searched for an inference id", hoursOf, 24)
    .addOption(profileOption())
    .option("--json", "print as JSON")
    .option("--html <file>", "write a page")
    .action(async (names: string[], options: Options) => {
      const graph = await read(names, options);
      const answer = answerOf(graph, names, options);
      if (options.html) {
        writeFileSync(options.html, answerPage(answer, graph));
        process.stdout.write(`${options.html}\n`);
      } else if (options.json) printJson({ ...answer, problems: graph.problems, gaps: graph.gaps });
      else process.stdout.write(answerText(answer, graph));
    });
}

async function read(names: readonly string[], options: Options): Promise<LineageGraph> {
  const opened = new Map<EnvironmentName, LineagePlace>();
  for (const name of new Set([options.registry, ...options.stack])) {
    const environment = await openEnvironment(name);
    if (name !== options.registry && !(await environment.exists())) continue;
    const session = actingAs(environment, options.profile);
    opened.set(name, { name, session, outputs: await environment.outputs() });
  }
  const registry = opened.get(options.registry)!;
  const to = (await callerIdentity(registry.session)).at;
  const [asked] = names;
  // Captured answers are read where one may be meant: they are many, and hold images.
  const mayBeInference =
    options.question === "prediction" || (options.question === undefined && !/^(arn:|s3:|r-)/.test(asked!));
  return gatherLineage({
    registry,
    targets: [...opened.values()].filter(({ name }) => options.stack.includes(name)),
    ...(mayBeInference && inferenceId.safeParse(asked).success
      ? { predictions: { from: new Date(to.getTime() - options.hours * hourMs), to, inferenceId: asked } }
      : {}),
  });
}

function answerOf(graph: LineageGraph, names: readonly string[], { question, up, down }: Options): LineageAnswer {
  const meant = names.map((name) => nodesOf(graph, name));
  if (question === "changed-between") {
    if (meant.length !== 2)
      throw new UserError(
        "Two versions are compared.",
        "Name both: packages, releases or archives, the earlier first.",
      );
    return changedBetween(graph, meant[0]!.at(-1)!, meant[1]!.at(-1)!);
  }
  const all = meant.flat();
  if (up && !down) return madeBy(graph, all);
  if (question === "made-by") return madeBy(graph, all);
  if (question === "prediction" || (question === undefined && all.every(({ kind }) => kind === "prediction")))
    return predictionAnswer(graph, all);
  return rawToDeployed(graph, all, down && !up ? ["down"] : ["up", "down"]);
}

function nodesOf(graph: LineageGraph, name: string): LineageNode[] {
  const found = graph.find(name);
  if (found.length > 0) return found;
  const gaps = graph.gaps.length > 0 ? ` Not all could be read: ${graph.gaps.slice(0, maxGaps).join("; ")}.` : "";
  throw new UserError(
    `Nothing here is called ${name}.${gaps}`,
    "Name it in full. An inference id is searched in the last hours alone (--hours), and where the role may read captured answers.",
  );
}

function hoursOf(text: string): number {
  const hours = Number(text);
  if (!(hours > 0 && hours <= 24 * 366)) throw new InvalidArgumentError("must be a number of hours above 0.");
  return hours;
}
