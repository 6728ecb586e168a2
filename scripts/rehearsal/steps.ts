import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { championVariant } from "../../contract/variants";
import { prefixes } from "../../contract/places";
import { SageMaker } from "../../aws/sagemaker";
import { ObjectStore } from "../../aws/s3";
import { Metrics } from "../../aws/cloudwatch";
import { SageMakerRuntime } from "../../aws/sagemaker-runtime";
import { callerIdentity } from "../../aws/sts";
import { decideAbout } from "../../automation/release/approve";
import { priceState } from "../../automation/check/cost";
import type { GoldenImage } from "../../automation/release/golden/golden";
import { goldenImages } from "../../automation/release/golden/set";
import { teardown } from "../../automation/teardown/teardown";
import { deleteKeptAudit } from "../../automation/teardown/kept-audit";
import { runTraining } from "../../automation/release/train";
import { type Environment } from "../../automation/stack/environment";
import { type EnvironmentName, environments } from "../../contract/environments";
import { priceText } from "../../insight/cost";
import { assumptions } from "../../pricing/assumptions";
import { priceTable } from "../../pricing/table";
import { prepareAccount } from "../account";
import { datasetBucket, datasetPrefix, seedDataset, seedWeights } from "../dataset";
import { openEnvironment } from "../project";
import { served } from "./delivery";
import type { Facts, Sample } from "./summary";
import { requestsPerSecond, startTraffic } from "./releases";

const trafficSeconds = 4;

/** What the steps hand on to one another. */
export interface Rehearsal {
  readonly reportDir: string;
  environments: Record<EnvironmentName, Environment>;
  packageArn: string;
  /** Prefix of the training run's prepared data set in dev's artifacts bucket. */
  datasetRun: string;
  map50: number;
  firstKey: string;
  /** All models that were trained, oldest first. */
  models: { package: string; map50: number }[];
  /** Held-out tiles, which traffic sends. */
  tiles: readonly GoldenImage[];
  /** Of the local cloud. */
  readonly stateDir: string;
  requests: { sent: number; failed: number };
  samples: Sample[];
  leftovers: number;
}

/** Says what a step is doing right now. */
export type Tell = (text: string) => void;

export async function environmentsUp(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const opened = await Promise.all(environments.map(openEnvironment));
  rehearsal.environments = Object.fromEntries(opened.map((one) => [one.name, one])) as Record<
    EnvironmentName,
    Environment
  >;
  const counts = new Map<string, number>();
  const logs = await Promise.all(
    opened.map((environment) =>
      environment.up(({ done }) => {
        counts.set(environment.name, done);
        tell([...counts].map(([name, count]) => `${name} ${count}`).join(", ") + " resources");
      }),
    ),
  );
  return Object.fromEntries(
    opened.map((environment, index) => [environment.name, `${logs[index]!.changes["create"] ?? 0} resources`]),
  );
}

/** What the account has to have: real images, the weights that training starts from, and the role by which endpoints are scaled. */
export async function seedData(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { dev } = rehearsal.environments;
  await prepareAccount(dev.session);
  const { objects, bytes } = await seedDataset(dev.session, join(rehearsal.reportDir, "..", "dataset"), tell);
  rehearsal.firstKey = (await new ObjectStore(dev.session).list(datasetBucket, datasetPrefix)).find(({ key }) =>
    /\.(jpe?g|png)$/i.test(key),
  )!.key;
  await seedWeights(dev.session, (await dev.outputs()).artifactsBucket);
  return { objects, megabytes: Number((bytes / 1e6).toFixed(1)) };
}

