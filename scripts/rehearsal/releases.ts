import { setTimeout as delay } from "node:timers/promises";
import { SageMakerClient, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { buildVariable } from "../../contract/variables";
import { SageMaker } from "../../aws/sagemaker";
import { ReleaseRejected } from "../../automation/errors";
import { releasesOf } from "../../automation/release/history";
import { promote } from "../../automation/release/promote";
import { requestRelease } from "../../automation/release/request";
import { rollback } from "../../automation/release/rollback";
import { status } from "../../automation/release/status";
import type { Environment } from "../../automation/stack/environment";
import { releaseBefore } from "../../contract/release-request";
import type { Fault } from "../../local/faults/faults";
import { addFault, clearFaults } from "../commands/local-fault";
import { promoted } from "./experiments";
import { goldenImages, reporter } from "./reporter";
import { named, sideBySide } from "./side-by-side";
import { type ApprovedRelease, failedBuild, liveConfig, releaseByApproval, requestedBuild, served } from "./delivery";
import type { OnProgress, Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";
import { crashTraining } from "./crashed-training";
import { startTraffic, underTraffic } from "./traffic";
import { registerVariant } from "./variant";

/** The newest model as the build of its approval releases it. */
export function newestOf({ environments, newest }: Rehearsal): ApprovedRelease {
  return { environments, packageArn: newest.package };
}

/**
 * The approval's own release to production, under traffic: while the canary stands and the fleets change, no request may
 * fail. Staging serves the package since its trial, and may go on to something else.
 */
export async function releaseUnderTraffic(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { packageArn, environments } = newestOf(rehearsal);
  const { dev, prod } = environments;
  const { facts, traffic } = await underTraffic(rehearsal, () =>
    releaseByApproval({ packageArn, environments: { dev, ...(prod && { prod }) } }, onProgress),
  );
  return { ...facts, sent: traffic.sent, failed: traffic.failed };
}

/**
 * Prod goes back to the release before, under traffic, as an ML engineer of production asks: by the release path, since
 * nobody changes production by hand.
 */
async function rollBackOnRequest(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const { facts, traffic } = await underTraffic(rehearsal, async () => {
    const served = await packageServed(prod);
    await requestRelease({ ...prod.session, profile: "ml-engineer-prod" }, "prod", { action: "rollback" });
    const seconds = await requestedBuild(
      rehearsal,
      (variable) => variable(buildVariable.rollbackTo) === releaseBefore,
      onProgress,
    );
    const before = await packageServed(prod);
    if (before === served) throw new Error(`prod still serves ${served} after a rollback`);
    return { back: version(before), backSeconds: seconds };
  });
  return { ...facts, sent: traffic.sent, failed: traffic.failed };
}

/** Staging gets the package that production went back to, as an ML engineer of staging asks. */
async function releaseOnRequest(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
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
    (variable) =>
      variable(buildVariable.requestedBy) !== "" && variable(buildVariable.modelPackageArn) === modelPackageArn,
    onProgress,
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

/**
 * A release that fails in production's canary; meanwhile staging gets the winner of its experiment, then SageMaker takes
 * back an update there in silence, and a training in dev crashes.
 */
export async function failEverywhere(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const [failing, noticed, crashed] = await sideBySide(onProgress, {
    prod: (onProgress) => stopFailingRelease(rehearsal, onProgress),
    staging: async (onProgress) => ({
      ...(await promoted(rehearsal, onProgress)),
      ...(await noticeSilentRevert(rehearsal, onProgress)),
    }),
    dev: (onProgress) => crashTraining(rehearsal, onProgress),
  });
  return { ...named("failing", failing!), ...noticed, ...crashed };
}

/**
 * A model that was evaluated well and finds nothing once it serves: our tests stop it in staging, production never sees
 * it.
 */
export async function stopBlindModel(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { staging, prod } = rehearsal.environments;
  onProgress("registering a model that answers nothing, with another model's evaluation");
  const before = await liveConfig(prod);
  const blind = await registerVariant(rehearsal, "blind", 0.9999);
  const build = await failedBuild({ environments: rehearsal.environments, packageArn: blind }, onProgress);
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
async function stopFailingRelease(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const traffic = await startTraffic(rehearsal);
  const watch = new AbortController();
  const planting = plantIntoNewFleet(rehearsal, prod, watch.signal);
  try {
    const reason = await refusedRollback(rehearsal, prod, onProgress);
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
    const planted = await planting.catch(() => undefined);
    // Its own alone: staging's rehearsal runs beside.
    if (planted) await clearFaults([planted.id], rehearsal.stateDir);
    await traffic.stop();
  }
}

/** ML engineers' requests are carried out: a rollback in production, then a release to staging. */
export async function carryOutRequests(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  return { ...(await rollBackOnRequest(rehearsal, onProgress)), ...(await releaseOnRequest(rehearsal, onProgress)) };
}

/** SageMaker takes an update back and says nothing: the engine reports success, the configuration's name tells. */
async function noticeSilentRevert(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { staging } = rehearsal.environments;
  const before = await liveConfig(staging);
  await addFault(
    { kind: "silent-revert", endpoint: (await staging.outputs()).endpointName, after: "start" },
    rehearsal.stateDir,
  );
  const noticed = firstLine(await refusedRollback(rehearsal, staging, onProgress));
  if ((await liveConfig(staging)) !== before) throw new Error("the live configuration is another one");
  return { noticed };
}

/** Goes back to the release before, which must fail and leave the present one live. @returns why it failed. */
async function refusedRollback(
  rehearsal: Rehearsal,
  environment: Environment,
  onProgress: OnProgress,
): Promise<string> {
  const { dev } = rehearsal.environments;
  const failing = rehearsal.models[0]!.package;
  try {
    await rollback(environment, dev, undefined, goldenImages, reporter(onProgress));
  } catch (error) {
    if (!(error instanceof ReleaseRejected)) throw error;
    await assertRestored(environment, failing);
    return error.message;
  }
  throw new Error("the release went through");
}

/**
 * Breaks the fleet of the next update as soon as SageMaker begins it: until then nobody knows its configuration's name.
 * @returns the fault, or undefined when no update came until the signal.
 */
async function plantIntoNewFleet(
  rehearsal: Rehearsal,
  prod: Environment,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const sagemaker = new SageMaker(prod.session);
  const { endpointName } = await prod.outputs();
  while (!signal.aborted) {
    const pending = (await sagemaker.describeEndpoint(endpointName))?.PendingDeploymentSummary?.EndpointConfigName;
    if (pending)
      return addFault({ kind: "error", endpoint: endpointName, config: pending, status: 500 }, rehearsal.stateDir);
    await delay(50);
  }
  return undefined;
}

/**
 * An administrator edits the package that production serves, after its approval: no other role could. The gate refuses
 * to release it once more, the ledger knows who decided and who touched, and production serves what was approved.
 */
export async function refuseEdited(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { dev, prod } = rehearsal.environments;
  const packageArn = await packageServed(prod);
  await new SageMakerClient(dev.session).send(
    new UpdateModelPackageCommand({
      ModelPackageArn: packageArn,
      CustomerMetadataProperties: { note: "edited after the approval" },
    }),
  );
  const error = await promote(dev, [prod], packageArn, { minMap50: 0, goldenImages }, reporter(onProgress)).then(
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
    throw new Error(`the ledger does not say that ${packageArn} was refused: ${JSON.stringify(record)}`);
  return {
    decidedBy: record.decision.person,
    touchedBy: record.touchedBy.arn.split(":").at(-1)!,
    stillServed: (await packageServed(prod)) === packageArn ? "yes" : "no",
  };
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

function firstLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(0, 2)
    .join(" ")
    .slice(0, 400);
}
