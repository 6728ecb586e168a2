import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { CreateModelPackageCommand, SageMakerClient, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { ObjectStore, parseS3Uri } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { ReleaseRejected } from "../../automation/errors";
import { decideAbout } from "../../automation/release/approve";
import { releasesOf } from "../../automation/release/history";
import { promote } from "../../automation/release/promote";
import { requestRelease } from "../../automation/release/request";
import { rollback } from "../../automation/release/rollback";
import type { ReleaseReporter } from "../../automation/release/rollout/rollout";
import { status } from "../../automation/release/status";
import type { Environment } from "../../automation/stack/environment";
import { releaseBefore } from "../../lifecycle/release-request";
import { addFault, clearFaults } from "../commands/local-fault";
import { sideBySide } from "./side-by-side";
import { failedBuild, releaseByApproval, requestedBuild, served } from "./delivery";
import type { Rehearsal, Tell } from "./steps";
import type { Facts } from "./summary";
import { Traffic } from "../traffic";

const run = promisify(execFile);
const goldenImages = 5;
export const requestsPerSecond = 20;

function reporter(tell: Tell): ReleaseReporter {
  return {
    stage: (environment, what) => tell(`${environment}: ${what}`),
    progress: (environment, { done }) => tell(`${environment}: ${done} resources`),
  };
}

/** The approval's own release, under traffic: while the canary stands and the fleets change, no request may fail. */
export async function releaseUnderTraffic(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { facts, traffic } = await underTraffic(rehearsal, () => releaseByApproval(rehearsal, tell));
  return { ...facts, sent: traffic.sent, failed: traffic.failed };
}

/** Prod goes back to the release before, under traffic, as an ML engineer of production asks: by the release path, since nobody changes production by hand. */
async function rollBackOnRequest(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const { facts, traffic } = await underTraffic(rehearsal, async () => {
    const served = await packageServed(prod);
    await requestRelease({ ...prod.session, profile: "ml-engineer-prod" }, "prod", { action: "rollback" });
    const seconds = await requestedBuild(rehearsal, (variable) => variable("ROLLBACK_TO") === releaseBefore, tell);
    const before = await packageServed(prod);
    if (before === served) throw new Error(`prod still serves ${served} after a rollback`);
    return { back: version(before), backSeconds: seconds };
  });
  return { ...facts, sent: traffic.sent, failed: traffic.failed };
}

/** Staging gets the package that production went back to, as an ML engineer of staging asks. */
async function releaseOnRequest(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { staging, prod } = rehearsal.environments;
  const modelPackageArn = await packageServed(prod);
  if ((await packageServed(staging)) === modelPackageArn)
    throw new Error(`staging serves ${modelPackageArn} already: nothing would be released`);
  await requestRelease({ ...staging.session, profile: "ml-engineer-staging" }, "staging", {
    action: "release",
    modelPackageArn,
  });
  const seconds = await requestedBuild(
    rehearsal,
    (variable) => variable("REQUESTED_BY") !== "" && variable("MODEL_PACKAGE_ARN") === modelPackageArn,
    tell,
  );
  return {
    staging: await served(staging, modelPackageArn),
    package: version(modelPackageArn),
    releaseSeconds: seconds,
  };
}

/** A package as people name it, from its ARN. */
function version(packageArn: string): string {
  return packageArn.split("/").slice(1).join("/");
}

/** ARN of the package that an environment serves. @throws when it does not serve what it should. */
async function packageServed(environment: Environment): Promise<string> {
  const { desired, converged } = await status(environment);
  if (!desired || !converged) throw new Error(`${environment.name} does not serve what it should`);
  return desired.modelPackageArn;
}

/** Two bad releases, each in its environment. */
export async function stopBadReleases(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const [blind, failing] = await sideBySide(tell, {
    staging: (telling) => stopBlindModel(rehearsal, telling),
    prod: (telling) => stopFailingRelease(rehearsal, telling),
  });
  const named = (name: string, facts: Facts) =>
    Object.entries(facts).map(([fact, value]) => [`${name} ${fact}`, value] as const);
  return Object.fromEntries([...named("blind", blind!), ...named("failing", failing!)]);
}

/** A model that was evaluated well and finds nothing once it serves: our tests stop it in staging, production never sees it. */
async function stopBlindModel(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { staging, prod } = rehearsal.environments;
  tell("registering a model that answers nothing, with another model's evaluation");
  const before = await liveConfig(prod);
  const blind = await registerVariant(rehearsal, "blind", 0.9999);
  const build = await failedBuild({ ...rehearsal, packageArn: blind }, tell);
  const reason = await assertRestored(staging, blind);
  if ((await liveConfig(prod)) !== before) throw new Error("production was touched");
  const seen = reason.split("\n").find((line) => /nothing found/.test(line)) ?? reason;
  return {
    build,
    stopped: "in staging",
    by: /detector-(rollout-[a-z]+)/.exec(reason)?.[1] ?? "golden images",
    reason: firstLine(seen),
  };
}

/** A release whose containers answer 500 in production: the canary's alarm takes it back, and we notice. */
async function stopFailingRelease(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const traffic = await startTraffic(rehearsal);
  const watch = new AbortController();
  const planting = plantIntoNewFleet(rehearsal, prod, watch.signal);
  try {
    const reason = await refusedRollback(rehearsal, prod, tell);
    if (!/took the update back by alarm/.test(reason)) throw new Error(`not by alarm: ${reason}`);
    const { sent, failed } = await traffic.stop();
    // These are the requests that a bad release costs: the canary's share, until the alarm.
    if (failed === 0) throw new Error("the canary failed no request: nothing was rehearsed");
    return {
      stopped: "in the canary",
      by: /detector-(rollout-[a-z]+)/.exec(reason)?.[1] ?? "alarm",
      requestsUnderFault: sent,
      failedInCanary: failed,
    };
  } finally {
    watch.abort();
    await planting.catch(() => undefined);
    await clearFaults([], rehearsal.stateDir);
    await traffic.stop();
  }
}

/** ML engineers' requests are carried out: a rollback in production, then a release to staging. During the first SageMaker takes back an update of staging. */
export async function askAndNotice(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const [back, noticed] = await sideBySide(tell, {
    prod: (telling) => rollBackOnRequest(rehearsal, telling),
    staging: (telling) => noticeSilentRevert(rehearsal, telling),
  });
  return { ...noticed, ...back, ...(await releaseOnRequest(rehearsal, tell)) };
}

/** SageMaker takes an update back and says nothing: the engine reports success, the configuration's name tells. */
async function noticeSilentRevert(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { staging } = rehearsal.environments;
  const before = await liveConfig(staging);
  await addFault(
    { kind: "silent-revert", endpoint: (await staging.outputs()).endpointName!, after: "start" },
    rehearsal.stateDir,
  );
  const noticed = firstLine(await refusedRollback(rehearsal, staging, tell));
  if ((await liveConfig(staging)) !== before) throw new Error("the live configuration is another one");
  return { noticed };
}

/** Goes back to the release before, which must fail and leave the present one live. @returns why it failed. */
async function refusedRollback(rehearsal: Rehearsal, environment: Environment, tell: Tell): Promise<string> {
  const { dev } = rehearsal.environments;
  const failing = rehearsal.models[0]!.package;
  try {
    await rollback(environment, dev, undefined, goldenImages, reporter(tell));
  } catch (error) {
    if (!(error instanceof ReleaseRejected)) throw error;
    await assertRestored(environment, failing);
    return error.message;
  }
  throw new Error("the release went through");
}

/** Breaks the fleet of the next update as soon as SageMaker begins it: until then nobody knows its configuration's name. */
async function plantIntoNewFleet(rehearsal: Rehearsal, prod: Environment, signal: AbortSignal): Promise<void> {
  const sagemaker = new SageMaker(prod.session);
  const { endpointName } = await prod.outputs();
  while (!signal.aborted) {
    const pending = (await sagemaker.describeEndpoint(endpointName!))?.PendingDeploymentSummary?.EndpointConfigName;
    if (pending)
      return void (await addFault(
        { kind: "error", endpoint: endpointName!, config: pending, status: 500 },
        rehearsal.stateDir,
      ));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The newest package's network in an archive of its own, registered and approved. @param confidence least that a detection must have to be answered. */
async function registerVariant(rehearsal: Rehearsal, name: string, confidence: number): Promise<string> {
  const { session } = rehearsal.environments.dev;
  const { artifactsBucket, modelPackageGroup } = await rehearsal.environments.dev.outputs();
  const store = new ObjectStore(session);
  const described = await new SageMaker(session).describeModelPackage(rehearsal.packageArn);
  const container = described.InferenceSpecification!.Containers![0]!;
  const archive = await withThresholds((await store.get(parseS3Uri(container.ModelDataUrl!)))!, confidence);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const original = JSON.parse(
    (await store.get(parseS3Uri(described.ModelMetrics!.ModelQuality!.Statistics!.S3Uri!)))!.toString("utf8"),
  ) as Evaluation;
  const folder = `runs/${name}`;
  await store.put({ bucket: artifactsBucket, key: `${folder}/model.tar.gz` }, archive, "application/gzip");
  await store.put(
    { bucket: artifactsBucket, key: `${folder}/evaluation.json` },
    JSON.stringify(asEvaluated(original, sha256)),
    "application/json",
  );
  const { ModelPackageArn } = await new SageMakerClient(session).send(
    new CreateModelPackageCommand({
      ModelPackageGroupName: modelPackageGroup,
      ModelApprovalStatus: "PendingManualApproval",
      InferenceSpecification: {
        ...described.InferenceSpecification!,
        Containers: [{ Image: container.Image, ModelDataUrl: `s3://${artifactsBucket}/${folder}/model.tar.gz` }],
      },
      ModelMetrics: {
        ModelQuality: {
          Statistics: { ContentType: "application/json", S3Uri: `s3://${artifactsBucket}/${folder}/evaluation.json` },
        },
      },
      CustomerMetadataProperties: { ...described.CustomerMetadataProperties, modelSha256: sha256 },
    }),
  );
  const { dev } = rehearsal.environments;
  await decideAbout(
    { ...session, profile: "approver" },
    await dev.outputs(),
    ModelPackageArn!,
    { verdict: "Approved", why: "rehearsal" },
    () => undefined,
  );
  return ModelPackageArn!;
}

/**
 * An administrator edits the package that production serves, after its approval: no other role could. The gate refuses to release it once
 * more, the ledger knows who decided and who touched, and production serves what was approved.
 */
export async function refuseEdited(rehearsal: Rehearsal, tell: Tell): Promise<Facts> {
  const { dev, prod } = rehearsal.environments;
  const packageArn = await packageServed(prod);
  await new SageMakerClient(dev.session).send(
    new UpdateModelPackageCommand({
      ModelPackageArn: packageArn,
      CustomerMetadataProperties: { note: "edited after the approval" },
    }),
  );
  const error = await promote(dev, [prod], packageArn, { minMap50: 0, goldenImages }, reporter(tell)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (
    !(error instanceof ReleaseRejected) ||
    !/edited after approval by .*: CustomerMetadataProperties/.test(error.message)
  )
    throw error ?? new Error(`the gate let ${packageArn} through, which was edited after its approval`);
  const record = (await releasesOf(prod)).at(-1)!;
  if (record.outcome !== "rejected" || !record.decision || !record.touchedBy)
    throw new Error(`the ledger does not tell that ${packageArn} was refused: ${JSON.stringify(record)}`);
  return {
    decidedBy: record.decision.person,
    touchedBy: record.touchedBy.arn.split(":").at(-1)!,
    stillServed: (await packageServed(prod)) === packageArn ? "yes" : "no",
  };
}

interface Evaluation {
  readonly detection_metrics: {
    readonly map50: object;
    readonly slices: object;
    readonly latency_ms: object;
    readonly model_bytes: number;
  };
  readonly model: { readonly archive_sha256: string };
}

/** The evaluation that the variant would have got beside the model it was made from: the same network scores the same. */
function asEvaluated(original: Evaluation, sha256: string): object {
  const { map50, slices, latency_ms, model_bytes } = original.detection_metrics;
  const comparison = {
    champion: true,
    champion_map50: map50,
    champion_slices: slices,
    champion_latency_ms: latency_ms,
    champion_model_bytes: model_bytes,
    map50_gain: { value: 0 },
    map50_gain_ci95: [0, 0],
  };
  return {
    ...original,
    comparison,
    model: { ...original.model, archive_sha256: sha256 },
    champion_model: { archive_sha256: original.model.archive_sha256 },
  };
}

async function withThresholds(archive: Buffer, confidence: number): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "peregrine-variant-"));
  try {
    await writeFile(join(folder, "in.tar.gz"), archive);
    await run("tar", ["-xzf", "in.tar.gz"], { cwd: folder });
    const model = JSON.parse(await readFile(join(folder, "model.json"), "utf8")) as { thresholds: object };
    await writeFile(
      join(folder, "model.json"),
      JSON.stringify({ ...model, thresholds: { ...model.thresholds, confidence } }),
    );
    await run("tar", ["-czf", "out.tar.gz", "model.onnx", "model.json"], { cwd: folder });
    return await readFile(join(folder, "out.tar.gz"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Traffic on production, with the held-out tiles. */
export async function startTraffic(rehearsal: Rehearsal): Promise<Traffic> {
  const { prod } = rehearsal.environments;
  const traffic = new Traffic(prod.session, (await prod.outputs()).endpointName!, rehearsal.tiles);
  traffic.start(requestsPerSecond);
  return traffic;
}

/** Runs an action under traffic of which no request may fail. */
async function underTraffic(
  rehearsal: Rehearsal,
  action: () => Promise<Facts>,
): Promise<{ facts: Facts; traffic: { sent: number; failed: number } }> {
  const traffic = await startTraffic(rehearsal);
  let facts: Facts;
  try {
    facts = await action();
  } finally {
    const { sent, failed, failures } = await traffic.stop();
    rehearsal.requests = { sent: rehearsal.requests.sent + sent, failed: rehearsal.requests.failed + failed };
    if (failed > 0) throw new Error(`${failed} of ${sent} requests failed: ${failures.join("; ")}`);
  }
  return { facts, traffic: await traffic.stop() };
}

/** @returns the reason that the ledger gives. */
async function assertRestored(environment: Environment, failedPackage: string): Promise<string> {
  const now = await status(environment);
  const [record] = (await releasesOf(environment)).slice(-1);
  const problems = [
    ...(now.converged && now.endpoint?.status === "InService" ? [] : ["the environment is not what is desired"]),
    ...(now.desired?.modelPackageArn === failedPackage ? ["the failed package is still desired"] : []),
    ...(record?.modelPackageArn === failedPackage && record.outcome === "rolled-back"
      ? []
      : [`the ledger's last record is ${record?.outcome} of ${record?.modelPackageArn}`]),
  ];
  if (problems.length > 0) throw new Error(`${environment.name} after a failed release: ${problems.join("; ")}`);
  return record!.reasons.join("; ");
}

async function liveConfig(environment: Environment): Promise<string | undefined> {
  return (await new SageMaker(environment.session).describeEndpoint((await environment.outputs()).endpointName!))
    ?.EndpointConfigName;
}

function firstLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(0, 2)
    .join(" ")
    .slice(0, 400);
}
