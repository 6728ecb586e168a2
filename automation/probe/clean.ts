import { Functions } from "../../aws/lambda";
import { Metrics } from "../../aws/cloudwatch";
import { Builds } from "../../aws/codebuild";
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
import { taggedResources } from "../../aws/tagging";
import { stillThere } from "../remains";
import type { Patience } from "./bench";
import { probePath, probeTags } from "./naming";

/** One kind of thing that experiments make: how those are found whose names start so, and how one goes. */
interface Kind {
  readonly kind: string;
  find(start: string): Promise<readonly string[]>;
  remove(id: string): Promise<void>;
}

/** Groups of logs that services make for what experiments run. */
const logGroups = ["/aws/codebuild/", "/aws/lambda/", "/aws/sagemaker/Endpoints/"];

/** All kinds, in the order in which they can go: what uses another one first. */
function kindsOf(session: AwsSession): Kind[] {
  const sagemaker = new SageMaker(session);
  const experiments = new Experiments(session);
  const hosting = new Hosting(session);
  const studio = new StudioDomains(session);
  const [rules, queues, builds, functions, metrics, store, logs, roles] = [new Rules(session), new Queues(session), new Builds(session), new Functions(session), new Metrics(session), new ObjectStore(session), new Logs(session), new Roles(session, probePath)];
  const jobs = (kind: JobKind): Kind => ({
    kind: `${kind} job`,
    find: async (start) => (await experiments.jobsNamed(kind, start)).map(({ name, arn, status }) => `${name} ${status} ${arn}`),
    remove: async (id) => {
      const [name = "", status = "", arn = ""] = id.split(" ");
      if (status === "InProgress") await experiments.stopJob(kind, name);
      else if (status !== "Stopping") await sagemaker.deleteJob(arn);
    },
  });
  return [
    jobs("training"),
    jobs("processing"),
    { kind: "pipeline", find: (start) => experiments.pipelinesNamed(start.replace(/-$/, "")), remove: (name) => experiments.deletePipeline(name) },
    { kind: "endpoint", find: (start) => hosting.named(start), remove: (name) => hosting.delete(name) },
    { kind: "endpoint configuration", find: (start) => sagemaker.listEndpointConfigs(start), remove: (name) => sagemaker.deleteEndpointConfig(name) },
    { kind: "model", find: (start) => sagemaker.listModels(start), remove: (name) => sagemaker.deleteModel(name) },
    {
      kind: "model package group",
      find: (start) => experiments.groupsNamed(start),
      remove: async (group) => {
        for (const { arn } of await sagemaker.listModelPackages(group)) await sagemaker.deleteModelPackage(arn);
        await experiments.deleteGroup(group);
      },
    },
    { kind: "Studio domain", find: (start) => studio.named(start), remove: (id) => studio.deleteStep(id) },
    { kind: "MLflow App", find: (start) => experiments.mlflowAppsNamed(start), remove: (arn) => experiments.deleteMlflowApp(arn) },
    { kind: "rule", find: (start) => rules.named(start), remove: (name) => rules.delete(name) },
    { kind: "queue", find: (start) => queues.named(start), remove: (url) => queues.delete(url) },
    { kind: "build project", find: (start) => builds.named(start), remove: (name) => builds.delete(name) },
    { kind: "function", find: (start) => functions.named(start), remove: (name) => functions.delete(name) },
    { kind: "alarm", find: async (start) => Object.keys(await metrics.alarmStates(start)), remove: (name) => metrics.deleteAlarm(name) },
    { kind: "bucket", find: (start) => store.bucketsNamed(start), remove: async (name) => void (await store.deleteLocked(name)) },
    { kind: "log group", find: async (start) => (await Promise.all(logGroups.map((group) => logs.groups(group + start)))).flat().map(({ name }) => name), remove: (name) => logs.deleteGroup(name) },
    { kind: "role", find: (start) => roles.named(start), remove: (name) => roles.delete(name) },
    {
      kind: "key",
      find: async (start) => (await keysNamed(session, start)).map(({ alias, keyId }) => `${alias} ${keyId}`),
      remove: (id) => dropKey(session, ...(id.split(" ") as [string, string])),
    },
  ];
}

/** How long what is going may take, minutes: an endpoint, a Studio app. */
const patienceMinutes = 20;

/**
 * Deletes everything whose name starts so, pass by pass until nothing is found any more. Killed at any point, the next call goes on.
 * @returns what is still there, as `kind name: why`.
 */
export async function clean(session: AwsSession, start: string, { until }: Patience): Promise<string[]> {
  const kinds = kindsOf(session);
  let left: string[] = [];
  await until(patienceMinutes, async () => {
    left = [];
    for (const { kind, find, remove } of kinds) {
      const found = await find(start).catch((error: unknown) => {
        if (!hasCode(error, ...unknownOperations)) left.push(`${kind}s could not be listed: ${(error as Error).message}`);
        return [];
      });
      for (const id of found) left.push(`${kind} ${id}: ${await remove(id).then(() => "is going", (error: Error) => error.message)}`);
    }
    return left.length === 0 ? true : undefined;
  });
  return left;
}

/** An account without a service (an opt-in Region, a partition) has nothing of it. */
const unknownOperations = ["UnknownOperationException", "SubscriptionRequiredException", "OptInRequired"];

/** What still carries the experiments' tags, by the tagging API, and can still be had: keys that wait for their deletion are gone already. */
export async function tagged(session: AwsSession): Promise<string[]> {
  return stillThere(session, await taggedResources(session, probeTags));
}
