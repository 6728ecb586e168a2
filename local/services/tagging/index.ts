import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { InventoryItem, Service } from "../../service";
import { AwsError } from "../../errors";
import { page } from "../pages";
import { type Tagged, TaggingLag } from "./lag";
import { ownerOf } from "./owners";

/** IAM is told in this Region alone. */
const GLOBAL_REGION = "us-east-1";

/**
 * Resource Groups Tagging API over the resources of all services, those behind the local cloud included. A request is
 * answered for the Region that it is signed for.
 * @param lagMs how long what is gone is still listed, cloud time.
 */
export function createTagging(cloud: Cloud): Service {
  const lag = new TaggingLag(cloud, cloud.lags.taggingMs, () => taggedResources(cloud));
  const anywhere = (_input: Members, call: Call): Requirement[] => [{ action: `tag:${call.operation}`, resource: "*" }];
  return {
    id: "resourcegroupstaggingapi",
    iamPrefix: "tag",
    operations: {
      GetResources: async (input, call) =>
        getResources(inRegion(cloud, await lag.listed(), regionOf(cloud, call)), input),
      GetTagKeys: async (input) => {
        const { items, next } = page(await tagPairs(cloud), input.PaginationToken || undefined, 100);
        return { TagKeys: [...new Set(items.map(([key]) => key))], PaginationToken: next ?? "" };
      },
      GetTagValues: async (input) => {
        const values = (await tagPairs(cloud)).filter(([key]) => key === input.Key).map(([, value]) => value);
        const { items, next } = page([...new Set(values)], input.PaginationToken || undefined, 100);
        return { TagValues: items, PaginationToken: next ?? "" };
      },
      TagResources: (input, call) =>
        eachResource(cloud, input.ResourceARNList, call, (arn) => ownerOf(arn)?.tag, input.Tags),
      UntagResources: (input, call) =>
        eachResource(cloud, input.ResourceARNList, call, (arn) => ownerOf(arn)?.untag, input.TagKeys),
    },
    permissions: {
      GetResources: anywhere,
      GetTagKeys: anywhere,
      GetTagValues: anywhere,
      TagResources: anywhere,
      UntagResources: anywhere,
    },
  };
}

/** Every resource of every service that carries tags of its own. */
async function taggedResources(cloud: Cloud): Promise<Tagged[]> {
  const found = (await cloud.inventory())
    // Roles, users and groups are not part of this API; a package version has its group's tags, not its own.
    .filter(({ arn }) => !/^arn:aws:iam::\d*:(role|user|group)\//.test(arn) && !/:model-package\/[^/]+\/\d+$/.test(arn))
    .concat(pendingKeys(cloud))
    .flatMap(({ arn }): Tagged[] => {
      const tags = cloud.tagsOf(arn);
      return tags && Object.keys(tags).length > 0 ? [{ arn, tags }] : [];
    });
  return [...new Map(found.map((item) => [item.arn, item])).values()].sort((a, b) => a.arn.localeCompare(b.arn));
}

/** Keys that wait for their deletion keep their tags, and are listed like any other; nothing else counts them. */
function pendingKeys(cloud: Cloud): InventoryItem[] {
  return [...cloud.journal.table("upstream/tags").entries()]
    .map(([arn]) => arn)
    .filter((arn) => arn.includes(":kms:"))
    .map((arn) => ({ arn, type: "kms:key" }));
}

/** The Region that a request is signed for; requests from inside have the cloud's. */
function regionOf(cloud: Cloud, { caller }: Call): string {
  return /Credential=[^/]+\/\d+\/([^/]+)\//.exec(caller.raw?.headers.authorization ?? "")?.[1] ?? cloud.region;
}

function inRegion(cloud: Cloud, resources: readonly Tagged[], region: string): Tagged[] {
  return resources.filter(({ arn }) => {
    const [, , service, own] = arn.split(":");
    // A bucket's ARN names no Region; here all of them are in the cloud's.
    return service === "iam" ? region === GLOBAL_REGION : (own || cloud.region) === region;
  });
}

async function getResources(resources: readonly Tagged[], input: Members): Promise<Members> {
  const arns = input.ResourceARNList as string[] | undefined;
  const filters = (input.TagFilters ?? []) as Members[];
  const types = (input.ResourceTypeFilters ?? []) as string[];
  if (arns?.length && (filters.length > 0 || types.length > 0)) {
    throw new AwsError(
      "InvalidParameterException",
      "ResourceARNList cannot be combined with TagFilters or ResourceTypeFilters.",
    );
  }
  const matching = resources.filter(
    ({ arn, tags }) =>
      (!arns?.length || arns.includes(arn)) &&
      (types.length === 0 || types.some((type) => hasType(arn, type))) &&
      filters.every(({ Key, Values }) => Object.hasOwn(tags, Key) && (!Values?.length || Values.includes(tags[Key]))),
  );
  const { items, next } = page(matching, input.PaginationToken || undefined, input.ResourcesPerPage ?? 100);
  return {
    ResourceTagMappingList: items.map(({ arn, tags }) => ({
      ResourceARN: arn,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    })),
    PaginationToken: next ?? "",
  };
}

/** `sagemaker` or `sagemaker:endpoint`; a bucket's ARN names no type. */
function hasType(arn: string, filter: string): boolean {
  const [, , service = "", , , ...rest] = arn.split(":");
  const type = service === "s3" ? "bucket" : rest.join(":").split(/[:/]/)[0];
  return filter === service || filter === `${service}:${type}`;
}

async function tagPairs(cloud: Cloud): Promise<[string, string][]> {
  const pairs = (await taggedResources(cloud)).flatMap(({ tags }) => Object.entries(tags));
  return [...new Map(pairs.map((pair) => [pair.join("\n"), pair])).values()].sort(([a], [b]) => a.localeCompare(b));
}

/** Tags or untags through each owner's own operation, as the caller, who needs that service's permission as well. */
async function eachResource<T>(
  cloud: Cloud,
  arns: readonly string[],
  call: Call,
  operationOf: (
    arn: string,
  ) =>
    | { readonly operation: string; input(arn: string, value: T, held: Readonly<Record<string, string>>): Members }
    | undefined,
  value: T,
): Promise<Members> {
  const failed: Record<string, Members> = {};
  for (const arn of arns) {
    const operation = operationOf(arn);
    try {
      if (!operation)
        throw new AwsError("InvalidParameterException", `The local cloud cannot tag resources of this service: ${arn}`);
      await cloud.call(
        ownerOf(arn)!.service,
        operation.operation,
        operation.input(arn, value, cloud.tagsOf(arn) ?? {}),
        { ...call.caller, raw: undefined },
      );
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed[arn] = {
        StatusCode: error.status,
        ErrorCode: error.status >= 500 ? "InternalServiceException" : "InvalidParameterException",
        ErrorMessage: `${error.code}: ${error.message}`,
      };
    }
  }
  return { FailedResourcesMap: failed };
}
