import { Functions } from "../../aws/lambda";
import { Metrics } from "../../aws/cloudwatch";
import { Builds } from "../../aws/codebuild";
import { securityGroupsNamed, tagByIds, tagValuesOfGroups } from "../../aws/ec2";
import { Rules } from "../../aws/eventbridge";
import { Roles } from "../../aws/iam-roles";
import { dropKey, keysNamed } from "../../aws/kms";
import { Logs } from "../../aws/logs";
import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { Experiments, type JobKind } from "../../aws/sagemaker-experiments";
import { Hosting } from "../../aws/sagemaker-hosting";
import { StudioDomains } from "../../aws/sagemaker-studio";
import { type AwsSession, hasCode } from "../../aws/session";
import { Queues } from "../../aws/sqs";
import { callerIdentity } from "../../aws/sts";
import { taggedResources } from "../../aws/tagging";
import { domainGroups, freeDomainNetwork } from "../teardown/domain-network";
import { sharedLogGroups } from "../../lifecycle/health/log-retention";
import { stillThere } from "../teardown/remains";
import type { Poller } from "./pace";
import { probePath, probeTags } from "./naming";

/** One kind of thing that experiments make: how those are found whose names start so, and how one goes. */
interface Kind {
  readonly kind: string;
  find(start: string): Promise<readonly string[]>;
  remove(id: string): Promise<void>;
}

/** On the groups that SageMaker makes for a domain's file system: the domain's name and id, `name/id`. */
const domainTag = "probe-domain";
/** On the file system of a domain: the domain's ARN, by SageMaker (believed). */
const managedTag = "ManagedByAmazonSageMakerResource";

/** Groups of logs that services make for what experiments run. */
const logGroups = ["/aws/codebuild/", "/aws/lambda/", "/aws/sagemaker/Endpoints/"];