/** The pipeline as an ML engineer starts it: profile, prepare, train, evaluate, register, try in staging. @throws when staging does not serve the candidate at the end. */
export async function trainModel(rehearsal: Rehearsal, epochs: number, tell: Tell): Promise<Facts> {
  const { dev } = rehearsal.environments;
  const { pipelineName } = await dev.outputs();
  const session = { ...dev.session, profile: "ml-engineer" };
  const running = await runTraining(
    session,
    pipelineName,
    { Epochs: String(epochs) },
    `rehearsal-${process.pid}-${Date.now()}-${"0".repeat(16)}`,
    (steps) => tell(steps.map(({ name, status }) => `${name} ${status.toLowerCase()}`).join(", ")),
  );
  if (!running.packageArn)
    throw new Error("the pipeline succeeded without registering a model: the candidate did not meet the quality bar");
  rehearsal.packageArn = running.packageArn;
  const staging = await served(rehearsal.environments.staging, running.packageArn);
  rehearsal.datasetRun = `${prefixes.runs}${running.executionArn.split("/").at(-1)}/dataset/`;
  const described = await new SageMaker(session).describeModelPackage(running.packageArn);
  rehearsal.map50 = Number(described.CustomerMetadataProperties?.["map50"]);
  rehearsal.models.push({ package: running.packageArn, map50: rehearsal.map50 });
  await fetchTiles(rehearsal);
  const gain = described.CustomerMetadataProperties?.["map50Gain"];
  const compared: Facts =
    rehearsal.models.length > 1 && gain !== undefined ? { gainOverChampion: Number(Number(gain).toFixed(3)) } : {};
  return {
    package: running.packageArn.split("/").slice(-2).join("/"),
    epochs,
    map50: Number(rehearsal.map50.toFixed(3)),
    ...compared,
    steps: running.steps.length,
    staging,
    trial: running.trial!["summary"]!,
  };
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
    rehearsal.packageArn,
    { verdict: "Approved", why: `mAP50 ${rehearsal.map50.toFixed(3)} on the held-out region` },
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

/** Tiles of the held-out flights: what a drone sends, and never seen in training. */
async function fetchTiles(rehearsal: Rehearsal): Promise<void> {
  const { artifactsBucket } = await rehearsal.environments.dev.outputs();
  rehearsal.tiles = await goldenImages(
    rehearsal.environments.prod.session,
    { bucket: artifactsBucket, prefix: rehearsal.datasetRun, goldenPrefix: `${rehearsal.datasetRun}images/test/` },
    24,
  );
}

/** What the platform saw of the traffic: metrics and captured data. */
export async function seeTraffic(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const outputs = await prod.outputs();
  const start = (await callerIdentity(prod.session)).at;
  const traffic = await startTraffic(rehearsal);
  for (let second = 1; second <= trafficSeconds; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    tell(`${second} of ${trafficSeconds} s at ${requestsPerSecond} requests a second`);
  }
  const result = await traffic.stop();
  rehearsal.requests = {
    sent: rehearsal.requests.sent + result.sent,
    failed: rehearsal.requests.failed + result.failed,
  };
  if (result.failed > 0)
    throw new Error(`${result.failed} of ${result.sent} requests failed: ${result.failures.join("; ")}`);
  tell("waiting for metrics and captured data");
  const invocations = await until(
    60,
    () => countInvocations(prod, outputs.endpointName, start),
    (count) => count >= result.sent,
  );
  const captured = await until(
    60,
    () => countCaptured(prod, outputs.artifactsBucket),
    (count) => count > 0,
  );
  rehearsal.samples = await drawSamples(
    prod,
    outputs.endpointName,
    await goldenImages(prod.session, { bucket: datasetBucket, prefix: datasetPrefix }, 6),
  );
  return {
    sent: result.sent,
    failed: result.failed,
    p50: `${result.p50Ms.toFixed(0)} ms`,
    p99: `${result.p99Ms.toFixed(0)} ms`,
    invocations,
    captureFiles: captured,
  };
}

async function countInvocations(prod: Environment, endpoint: string, start: Date): Promise<number> {
  const { at } = await callerIdentity(prod.session);
  const query = {
    namespace: "AWS/SageMaker",
    name: "Invocations",
    dimensions: { EndpointName: endpoint, VariantName: championVariant },
    statistic: "Sum",
    periodSeconds: 60,
  };
  const floor = new Date(Math.floor(start.getTime() / 60_000) * 60_000);
  const values = await new Metrics(prod.session).values(query, floor, new Date(at.getTime() + 60_000));
  return values.reduce((sum, value) => sum + value, 0);
}

async function countCaptured(prod: Environment, bucket: string): Promise<number> {
  return (await new ObjectStore(prod.session).list(bucket, prefixes.capture)).filter(({ key }) =>
    key.endsWith(".jsonl"),
  ).length;
}

/** Asks until the answer is good; metrics and capture arrive when the service delivers them. @throws after `seconds`. */
async function until<T>(seconds: number, ask: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (good(value)) return value;
    if (Date.now() > deadline) throw new Error(`not seen within ${seconds} s; last value: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function drawSamples(
  prod: Environment,
  endpoint: string,
  images: readonly { key: string; contentType: string; body: Buffer }[],
): Promise<Sample[]> {
  const runtime = new SageMakerRuntime(prod.session);
  return Promise.all(
    images.map(async ({ key, contentType: type, body }) => {
      const answer = JSON.parse((await runtime.invoke(endpoint, body, type)).body.toString("utf8")) as {
        image: { w: number; h: number };
        detections: Sample["detections"];
      };
      return {
        name: key.split("/").slice(-2).join("/"),
        contentType: type,
        body,
        width: answer.image.w,
        height: answer.image.h,
        detections: answer.detections,
      };
    }),
  );
}

export async function tearDown(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const stages = new Map<string, string>();
  const report = (environment: string, text: string) => {
    stages.set(environment, text);
    tell([...stages].map(([name, what]) => `${name}: ${what}`).join("; "));
  };
  const done = await Promise.all(
    environments.toReversed().map((name) =>
      teardown(rehearsal.environments[name], {
        stage: report,
        progress: (environment, { done: count }) => report(environment, `${count} resources`),
      }),
    ),
  );
  const tagged = done.flatMap((one) => one.leftovers);
  rehearsal.leftovers = tagged.length;
  if (tagged.length > 0) throw new Error(`left behind: ${tagged.join(", ")}`);
  // What the settings keep on purpose goes last, and on purpose.
  const kept = done.flatMap((one) => one.kept);
  for (const { environment } of done.filter((one) => one.kept.length > 0))
    await deleteKeptAudit(rehearsal.environments[environment as EnvironmentName].session, environment);
  return {
    auditKept: kept.length,
    resourcesDeleted: done.reduce((sum, one) => sum + one.resourcesDeleted, 0),
    objectsDeleted: done.reduce((sum, one) => sum + one.objectsDeleted, 0),
    tagged: 0,
  };
}
