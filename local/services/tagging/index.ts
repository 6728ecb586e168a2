import type { Call, Cloud, Members, Requirement, Service } from "../../cloud";
import { AwsError } from "../../errors";
import { page } from "../pages";
import { ownerOf } from "./owners";

interface Tagged {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Resource Groups Tagging API over the resources of all services, those behind the local cloud included. */
export function createTagging(cloud: Cloud): Service {
  const anywhere = (_input: Members, call: Call): Requirement[] => [{ action: `tag:${call.operation}`, resource: "*" }];
  return {
    id: "resourcegroupstaggingapi",
    iamPrefix: "tag",
    operations: {
      GetResources: (input) => getResources(cloud, input),
      GetTagKeys: async (input) => {
        const { items, next } = page(await tagPairs(cloud), input.PaginationToken || undefined, 100);
        return { TagKeys: [...new Set(items.map(([key]) => key))], PaginationToken: next ?? "" };
      },
      GetTagValues: async (input) => {
        const values = (await tagPairs(cloud)).filter(([key]) => key === input.Key).map(([, value]) => value);
        const { items, next } = page([...new Set(values)], input.PaginationToken || undefined, 100);
        return { TagValues: items, PaginationToken: next ?? "" };
      },
      TagResources: (input, call) => eachResource(cloud, input.ResourceARNList, call, (arn) => ownerOf(arn)?.tag, input.Tags),
      UntagResources: (input, call) => eachResource(cloud, input.ResourceARNList, call, (arn) => ownerOf(arn)?.untag, input.TagKeys),
    },
    permissions: { GetResources: anywhere, GetTagKeys: anywhere, GetTagValues: anywhere, TagResources: anywhere, UntagResources: anywhere },
  };
}

/** Every resource of every service that carries tags of its own. */
async function taggedResources(cloud: Cloud): Promise<Tagged[]> {
  const found = (await cloud.inventory())
    // Roles and users are not part of this API, other IAM resources only in us-east-1; a package version has its group's tags, not its own.
    .filter(({ arn }) => !arn.startsWith("arn:aws:iam::") && !/:model-package\/[^/]+\/\d+$/.test(arn))
    .flatMap(({ arn }): Tagged[] => {
      const tags = tagsOf(cloud, arn);
      return tags && Object.keys(tags).length > 0 ? [{ arn, tags }] : [];
    });
  return [...new Map(found.map((item) => [item.arn, item])).values()].sort((a, b) => a.arn.localeCompare(b.arn));
}

function tagsOf(cloud: Cloud, arn: string): Readonly<Record<string, string>> | undefined {
  return [...cloud.services.values()].map((service) => service.tagsOf?.(arn)).find((candidate) => candidate !== undefined);
}

async function getResources(cloud: Cloud, input: Members): Promise<Members> {
  const arns = input.ResourceARNList as string[] | undefined;
  const filters = (input.TagFilters ?? []) as Members[];
  const types = (input.ResourceTypeFilters ?? []) as string[];
  if (arns?.length && (filters.length > 0 || types.length > 0)) {
    throw new AwsError("InvalidParameterException", "ResourceARNList cannot be combined with TagFilters or ResourceTypeFilters.");
  }
  const matching = (await taggedResources(cloud)).filter(
    ({ arn, tags }) =>
      (!arns?.length || arns.includes(arn)) &&
      (types.length === 0 || types.some((type) => hasType(arn, type))) &&
      filters.every(({ Key, Values }) => Object.hasOwn(tags, Key) && (!Values?.length || Values.includes(tags[Key]))),
  );
  const { items, next } = page(matching, input.PaginationToken || undefined, input.ResourcesPerPage ?? 100);
  return {
    ResourceTagMappingList: items.map(({ arn, tags }) => ({ ResourceARN: arn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) })),
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
  operationOf: (arn: string) => { readonly operation: string; input(arn: string, value: T, held: Readonly<Record<string, string>>): Members } | undefined,
  value: T,
): Promise<Members> {
  const failed: Record<string, Members> = {};
  for (const arn of arns) {
    const operation = operationOf(arn);
    try {
      if (!operation) throw new AwsError("InvalidParameterException", `The local cloud cannot tag resources of this service: ${arn}`);
      await cloud.call(ownerOf(arn)!.service, operation.operation, operation.input(arn, value, tagsOf(cloud, arn) ?? {}), { ...call.caller, raw: undefined });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed[arn] = { StatusCode: error.status, ErrorCode: error.status >= 500 ? "InternalServiceException" : "InvalidParameterException", ErrorMessage: `${error.code}: ${error.message}` };
    }
  }
  return { FailedResourcesMap: failed };
}
