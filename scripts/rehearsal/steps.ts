import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { evaluationName, prefixes } from "../../contract/places";
import { SageMaker } from "../../aws/sagemaker";
import { ObjectStore } from "../../aws/s3";
import { decideAbout } from "../../automation/release/approve";
import { priceState } from "../../automation/check/cost";
import { goldenImages } from "../../automation/release/golden/set";
import { type Teardown, teardown } from "../../automation/teardown/teardown";
import { deleteKeptAudit } from "../../automation/teardown/kept-audit";
import { followTraining, runTraining, type TrainingRun } from "../../automation/release/train";
import { type Environment } from "../../automation/stack/environment";
import { type EnvironmentName, environments } from "../../contract/environments";
import { priceText } from "../../insight/cost";
import { assumptions } from "../../pricing/assumptions";
import { priceTable } from "../../pricing/table";
import { prepareAccount } from "../account";
import { seedDataset, seedWeights } from "../dataset";
import { openEnvironment, projectDir } from "../project";
import { served } from "./delivery";
import type { AwsSession } from "../../aws/session";
import type { OnProgress, Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

/** As many tiles as traffic sends in turn. */
const heldOutTiles = 24;

export async function environmentsUp(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const opened = await Promise.all(environments.map(openEnvironment));
  rehearsal.environments = Object.fromEntries(opened.map((one) => [one.name, one])) as Record<
    EnvironmentName,
    Environment
  >;
  const counts = new Map<string, number>();
  // The engine would write the state before and after each resource, which is most of what these updates cost. A
  // rehearsal that is killed meanwhile begins with a new cloud and a new state.
  process.env["PULUMI_SKIP_CHECKPOINTS"] = "true";
  const logs = await Promise.all(
    opened.map((environment) =>
      environment.up(({ done }) => {
        counts.set(environment.name, done);
        onProgress([...counts].map(([name, count]) => `${name} ${count}`).join(", ") + " resources");
      }),
    ),
  ).finally(() => delete process.env["PULUMI_SKIP_CHECKPOINTS"]);
  return Object.fromEntries(
    opened.map((environment, index) => [environment.name, `${logs[index]!.changes["create"] ?? 0} resources`]),
  );
}

/**
 * What the account has to have: real images, the weights that training starts from, and the role by which endpoints are
 * scaled.
 */
export async function seedData(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { dev } = rehearsal.environments;
  await prepareAccount(dev.session);
  const { objects, bytes } = await seedDataset(dev, join(rehearsal.reportDir, "..", "dataset"), onProgress);
  await seedWeights(dev.session, (await dev.outputs()).artifactsBucket);
  return { objects, megabytes: Number((bytes / 1e6).toFixed(1)) };
}

/**
 * The pipeline as an ML engineer starts it: profile, prepare, train, evaluate, register, try in staging.
 * @throws when staging does not serve the candidate at the end.
 */
export async function trainModel(
  rehearsal: Rehearsal,
  parameters: Readonly<Record<string, string>>,
  onProgress: OnProgress,
): Promise<Facts> {
  const { dev } = rehearsal.environments;
  const { pipelineName } = await dev.outputs();
  const run = await runTraining(
    engineer(rehearsal),
    pipelineName,
    parameters,
    `rehearsal-${process.pid}-${Date.now()}-${"0".repeat(16)}`,
    (steps) => onProgress(stepsText(steps)),
  );
  return keepModel(rehearsal, run);
}

/** The pipeline as something else started it. @throws when staging does not serve the candidate at the end. */
export async function followModel(rehearsal: Rehearsal, executionArn: string, onProgress: OnProgress): Promise<Facts> {
  const run = await followTraining(engineer(rehearsal), executionArn, (steps) => onProgress(stepsText(steps)));
  return keepModel(rehearsal, run);
}

/** Dev as an ML engineer sees it. */
export function engineer({ environments: { dev } }: Rehearsal): AwsSession {
  return { ...dev.session, profile: "ml-engineer" };
}

export function stepsText(steps: TrainingRun["steps"]): string {
  return steps.map(({ name, status }) => `${name} ${status.toLowerCase()}`).join(", ");
}

/** Remembers what an execution registered and tried. */
async function keepModel(rehearsal: Rehearsal, running: TrainingRun): Promise<Facts> {
  const session = engineer(rehearsal);
  if (!running.packageArn)
    throw new Error("the pipeline succeeded without registering a model: the candidate did not meet the quality bar");
  const staging = await served(rehearsal.environments.staging, running.packageArn);
  const described = await new SageMaker(session).describeModelPackage(running.packageArn);
  const map50 = Number(described.CustomerMetadataProperties?.["map50"]);
  rehearsal.models.push({ package: running.packageArn, map50 });
  await fetchTiles(rehearsal, `${prefixes.runs}${running.executionArn.split("/").at(-1)}/dataset/`);
  const gain = described.CustomerMetadataProperties?.["map50Gain"];
  const compared: Facts =
    rehearsal.models.length > 1 && gain !== undefined ? { gainOverChampion: Number(Number(gain).toFixed(3)) } : {};
  return {
    package: running.packageArn.split("/").slice(-2).join("/"),
    map50: Number(map50.toFixed(3)),
    ...compared,
    steps: running.steps.length,
    staging,
    trial: running.trial!["summary"]!,
    reason: described.CustomerMetadataProperties?.["runReason"] ?? "",
  };
}

/** What `evaluate` says of a slice. */
const slices = z.object({ light: z.record(z.string(), z.object({ map50: z.object({ value: z.number() }) })) });
export type Slices = z.infer<typeof slices>;
const evaluationShape = z.object({
  detection_metrics: z.object({ slices }),
  comparison: z.object({ champion_slices: slices }),
});

/** What a run's `evaluate` wrote, as far as slices are concerned. */
export async function evaluationOf(
  environment: Environment,
  bucket: string,
  executionArn: string,
): Promise<z.infer<typeof evaluationShape>> {
  const store = new ObjectStore(environment.session);
  const run = `${prefixes.runs}${executionArn.split("/").at(-1)}/`;
  const found = (await store.list(bucket, run)).find(({ key }) => key.endsWith(`/${evaluationName}`));
  if (!found) throw new Error(`no ${evaluationName} in s3://${bucket}/${run}`);
  return evaluationShape.parse(JSON.parse((await store.get({ bucket, key: found.key }))!.toString("utf8")));
}

/** Brings the profile page of the training data to the laptop. */
export async function fetchProfile(rehearsal: Rehearsal): Promise<Facts> {
  const { dev } = rehearsal.environments;
  const { artifactsBucket } = await dev.outputs();
  const store = new ObjectStore(dev.session);
  const page = (await store.list(artifactsBucket, "")).find(({ key }) => key.endsWith("/profile.html"));
  if (!page) throw new Error(`the pipeline left no profile.html in s3://${artifactsBucket}`);
  await mkdir(rehearsal.reportDir, { recursive: true });
  await writeFile(
    join(rehearsal.reportDir, "profile.html"),
    (await store.get({ bucket: artifactsBucket, key: page.key }))!,
  );
  const data = JSON.parse(
    (await store.get({ bucket: artifactsBucket, key: page.key.replace(/\.html$/, ".json") }))!.toString("utf8"),
  ) as { images?: number; boxes?: number };
  return {
    page: "profile.html",
    kilobytes: Math.round(page.bytes / 1024),
    ...(typeof data.images === "number" ? { images: data.images } : {}),
    ...(typeof data.boxes === "number" ? { boxes: data.boxes } : {}),
  };
}

/** Approval is the approver's alone: a signed decision about what is there now. */
export async function approve(rehearsal: Rehearsal): Promise<Facts> {
  const session = { ...rehearsal.environments.dev.session, profile: "approver" };
  const { decision, key } = await decideAbout(
    session,
    await rehearsal.environments.dev.outputs(),
    rehearsal.newest.package,
    { verdict: "Approved", why: `mAP50 ${rehearsal.newest.map50.toFixed(3)} on the held-out region` },
    () => undefined,
  );
  return { by: decision.by.split(":").at(-1)!, signed: key.split("/").at(-1)! };
}

/** What production costs a month on AWS with the release in it. From the state, which takes no preview. */
export async function priceProduction({ environments: { prod }, reportDir }: Rehearsal): Promise<Facts> {
  prod.invalidateState();
  const shown = await priceState(prod, assumptions());
  await mkdir(reportDir, { recursive: true });
  await writeFile(join(reportDir, "price.txt"), priceText(shown, priceTable));
  const dollars = (usd: number) => Number(usd.toFixed(2));
  const endpoint = shown.price.resources
    .filter(({ type }) => type === "aws:sagemaker/endpoint:Endpoint")
    .reduce((sum, { monthlyUsd }) => sum + monthlyUsd, 0);
  if (endpoint === 0) throw new Error("production has a release, but its endpoint has no price");
  return {
    monthlyUsd: dollars(shown.price.monthlyUsd),
    atMostUsd: dollars(shown.price.atMostUsd),
    endpointUsd: dollars(endpoint),
    page: "price.txt",
  };
}

/**
 * Tiles of the held-out flights: what a drone sends, and never seen in training.
 * @param datasetRun prefix of the training run's prepared data set in dev's artifacts bucket.
 */
async function fetchTiles(rehearsal: Rehearsal, datasetRun: string): Promise<void> {
  const { dev, prod } = rehearsal.environments;
  const { artifactsBucket } = await dev.outputs();
  const tiles = (folder: string) =>
    goldenImages(
      prod.session,
      { bucket: artifactsBucket, prefix: datasetRun, goldenPrefix: `${datasetRun}images/${folder}/` },
      heldOutTiles,
    );
  [rehearsal.tiles, rehearsal.foggyTiles, rehearsal.nightTiles] = await Promise.all([
    tiles("test"),
    tiles("slices/fog"),
    tiles("slices/night"),
  ]);
}

export async function tearDown(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const stages = new Map<string, string>();
  const report = (environment: string, text: string) => {
    stages.set(environment, text);
    onProgress([...stages].map(([name, what]) => `${name}: ${what}`).join("; "));
  };
  const folder = join(rehearsal.reportDir, "kept");
  const registry = rehearsal.environments.dev;
  const one = (target: Environment, kept: () => void): Promise<Teardown> =>
    teardown(
      target,
      {
        stage: report,
        progress: (environment, { done: count }) => report(environment, `${count} resources`),
        kept,
      },
      { keep: { folder, dossiers: { registry, targets: [target], projectDir } } },
    );
  // The registry's environment last: dossiers are made of what it holds.
  const others = environments
    .filter((name) => name !== registry.name)
    .map((name) => {
      let ended!: Promise<Teardown>;
      const kept = new Promise<void>((resolve, reject) => {
        ended = one(rehearsal.environments[name], resolve);
        ended.then(() => resolve(), reject);
      });
      return { kept, ended };
    });
  await Promise.all(others.map(({ kept }) => kept));
  const done = await Promise.all([one(registry, () => undefined), ...others.map(({ ended }) => ended)]);
  const records = done.flatMap((each) => each.records ?? []);
  const tagged = done.flatMap((one) => one.leftovers);
  rehearsal.leftovers = tagged.length;
  if (tagged.length > 0) throw new Error(`left behind: ${tagged.join(", ")}`);
  // What the settings keep on purpose goes last, and on purpose.
  const kept = done.flatMap((one) => one.kept);
  for (const { environment } of done.filter((one) => one.kept.length > 0))
    await deleteKeptAudit(rehearsal.environments[environment as EnvironmentName].session, environment);
  return {
    auditKept: kept.length,
    "entries kept, verified": records.reduce((sum, each) => sum + each.logEntries, 0),
    "dossiers kept": records.reduce((sum, each) => sum + Object.keys(each.dossiers).length, 0),
    resourcesDeleted: done.reduce((sum, one) => sum + one.resourcesDeleted, 0),
    objectsDeleted: done.reduce((sum, one) => sum + one.objectsDeleted, 0),
    tagged: 0,
  };
}
