import { setTimeout as delay } from "node:timers/promises";
import { ObjectStore } from "../../aws/s3";
import { ModelCards } from "../../aws/sagemaker-cards";
import { SageMaker } from "../../aws/sagemaker";
import { ParameterStore } from "../../aws/ssm";
import { callerIdentity } from "../../aws/sts";
import { taggedResources } from "../../aws/tagging";
import type { FileSystem } from "../../aws/efs";
import { type DeletedDomain, freeDomainNetwork, keptHome } from "./domain-network";
import { EnvironmentNotUp, ProviderFailed } from "../errors";
import type { EngineLog, Progress } from "../stack/engine-log";
import { deleteKeptAudit, keptAudit } from "./kept-audit";
import { type DossierPlan, keepDossiers } from "./kept-dossiers";
import { keepRecords, type KeptRecords } from "./kept-records";
import { EnvironmentLock } from "../release/lock";
import { lockKey } from "../../contract/places";
import { endlessLogGroups, type PendingKey, remainsOf } from "./remains";
import { detectorName, environmentTags, logHeadParameter, namePrefix } from "../../contract/names";
import { witnessParameter } from "../../contract/witness";
import { endpointSteady } from "../release/verify-live";
import type { Environment } from "../stack/environment";
import type { StackOutputs } from "../../contract/outputs";

export interface TeardownReporter {
  stage(environment: string, what: string): void;
  progress?(environment: string, progress: Progress): void;
  /** Before anything is deleted; of an environment that has no records, or whose records nobody wants, undefined. */
  kept?(environment: string, records: KeptRecords | undefined): void;
}

export interface Teardown {
  readonly environment: string;
  readonly objectsDeleted: number;
  readonly packagesDeleted: number;
  readonly resourcesDeleted: number;
  /** ARNs of what should be gone: by the tagging API, and by IAM's paths. */
  readonly leftovers: readonly string[];
  /** Keys that wait for their deletion, with its date. */
  readonly pendingKeys: readonly PendingKey[];
  /** SageMaker's own log groups of the account, which keep what jobs wrote without an end. */
  readonly endlessLogGroups: readonly string[];
  /** ARNs of what stays on purpose: the audit bucket and its key. */
  readonly kept: readonly string[];
  /** Ledger, log and dossiers, verified copies; undefined where there were none, or nobody wanted them. */
  readonly records?: KeptRecords;
  /** People's home directories in Studio, where they outlived it (`Retain`, as in prod). */
  readonly keptHome?: FileSystem;
}

export interface TeardownOptions {
  /** Deletes what `peregrine:auditKeep` kept, too. */
  readonly withAudit?: boolean;
  /** Where ledger, log and dossiers are kept; without it they go with the rest. */
  readonly keep?: { readonly folder: string; readonly dossiers: DossierPlan } | undefined;
}

const domainType = "aws:sagemaker/domain:Domain";

/** How often what came behind the teardown's back is put out of the way before it counts as something else's doing. */
const attempts = 3;
/** How long until executions that were told to stop are asked about again. */
const stopPollMs = 1_000;

/**
 * Deletes an environment with everything that releases and pipelines left in it: desired release, model packages,
 * objects with all versions, the stack, and the models and endpoint configurations that updates kept on purpose. Before
 * that it keeps the environment's records, where it is told a place for them. Under the environment's lock until the
 * bucket that holds it goes; from there on the stack's own lock keeps others out. Killed at any point, the same call
 * finishes the job.
 * @throws EnvironmentLocked naming who is at work; UserError when the records do not hold.
 */
