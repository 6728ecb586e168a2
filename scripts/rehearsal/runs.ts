import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Mlflow, type MlflowRun } from "../../aws/mlflow";
import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import type { AwsSession } from "../../aws/session";
import { evaluationArtifacts, evaluationName, outcomesName } from "../../contract/places";
import { comparisonOf, type Picture } from "../../insight/compare/comparison";
import { comparisonPage, shownTiles } from "../../insight/compare/page";
import { modelRun, picturesOf, runTags } from "../../insight/compare/read";
import { gainText } from "../../insight/compare/text";
import { readRuns } from "../../insight/runs/read";
import { tableOf } from "../../insight/runs/table";
import { askedOf, comparedOf } from "../compared";
import type { Tracking } from "../tracking";
import { type OnProgress, type Rehearsal, type TrainedModel } from "./rehearsal";
import { engineer } from "./steps";
import type { Facts } from "./summary";

/** What the pipeline's parameters become: all of them have to be there, beside those of the framework. */
const parameters = ["model", "epochs", "imgsz", "batch", "lr0", "freeze", "seed", "optimizer"] as const;
const metrics = [
  "train_box_loss",
  "map50",
  "precision",
  "recall",
  "best_map50",
  "test_map50",
  "test_map50_low",
] as const;
/** What the steps leave in MLflow: the training's run has the evaluation's files, too. */
const files: Readonly<Record<string, readonly string[]>> = {
  profile: ["profile.html", "profile.json"],
  prepare: ["data.yaml", "manifest.json", "metadata.csv"],
  train: ["model.json"],
  evaluate: ["detections.jpg", evaluationName, outcomesName, "slices.jpg"].map(
    (name) => `${evaluationArtifacts}/${name}`,
  ),
};

/** The step that does it, with its title. */
export function runsReadBack(rehearsal: Rehearsal): readonly [string, (onProgress: OnProgress) => Promise<Facts>] {
  return [
    "Read the runs of all trainings back from MLflow, and compare the first model with the newest",
    (onProgress) => readRunsBack(rehearsal, onProgress),
  ];
}

/**
 * The runs of all trainings, read back from MLflow as an ML engineer: every step's parameters, metrics, artifacts, and
 * the ties between run, data set, archive, package and execution. Then the first model is compared with the newest.
 * @throws Error naming all that is missing.
 */
async function readRunsBack(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { dev } = rehearsal.environments;
  const { trackingUri, artifactsBucket } = await dev.outputs();
  const session = engineer(rehearsal);
  const mlflow = Mlflow.of(session, trackingUri);
  const { runs } = await readRuns(mlflow, inMemory(), { nowMs: Date.now() });
  onProgress(`${runs.length} runs`);
  const problems = (
    await Promise.all(rehearsal.models.map((model) => problemsOf(mlflow, runs, model, session)))
  ).flat();
  if (problems.length > 0) throw new Error(`MLflow does not tell what was done:\n${problems.join("\n")}`);
  const [best] = tableOf(runs, {
    where: "step = 'train' and test_map50 > 0 and status = 'FINISHED'",
    sort: "test_map50",
  }).rows;
  const trained = best!.run;
  const facts = {
    runs: runs.length,
    parameters: Object.keys(trained.params).length,
    metrics: Object.keys(trained.metrics).length,
    best: `${trained.name} mAP50 ${trained.metrics["test_map50"]!.toFixed(3)}`,
  };
  if (rehearsal.models.length < 2) return facts;
  onProgress("comparing the first model with the newest");
  return { ...facts, ...(await compared(rehearsal, runs, { mlflow, uri: trackingUri, session }, artifactsBucket)) };
}

