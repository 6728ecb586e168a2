import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { InventoryItem, Service } from "../../service";
import { mlflowOf } from "../mlflow";
import { pipelinesOf } from "./pipelines";
import { createContext, type SageMakerOptions } from "./context";
import { EndpointConfigs } from "./hosting/configs";
import { Deployments } from "./hosting/deployments";
import { Endpoints } from "./hosting/endpoints";
import { Models } from "./hosting/models";
import { offerHosting } from "./hosting/offer";
import { describeEndpoint } from "./hosting/endpoint";
import { EndpointRecords } from "./hosting/records";
import { QuietVariants } from "./hosting/quiet";
import { UsageSampler } from "./hosting/usage";
import { ProcessingJobs } from "./jobs/processing";
import { TrainingJobs } from "./jobs/training";
import { LineageMaking } from "./lineage/making";
import { lineageOperations } from "./lineage/operations";
import { LineageStore } from "./lineage/store";
import { createModelMonitor } from "./monitoring";
import { sagemakerPermissions } from "./permissions";
import { ModelCards } from "./registry/cards";
import { ModelPackageGroups } from "./registry/groups";
import { ModelPackages } from "./registry/packages";
import { searchOperations, searchPermission, type Searchable } from "./search/search";
import { createStudio } from "./studio";
import { tagOperations, Tags } from "./tags";

export type { SageMakerOptions } from "./context";

/**
 * Amazon SageMaker: jobs and endpoints that run as processes, the model registry, Studio's records, and what pipelines
 * and MLflow add.
 * @param options where containers come from and where they find the local cloud.
 */