/** All kinds, in the order in which they can go: what uses another one first. */
function kindsOf(session: AwsSession, accountId: string): Kind[] {
  const sagemaker = new SageMaker(session);
  const experiments = new Experiments(session);
  const hosting = new Hosting(session);
  const studio = new StudioDomains(session);
  const [rules, queues, builds, functions, metrics, store, logs, roles] = [
    new Rules(session),
    new Queues(session),
    new Builds(session),
    new Functions(session),
    new Metrics(session),
    new ObjectStore(session),
    new Logs(session),
    new Roles(session, probePath),
  ];
  const jobs = (kind: JobKind): Kind => ({
    kind: `${kind} job`,
    find: async (start) =>
      (await experiments.jobsNamed(kind, start)).map(({ name, arn, status }) => `${name} ${status} ${arn}`),
    remove: async (id) => {
      const [name = "", status = "", arn = ""] = id.split(" ");
      if (status === "InProgress") await experiments.stopJob(kind, name);
      else if (status !== "Stopping") await sagemaker.deleteJob(arn);
    },
  });
  return [
    jobs("training"),
    jobs("processing"),
    {
      kind: "pipeline",
      find: (start) => experiments.pipelinesNamed(start),
      remove: (name) => experiments.deletePipeline(name),
    },
    { kind: "endpoint", find: (start) => hosting.named(start), remove: (name) => hosting.delete(name) },
    {
      kind: "endpoint configuration",
      find: (start) => sagemaker.listEndpointConfigs(start),
      remove: (name) => sagemaker.deleteEndpointConfig(name),
    },
    { kind: "model", find: (start) => sagemaker.listModels(start), remove: (name) => sagemaker.deleteModel(name) },
    {
      kind: "model package group",
      find: (start) => experiments.groupsNamed(start),
      remove: async (group) => {
        for (const { arn } of await sagemaker.listModelPackages(group)) await sagemaker.deleteModelPackage(arn);
        await experiments.deleteGroup(group);
      },
    },
    {
      kind: "Studio domain",
      find: async (start) => (await studio.named(start)).map(({ name, id }) => `${name}/${id}`),
      remove: async (place) => {
        const id = place.slice(place.indexOf("/") + 1);
        // Its groups outlive it and say nothing of whose they were: they are marked while the domain is there to name
        // them.
        await tagByIds(
          session,
          (await securityGroupsNamed(session, domainGroups(id))).map((group) => group.id),
          { ...probeTags, [domainTag]: place },
        );
        await studio.deleteStep(id);
      },
    },
    {
      kind: "network of the Studio domain",
      find: (start) => tagValuesOfGroups(session, domainTag, start),
      remove: async (place) => {
        const id = place.slice(place.indexOf("/") + 1);
        if (await studio.exists(id)) throw new Error("its domain is still going");
        // The domain takes its file system along (`RetentionPolicy`); one that stays is people's to delete, and its
        // network with it.
        const [fileSystem] = await taggedResources(session, {
          [managedTag]: `arn:aws:sagemaker:${session.region}:${accountId}:domain/${id}`,
        });
        if (fileSystem) throw new Error(`its file system is still listed: ${fileSystem}`);
        await freeDomainNetwork(session, { domainId: id }, () => undefined);
      },
    },
    {
      kind: "MLflow App",
      find: (start) => experiments.mlflowAppsNamed(start),
      remove: (arn) => experiments.deleteMlflowApp(arn),
    },
    { kind: "rule", find: (start) => rules.named(start), remove: (name) => rules.delete(name) },
    { kind: "queue", find: (start) => queues.named(start), remove: (url) => queues.delete(url) },
    { kind: "build project", find: (start) => builds.named(start), remove: (name) => builds.delete(name) },
    { kind: "function", find: (start) => functions.named(start), remove: (name) => functions.delete(name) },
    {
      kind: "alarm",
      find: async (start) => Object.keys(await metrics.alarmStates(start)),
      remove: (name) => metrics.deleteAlarm(name),
    },
    {
      kind: "bucket",
      find: (start) => store.bucketsNamed(start),
      remove: async (name) => void (await store.deleteLocked(name)),
    },
    {
      kind: "log group",
      find: async (start) =>
        (await Promise.all(logGroups.map((group) => logs.groups(group + start)))).flat().map(({ name }) => name),
      remove: (name) => logs.deleteGroup(name),
    },
    {
      kind: "log of a job",
      find: async (start) =>
        (
          await Promise.all(
            sharedLogGroups.map(async (group) =>
              (await logs.streams(group, start)).map((stream) => `${group} ${stream}`),
            ),
          )
        ).flat(),
      remove: async (id) => {
        const [group = "", stream = ""] = id.split(" ");
        const others = (await logs.streams(group)).some((one) => one !== stream);
        const [found] = await logs.groups(group);
        // The group is the account's. As SageMaker opens it, with no other job's lines in it, it may as well go.
        if (others || found?.retentionDays !== undefined || found?.keyArn !== undefined)
          await logs.deleteStream(group, stream);
        else await logs.deleteGroup(group);
      },
    },
    { kind: "role", find: (start) => roles.named(start), remove: (name) => roles.delete(name) },
    { kind: "policy", find: (start) => roles.policiesNamed(start), remove: (arn) => roles.deletePolicy(arn) },
    {
      kind: "key",
      find: async (start) => (await keysNamed(session, start)).map(({ alias, keyId }) => `${alias} ${keyId}`),
      remove: (id) => dropKey(session, ...(id.split(" ") as [string, string])),
    },
  ];
}

/** How long what is going may take, minutes: an endpoint, a Studio app. */
const timeoutMinutes = 20;

/**
 * Deletes everything whose name starts so, pass by pass until nothing is found any more. Killed at any point, the next
 * call goes on.
 * @returns what is still there, as `kind name: why`.
 */
export async function clean(session: AwsSession, start: string, { until }: Poller): Promise<string[]> {
  const kinds = kindsOf(session, (await callerIdentity(session)).accountId);
  let left: string[] = [];
  await until(timeoutMinutes, async () => {
    left = [];
    for (const { kind, find, remove } of kinds) {
      const found = await find(start).catch((error: unknown) => {
        if (!hasCode(error, ...unknownOperations))
          left.push(`${kind}s could not be listed: ${(error as Error).message}`);
        return [];
      });
      for (const id of found)
        left.push(
          `${kind} ${id}: ${await remove(id).then(
            () => "is going",
            (error: Error) => error.message,
          )}`,
        );
    }
    return left.length === 0 ? true : undefined;
  });
  return left;
}

/** An account without a service (an opt-in Region, a partition) has nothing of it. */
const unknownOperations = ["UnknownOperationException", "SubscriptionRequiredException", "OptInRequired"];

/**
 * What still carries the experiments' tags, by the tagging API, and can still be had: keys that wait for their deletion
 * are gone already.
 */
export async function tagged(session: AwsSession): Promise<string[]> {
  return stillThere(session, await taggedResources(session, probeTags));
}
