import { paginateGetResources, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { type AwsSession, clientSettings } from "./session";

/** Tags in the form that most of AWS's operations take. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** ARNs of all resources that carry the given tags, by the Resource Groups Tagging API (it lags by minutes on AWS). */
export async function taggedResources(session: AwsSession, tags: Readonly<Record<string, string>>): Promise<string[]> {
  const client = new ResourceGroupsTaggingAPIClient(clientSettings(session));
  const filters = Object.entries(tags).map(([Key, value]) => ({ Key, Values: [value] }));
  const arns: string[] = [];
  for await (const page of paginateGetResources({ client }, { TagFilters: filters }))
    for (const one of page.ResourceTagMappingList ?? []) arns.push(one.ResourceARN!);
  return arns;
}