export async function teardown(
  environment: Environment,
  report: TeardownReporter,
  { withAudit = false, keep }: TeardownOptions = {},
): Promise<Teardown> {
  const { name, session } = environment;
  const sagemaker = new SageMaker(session);
  environment.invalidateState();
  const up = await environment.exists();
  const outputs = up ? await outputsIfUp(environment) : undefined;
  const done: Deleted = up
    ? await deleteStack(environment, outputs, sagemaker, report, keep)
    : { objectsDeleted: 0, packagesDeleted: 0, resourcesDeleted: 0 };
  // The recorder is told of what a teardown does until it is deleted itself, and notes what it adds.
  const parameters = new ParameterStore(session);
  await parameters.delete(logHeadParameter(name));
  // What another environment remembers of the log is of no use to the log of the next life, which has another key.
  await parameters.delete(witnessParameter(name));
  report.stage(name, "deleting kept models, endpoint configurations and records of jobs");
  let resourcesDeleted = done.resourcesDeleted + (await deleteKept(sagemaker, `${namePrefix(name)}-`));
  const jobs = (await taggedResources(session, environmentTags(name))).filter((arn) =>
    /:(training|processing)-job\//.test(arn),
  );
  for (const arn of jobs) await sagemaker.deleteJob(arn);
  await new ModelCards(session).delete(detectorName(name));
  if (withAudit) {
    report.stage(name, "deleting the audit bucket and its key");
    resourcesDeleted += await deleteKeptAudit(session, name);
  }
  const kept = await keptAudit(session, name);
  const domain = outputs && domainOf(outputs);
  const home = domain && (await keptHome(session, domain));
  report.stage(name, "asking what is left");
  const { left, pendingKeys } = await remainsOf(session, name, home ? [...kept, home.arn] : kept, (what) =>
    report.stage(name, what),
  );
  const endless = await endlessLogGroups(session);
  return {
    environment: name,
    ...done,
    resourcesDeleted,
    leftovers: left,
    pendingKeys,
    endlessLogGroups: endless.map((group) => group.name),
    kept,
    ...(home ? { keptHome: home } : {}),
  };
}

/** Undefined for a stack whose first update did not come to its end. */
async function outputsIfUp(environment: Environment): Promise<StackOutputs | undefined> {
  try {
    return await environment.outputs();
  } catch (error) {
    if (error instanceof EnvironmentNotUp) return undefined;
    throw error;
  }
}

type Deleted = Pick<Teardown, "objectsDeleted" | "packagesDeleted" | "resourcesDeleted" | "records">;

async function deleteStack(
  environment: Environment,
  outputs: StackOutputs | undefined,
  sagemaker: SageMaker,
  report: TeardownReporter,
  keep: TeardownOptions["keep"],
): Promise<Deleted> {
  const { name, session } = environment;
  const store = new ObjectStore(session);
  let lock = outputs && (await takeLock(environment, outputs, store, report));
  try {
    if (lock?.interrupted) await awaitInterrupted(environment, outputs!, sagemaker, report);
    let records: KeptRecords | undefined;
    // Under the lock, so that no release adds to them meanwhile; without the bucket an earlier teardown came so far.
    if (outputs && keep && (await store.bucketExists(outputs.artifactsBucket))) {
      report.stage(name, "keeping ledger, log and dossiers, and verifying the copies");
      records = await keepRecords(environment, outputs, keep.folder, (into) => keepDossiers(keep.dossiers, into));
    }
    report.kept?.(name, records);
    report.stage(name, "deleting model packages and the desired release");
    const packagesDeleted = outputs ? await deleteVersions(sagemaker, outputs) : 0;
    const parameters = new ParameterStore(session);
    if (outputs)
      for (const parameter of [outputs.releaseParameter, outputs.ledgerHeadParameter, outputs.logHeadParameter])
        await parameters.delete(parameter);
    let objectsDeleted = 0;
    for (let attempt = 1; ; attempt += 1) {
      report.stage(
        name,
        attempt === 1
          ? "emptying the artifacts bucket and destroying the stack"
          : "emptying the artifacts bucket and destroying again: data arrived late, or a pipeline had begun to run",
      );
      await stopPipelines(sagemaker, name, report);
      if (outputs) objectsDeleted += await emptyBucket(store, outputs.artifactsBucket, lock);
      lock = undefined;
      try {
        const log = await destroyWithWorkplace(environment, outputs, report);
        return {
          packagesDeleted,
          objectsDeleted,
          resourcesDeleted: log.changes["delete"] ?? 0,
          ...(records ? { records } : {}),
        };
      } catch (error) {
        if (attempt === attempts || !(error instanceof ProviderFailed && cameBehindUs.test(error.message))) throw error;
      }
    }
  } catch (error) {
    // It is unfinished: the same command has to go on here.
    lock?.abandon();
    throw error;
  }
}

/**
 * An endpoint delivers what it captured until it is gone, and the recorder adds what it is told, so the bucket may fill
 * up again. Schedules and events start pipelines until they are gone, and one that runs is not deleted.
 */
const cameBehindUs = /BucketNotEmpty|DeletePipeline\b[^]*ConflictException/;

