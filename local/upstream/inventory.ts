import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { InventoryItem } from "../service";
import { serviceLogGroups } from "./log-writer";
import type { UpstreamService } from "./moto-services";

type Ask = (operation: string, input: Members) => Promise<Members>;

/** Follows an operation's pages. */
async function all(
  ask: Ask,
  operation: string,
  list: string,
  input: Members,
  token: readonly [output: string, input: string],
): Promise<Members[]> {
  const items: Members[] = [];
  let next: Members = input;
  for (;;) {
    const page = await ask(operation, next);
    items.push(...((page[list] ?? []) as Members[]));
    const more: unknown = page[token[0]];
    if (more === undefined || more === null || more === "") return items;
    next = { ...input, [token[1]]: more };
  }
}

/**
 * What exists in moto, by service. A log group that a service opened for its own lines is marked: on AWS it stays
 * behind as well.
 */
export const inventories: Partial<Record<UpstreamService, (cloud: Cloud, ask: Ask) => Promise<InventoryItem[]>>> = {
  s3: async (_cloud, ask) =>
    (((await ask("ListBuckets", {})).Buckets as Members[] | undefined) ?? []).map((bucket) => ({
      arn: `arn:aws:s3:::${bucket.Name}`,
      type: "s3:bucket",
    })),

  sns: async (_cloud, ask) =>
    (await all(ask, "ListTopics", "Topics", {}, ["NextToken", "NextToken"])).map((topic) => ({
      arn: topic.TopicArn as string,
      type: "sns:topic",
    })),

  sqs: async (cloud, ask) => {
    const { QueueUrls = [] } = await ask("ListQueues", {});
    return (QueueUrls as string[]).map((url) => ({
      arn: cloud.arn("sqs", url.split("/").pop() ?? ""),
      type: "sqs:queue",
    }));
  },

  ssm: async (cloud, ask) => {
    const parameters = await all(ask, "DescribeParameters", "Parameters", { MaxResults: 50 }, [
      "NextToken",
      "NextToken",
    ]);
    return parameters.map((parameter) => ({
      arn: cloud.arn("ssm", `parameter/${String(parameter.Name).replace(/^\//, "")}`),
      type: "ssm:parameter",
    }));
  },

  kms: async (_cloud, ask) => {
    const keys = await all(ask, "ListKeys", "Keys", {}, ["NextMarker", "Marker"]);
    const described = await Promise.all(keys.map((key) => ask("DescribeKey", { KeyId: key.KeyId })));
    return (
      described
        .map(({ KeyMetadata }) => KeyMetadata as Members)
        // A deleted key waits 7 to 30 days and costs nothing meanwhile; AWS's own keys are nobody's leftovers.
        .filter((key) => key.KeyState !== "PendingDeletion" && key.KeyManager !== "AWS")
        .map((key) => ({ arn: key.Arn as string, type: "kms:key" }))
    );
  },

  logs: async (cloud, ask) => {
    const opened = serviceLogGroups(cloud);
    const groups = await all(ask, "DescribeLogGroups", "logGroups", {}, ["nextToken", "nextToken"]);
    return groups.map((group) => ({
      arn: cloud.arn("logs", `log-group:${group.logGroupName}`),
      type: "logs:log-group",
      ...(opened.has(group.logGroupName as string) ? { madeBy: "service" as const } : {}),
    }));
  },

  ecr: async (_cloud, ask) => {
    const repositories = await all(ask, "DescribeRepositories", "repositories", {}, ["nextToken", "nextToken"]);
    return repositories.map((repository) => ({ arn: repository.repositoryArn as string, type: "ecr:repository" }));
  },
};
