import { ObjectStore } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { ParameterStore } from "../aws/ssm";
import { taggedResources } from "../aws/tagging";
import { ProviderFailed } from "./errors";
import type { Progress } from "./events";
import { deleteKeptAudit, keptAudit } from "./kept-audit";
import type { Environment, EnvironmentOutputs } from "./workspace";

export interface TeardownReporter {
  stage(environment: string, what: string): void;
  progress?(environment: string, progress: Progress): void;
}

export interface Teardown {
  readonly environment: string;
  readonly objectsDeleted: number;
  readonly packagesDeleted: number;
  readonly resourcesDeleted: number;
  /** ARNs that still carry the environment's tags, by the tagging API. */
  readonly leftovers: readonly string[];
  /** ARNs of what stays on purpose: the audit bucket and its key. */
  readonly kept: readonly string[];
}

export interface TeardownOptions {
  /** Deletes what `peregrine:auditKeep` kept, too. */
  readonly withAudit?: boolean;
}

/** How often the bucket is emptied before a late delivery counts as something else that writes into it. */
const lateDeliveries = 3;

/**
 * Deletes an environment with everything that releases and pipelines left in it: desired release, model packages, objects
 * with all versions, the stack, and the models and endpoint configurations that updates kept on purpose. Killed at any
 * point, the same call finishes the job.
 */
export async function teardown(environment: Environment, report: TeardownReporter, { withAudit = false }: TeardownOptions = {}): Promise<Teardown> {
  const { name, session } = environment;
  const sagemaker = new SageMaker(session);
  environment.lookAgain();
  const up = await environment.exists();
  const outputs = up ? await environment.outputs().catch(() => undefined) : undefined;
  let objectsDeleted = 0;
  let packagesDeleted = 0;
  let resourcesDeleted = 0;
  if (outputs) {
    report.stage(name, "deleting model packages and the desired release");
    packagesDeleted = await deleteVersions(sagemaker, outputs);
    await new ParameterStore(session).delete(outputs.releaseParameter);
  }
  if (up) {
    const store = new ObjectStore(session);
    for (let attempt = 1; ; attempt += 1) {
      report.stage(name, attempt === 1 ? "emptying the artifacts bucket and destroying the stack" : "emptying the artifacts bucket again: captured data arrived late");
      if (outputs) objectsDeleted += await emptyBucket(store, outputs.artifactsBucket);
      try {
        const log = await environment.destroy((progress) => report.progress?.(name, progress));
        resourcesDeleted += log.changes["delete"] ?? 0;
        break;
      } catch (error) {
        // An endpoint delivers what it captured until it is gone, so the bucket may fill up again behind us.
        if (attempt === lateDeliveries || !(error instanceof ProviderFailed && error.message.includes("BucketNotEmpty"))) throw error;
      }
    }
  }
  report.stage(name, "deleting kept models, endpoint configurations and records of jobs");
  resourcesDeleted += await deleteKept(sagemaker, `peregrine-${name}-`);
  const tags = { project: "peregrine", environment: name };
  const jobs = (await taggedResources(session, tags)).filter((arn) => /:(training|processing)-job\//.test(arn));
  for (const arn of jobs) await sagemaker.deleteJob(arn);
  if (withAudit) {
    report.stage(name, "deleting the audit bucket and its key");
    resourcesDeleted += await deleteKeptAudit(session, name);
  }
  const kept = await keptAudit(session, name);
  const leftovers = (await taggedResources(session, tags)).filter((arn) => !kept.includes(arn));
  return { environment: name, objectsDeleted, packagesDeleted, resourcesDeleted, leftovers, kept };
}

/** A model package group cannot be deleted while it holds versions. */
async function deleteVersions(sagemaker: SageMaker, outputs: EnvironmentOutputs): Promise<number> {
  const packages = await sagemaker.listModelPackages(outputs.modelPackageGroup);
  for (const { arn } of packages) await sagemaker.deleteModelPackage(arn);
  return packages.length;
}

async function emptyBucket(store: ObjectStore, bucket: string): Promise<number> {
  return (await store.bucketExists(bucket)) ? store.empty(bucket) : 0;
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