/** Stops what runs of an environment's pipelines, and waits until it has ended. */
async function stopPipelines(sagemaker: SageMaker, environment: string, report: TeardownReporter): Promise<void> {
  for (const pipeline of await sagemaker.pipelinesNamed(`${namePrefix(environment)}-`))
    for (let running; (running = await sagemaker.stopRuns(pipeline)) > 0; await delay(stopPollMs))
      report.stage(environment, `waiting until ${running} runs of ${pipeline} have stopped`);
}

/**
 * Destroys the stack, and what SageMaker leaves of a Studio domain as soon as the engine has deleted that: the VPC goes
 * after it, and cannot while mount targets and groups are there. (The provider tries again for some minutes to delete
 * one that still has dependants.)
 */
async function destroyWithWorkplace(
  environment: Environment,
  outputs: StackOutputs | undefined,
  report: TeardownReporter,
): Promise<EngineLog> {
  const { name, session } = environment;
  const domain = outputs && domainOf(outputs);
  let cleaned: Promise<unknown> = Promise.resolve();
  const clean = async (): Promise<unknown> =>
    domain && freeDomainNetwork(session, domain, (what) => report.stage(name, what));
  // A teardown that was killed may have deleted the domain already.
  if (domain && !(await environment.resources()).some(({ type }) => type === domainType)) await clean();
  try {
    const log = await environment.destroy((progress) => {
      report.progress?.(name, progress);
      if (!domain || !progress.last.startsWith(`${domainType} `)) return;
      cleaned = clean();
      // Awaited below; a failure meanwhile must not count as unhandled.
      cleaned.catch(() => undefined);
    });
    await cleaned;
    return log;
  } finally {
    await cleaned.catch(() => undefined);
  }
}

function domainOf({
  studioDomainId: domainId,
  studioFileSystemId: fileSystemId,
}: StackOutputs): DeletedDomain | undefined {
  return domainId === undefined ? undefined : { domainId, ...(fileSystemId === undefined ? {} : { fileSystemId }) };
}

/** @returns undefined where the bucket that holds the lock is gone: an earlier teardown came so far. */
async function takeLock(
  { name, session }: Environment,
  { artifactsBucket }: StackOutputs,
  store: ObjectStore,
  report: TeardownReporter,
): Promise<EnvironmentLock | undefined> {
  if (!(await store.bucketExists(artifactsBucket))) return undefined;
  const { arn, at } = await callerIdentity(session);
  return EnvironmentLock.take(
    store,
    artifactsBucket,
    name,
    arn,
    { kind: "teardown", phase: "forward", reasons: [], startedAt: at.toISOString() },
    (what) => report.stage(name, what),
  );
}

/**
 * A release that was killed may have an engine and an update of the endpoint at work still: neither can be deleted
 * meanwhile.
 */
async function awaitInterrupted(
  environment: Environment,
  { endpointName }: StackOutputs,
  sagemaker: SageMaker,
  report: TeardownReporter,
): Promise<void> {
  const onWait = (what: string) => report.stage(environment.name, what);
  onWait("waiting for what an interrupted command began");
  await endpointSteady(sagemaker, endpointName, onWait);
  await environment.recover(onWait, "everything");
}

/** A model package group cannot be deleted while it holds versions. */
async function deleteVersions(sagemaker: SageMaker, outputs: StackOutputs): Promise<number> {
  const packages = await sagemaker.listModelPackages(outputs.modelPackageGroup);
  for (const { arn } of packages) await sagemaker.deleteModelPackage(arn);
  return packages.length;
}

/** Everything but the lock first, which then goes as the last object: a renewal of it would fill the bucket again. */
async function emptyBucket(store: ObjectStore, bucket: string, lock: EnvironmentLock | undefined): Promise<number> {
  if (!(await store.bucketExists(bucket))) return 0;
  const deleted = await store.empty(bucket, lockKey);
  await lock?.release();
  await store.empty(bucket);
  return deleted;
}

/** Endpoint configurations and models carry `retainOnDelete`: a rollback needs them, a teardown does not. */
async function deleteKept(sagemaker: SageMaker, prefix: string): Promise<number> {
  const mine = (names: string[]) => names.filter((name) => name.startsWith(prefix));
  const configs = mine(await sagemaker.listEndpointConfigs(prefix));
  for (const config of configs) await sagemaker.deleteEndpointConfig(config);
  const models = mine(await sagemaker.listModels(prefix));
  for (const model of models) await sagemaker.deleteModel(model);
  return configs.length + models.length;
}