/** What MLflow does not tell of a model, or tells otherwise than the registry. */
async function problemsOf(
  mlflow: Mlflow,
  runs: readonly MlflowRun[],
  { package: packageArn, map50 }: TrainedModel,
  session: AwsSession,
): Promise<string[]> {
  const sagemaker = new SageMaker(session);
  const { CustomerMetadataProperties: metadata = {} } = await sagemaker.describeModelPackage(packageArn);
  const execution = metadata["pipelineExecutionArn"]!.split("/").at(-1)!;
  const own = runs.filter(({ tags }) => tags[runTags.execution] === execution);
  const of = (step: string) => own.find(({ tags }) => tags[runTags.step] === step);
  const train = modelRun(runs, execution);
  const [profile, prepare] = [of("profile"), of("prepare")];
  if (!train || !profile || !prepare)
    return [`of execution ${execution} there are ${own.map(({ name }) => name).join(", ") || "no runs"}`];
  const [listed, described, evaluated, bill] = await Promise.all([
    filesOf(mlflow, { profile, prepare, train }),
    json(mlflow, train, "model.json"),
    json(mlflow, train, `${evaluationArtifacts}/${evaluationName}`),
    sagemaker.trainingBill(train.tags[runTags.trainingJob] ?? ""),
  ]);
  const expected: readonly (readonly [what: string, holds: boolean])[] = [
    ...[train, profile, prepare].map(({ name, status }) => [`${name} is ${status}`, status === "FINISHED"] as const),
    ...parameters.map((name) => [`no parameter ${name}`, name in train.params] as const),
    ...metrics.map((name) => [`no metric ${name}`, Number.isFinite(train.metrics[name])] as const),
    ...Object.entries(files).flatMap(([step, names]) =>
      names.map(
        (name) =>
          [`no artifact ${name} of ${step}`, listed.has(`${step === "evaluate" ? "train" : step} ${name}`)] as const,
      ),
    ),
    ["prepare counts no boxes", (prepare.metrics["boxes_train"] ?? 0) > 0],
    ["profile counts no images", (profile.metrics["images"] ?? 0) > 0],
    ["test_map50 is not the registry's", Math.abs(train.metrics["test_map50"]! - map50) < 1e-3],
    [
      "the training is not above profile and prepare",
      [profile, prepare].every(({ tags }) => tags["mlflow.parentRunId"] === train.id),
    ],
    ["model.json names another run", described.mlflow?.run_id === train.id],
    ["model.json names another data set", described.digests?.dataset === metadata["datasetDigest"]],
    [
      "the runs name another data set",
      [train, prepare].every(({ tags }) => tags["peregrine.dataset"] === metadata["datasetDigest"]),
    ],
    ["the evaluation is of another archive", evaluated.model?.archive_sha256 === metadata["modelSha256"]],
    ["the run names no training job that was billed", bill.billableSeconds > 0],
    ["the run says no reason", train.tags["peregrine.run_reason"] === metadata["runReason"]],
  ];
  return expected.filter(([, holds]) => !holds).map(([what]) => `${execution}: ${what}`);
}

async function filesOf(mlflow: Mlflow, of: Readonly<Record<string, MlflowRun>>): Promise<ReadonlySet<string>> {
  const listed = await Promise.all(
    [
      ...Object.entries(of).map((one) => [...one, undefined] as const),
      ["train", of["train"]!, evaluationArtifacts] as const,
    ].map(async ([step, run, folder]) => (await mlflow.artifacts(run.id, folder)).map(({ path }) => `${step} ${path}`)),
  );
  return new Set(listed.flat());
}

/** What is looked at in the documents of a run. */
interface Documents {
  readonly mlflow?: { readonly run_id?: string };
  readonly digests?: { readonly dataset?: string };
  readonly model?: { readonly archive_sha256?: string };
}

async function json(mlflow: Mlflow, run: MlflowRun, path: string): Promise<Documents> {
  const body = await mlflow.artifact(run, path);
  return body ? (JSON.parse(body.toString("utf8")) as Documents) : {};
}

/** @throws Error when the two models cannot be compared tile by tile. */
async function compared(
  { models, reportDir }: Rehearsal,
  runs: readonly MlflowRun[],
  tracking: Tracking,
  bucket: string,
): Promise<Facts> {
  const names = [models[0]!.package, models.at(-1)!.package];
  const found = await comparedOf(await askedOf(names, runs, tracking, "prod"), tracking, true);
  const comparison = comparisonOf(
    found.map(({ subject }) => subject),
    found.map(({ outcomes }) => outcomes),
  );
  const { quality, subjects } = comparison;
  if (typeof quality === "string")
    throw new Error(`the models are not compared: ${quality}; ${subjects.flatMap(({ gaps }) => gaps).join("; ")}`);
  const execution = subjects[0]!.run!.tags[runTags.execution]!;
  const shown = quality.disagreements.slice(0, shownTiles).map(({ tile }) => tile);
  const pictures: ReadonlyMap<string, Picture> = await picturesOf(
    new ObjectStore(tracking.session),
    bucket,
    execution,
    shown,
  );
  await writeFile(join(reportDir, "comparison.html"), comparisonPage(comparison, pictures));
  return {
    "tiles compared": quality.tiles,
    "mAP50 gained": gainText(quality.rows[0]!.gains[1]),
    "tiles they disagree about": quality.disagreements.length,
    page: "comparison.html",
  };
}

/** The rehearsal asks once. */
function inMemory() {
  return { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
}