export function createSageMaker(cloud: Cloud, options: SageMakerOptions): Service {
  const context = createContext(cloud, options);
  const tags = new Tags(cloud);
  const groups: ModelPackageGroups = new ModelPackageGroups(context, tags, (group) =>
    [...packages.packages.values()].some((row) => row.group === group),
  );
  const tracked = new LineageStore(cloud);
  const lineage = new LineageMaking(tracked);
  const packages = new ModelPackages(context, groups, tags, lineage);
  const cards = new ModelCards(cloud, tags);
  const models = new Models(context, packages, tags);
  const configs = new EndpointConfigs(context, models, tags);
  const records = new EndpointRecords(cloud, tags);
  const deployments = new Deployments(context, records);
  const endpoints = new Endpoints(cloud, records, deployments, configs, models, tags);
  const training = new TrainingJobs(context, tags, lineage);
  const processing = new ProcessingJobs(context, tags, lineage);
  const usage = new UsageSampler(cloud, deployments, join(context.folder, "endpoints"));
  const quiet = new QuietVariants(cloud, records);
  const studio = createStudio(cloud, tags);
  const monitor = createModelMonitor(context, records, processing, tags);
  const pipelines = pipelinesOf(cloud);
  const parts = [pipelines, mlflowOf(cloud, options.mlflow)];
  cloud.faults.onAdded(({ definition }) => definition.kind === "crash" && deployments.crash());
  offerHosting(cloud, { context, records, deployments, endpoints });

  /** Tables that hold a resource by the last part of its ARN. */
  const byName: Record<string, { has(name: string): boolean }> = {
    "training-job": training.jobs,
    "processing-job": processing.jobs,
    model: models.models,
    "endpoint-config": configs.configs,
    endpoint: records.endpoints,
    "model-package-group": groups.groups,
    "model-card": cards.cards,
  };
  const exists = (arn: string): boolean => {
    const [, kind = "", name = ""] = /^arn:aws[^:]*:sagemaker:[^:]*:\d*:([^/]+)\/(.+)$/.exec(arn) ?? [];
    return (
      byName[kind]?.has(name) ||
      packages.packages.has(arn) ||
      studio.exists(arn) ||
      monitor.exists(arn) ||
      parts.some((part) => part.exists(arn))
    );
  };
  const tagsOf = (arn: string): Record<string, string> | undefined => {
    const version = packages.packages.get(arn);
    // A version of a group has the group's tags.
    if (version?.group) return tags.of(groups.arn(version.group)) ?? {};
    return tags.of(arn) ?? (exists(arn) ? {} : undefined);
  };
  const tagsAnywhere = (arn: string): Readonly<Record<string, string>> | undefined =>
    tagsOf(arn) ?? parts.map((part) => part.tagsOf(arn)).find((one) => one !== undefined);
  const found = (rows: Iterable<{ readonly arn: string }>, describe: (arn: string) => Members): Members[] =>
    [...rows].map(({ arn }) => ({
      ...describe(arn),
      Tags: Object.entries(tagsAnywhere(arn) ?? {}).map(([Key, Value]) => ({ Key, Value })),
    }));
  const nameIn = (arn: string): string => arn.slice(arn.indexOf("/") + 1);
  const searchable: Searchable = {
    TrainingJob: () => found(training.jobs.values(), (arn) => training.describe(nameIn(arn))),
    Endpoint: () => found(records.endpoints.values(), (arn) => describeEndpoint(records.get(nameIn(arn)))),
    Model: () => found(models.models.values(), (arn) => ({ Model: models.describe(nameIn(arn)) })),
    ModelPackage: () => found(packages.packages.values(), (arn) => packages.describe(packages.get(arn))),
    ModelPackageGroup: () => found(groups.groups.values(), (arn) => groups.describe(arn)),
    Pipeline: () => found(pipelines.pipelines(), (arn) => pipelines.describe(arn)),
    PipelineExecution: () => found(pipelines.executions(), (arn) => pipelines.describe(arn)),
  };
  const inventory = (): InventoryItem[] => [
    ...[...records.endpoints.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::Endpoint" })),
    ...[...configs.configs.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::EndpointConfig" })),
    ...[...models.models.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::Model" })),
    ...[...groups.groups.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::ModelPackageGroup" })),
    ...[...packages.packages.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::ModelPackage" })),
    ...[...cards.cards.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::ModelCard" })),
    ...[...training.jobs.values()].map((job) => ({
      arn: job.arn,
      type: "AWS::SageMaker::TrainingJob",
      ...history(job),
    })),
    ...[...processing.jobs.values()].map((job) => ({
      arn: job.arn,
      type: "AWS::SageMaker::ProcessingJob",
      ...history(job),
    })),
    ...studio.inventory(),
    ...monitor.inventory(),
    ...parts.flatMap((part) => part.inventory()),
  ];

  return {
    id: "sagemaker",
    operations: {
      ...training.operations(),
      ...processing.operations(),
      ...groups.operations(),
      ...packages.operations(),
      ...cards.operations(),
      ...lineageOperations(cloud, tracked),
      ...models.operations(),
      ...configs.operations(),
      ...endpoints.operations(),
      ...studio.operations,
      ...monitor.operations,
      ...tagOperations(tags, exists),
      ...searchOperations(cloud, searchable),
      ...Object.assign({}, ...parts.map((part) => part.operations)),
    },
    permissions: {
      ...sagemakerPermissions(cloud),
      Search: searchPermission,
      ...studio.permissions,
      ...Object.assign({}, ...parts.map((part) => part.permissions)),
    },
    tagsOf: tagsAnywhere,
    resourcePolicyOf: (arn) => [...groups.groups.values()].find((group) => group.arn === arn)?.policy,
    inventory,
    start: () => {
      training.resume();
      processing.resume();
      deployments.resume();
      usage.start();
      quiet.start();
      monitor.start();
      for (const part of parts) part.start();
    },
    stop: async () => {
      usage.stop();
      quiet.stop();
      monitor.stop();
      await Promise.all(parts.map((part) => part.stop()));
      await Promise.all([training.abandon(), processing.abandon(), deployments.halt()]);
      if (!cloud.stateDir) rmSync(context.folder, { recursive: true, force: true });
    },
  };
}

/**
 * A finished job costs nothing and AWS keeps it as well, so it is nobody's leftover; its tags still show in the tagging
 * API.
 */
function history(job: { status: string }): Pick<InventoryItem, "madeBy"> {
  return job.status === "InProgress" || job.status === "Stopping" ? {} : { madeBy: "service" };
}
