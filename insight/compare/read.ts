import { createHash } from "node:crypto";
import type { Mlflow, MlflowRun } from "../../aws/mlflow";
import { type ObjectStore, parseS3Uri } from "../../aws/s3";
import { evaluationArtifacts, outcomesName, prefixes } from "../../contract/places";
import { Prices, priceTable } from "../../pricing/table";
import type { Picture } from "./comparison";
import type { TrainingCost } from "./facts";
import { type Outcomes, readOutcomes, type TileOutcome } from "./outcomes";

/** What was found, or why not. */
export type Found<Kind> = { readonly found: Kind } | { readonly gap: string };

/** Tags by which runs say where they belong; `ml/peregrine_ml/tracking.py` sets them. */
export const runTags = {
  execution: "sagemaker.pipeline_execution",
  trainingJob: "sagemaker.training_job",
  step: "peregrine.step",
} as const;

/** The run of the model that a pipeline execution trained, and not those of the steps before it. */
export function modelRun(runs: readonly MlflowRun[], execution: string): MlflowRun | undefined {
  return runs.find(
    ({ tags }) =>
      tags[runTags.execution] === execution && (tags[runTags.step] === "train" || runTags.trainingJob in tags),
  );
}

/** What a run's evaluation kept of each tile. */
export async function outcomesOfRun(mlflow: Mlflow, run: MlflowRun): Promise<Found<Outcomes>> {
  const path = `${evaluationArtifacts}/${outcomesName}`;
  return asOutcomes(path, () => mlflow.artifact(run, path));
}

/** The same beside the evaluation that a model package names. @param evaluationUri S3 URI of `evaluation.json`. */
export async function outcomesBeside(store: ObjectStore, evaluationUri: string): Promise<Found<Outcomes>> {
  const uri = evaluationUri.replace(/[^/]+$/, outcomesName);
  return asOutcomes(uri, () => store.get(parseS3Uri(uri)));
}

/** What a training cost, by what SageMaker billed and the table of prices. */
export function costOf(
  bill: { readonly instanceType: string; readonly instances: number; readonly billableSeconds: number },
  region: string,
): TrainingCost {
  const hourly = new Prices(priceTable, region).known(`sagemaker.training.${bill.instanceType}`);
  return hourly === undefined ? bill : { ...bill, usd: (hourly * bill.instances * bill.billableSeconds) / 3600 };
}

/**
 * Pictures of tiles, from the data set that an execution prepared.
 * @returns those that could be read and are the ones that were answered, by file.
 */
export async function picturesOf(
  store: ObjectStore,
  bucket: string,
  execution: string,
  tiles: readonly TileOutcome[],
): Promise<ReadonlyMap<string, Picture>> {
  const found = new Map<string, Picture>();
  await Promise.all(
    tiles
      .filter(({ file }) => isTile(file))
      .map(async ({ file, sha256 }) => {
        const key = `${prefixes.runs}${execution}/dataset/${file}`;
        const body = await store.get({ bucket, key }).catch(() => undefined);
        if (body && createHash("sha256").update(body).digest("hex") === sha256)
          found.set(file, { contentType: "image/jpeg", body });
      }),
  );
  return found;
}

/** A name from outside becomes part of a key: it must stay in its folder. */
function isTile(file: string): boolean {
  return (
    /^images\/.+\.jpe?g$/i.test(file) && !file.split("/").some((part) => part === "" || part === "." || part === "..")
  );
}

async function asOutcomes(what: string, read: () => Promise<Buffer | undefined>): Promise<Found<Outcomes>> {
  try {
    const body = await read();
    if (!body) return { gap: `there is no ${what}: the evaluation is older than these outcomes, or did not end` };
    const outcomes = readOutcomes(body);
    return typeof outcomes === "string" ? { gap: `${what} is damaged: ${outcomes}` } : { found: outcomes };
  } catch (error) {
    return { gap: `${what} could not be read: ${(error as Error).message}` };
  }
}
