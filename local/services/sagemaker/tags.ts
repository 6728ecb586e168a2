import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { validationException } from "../../errors";
import { page } from "../pages";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Tags of SageMaker resources by ARN; one row per tagged resource. */
export class Tags {
  private readonly rows;

  constructor(cloud: Cloud) {
    this.rows = cloud.journal.table<Record<string, string>>("sagemaker/tags");
  }

  of(arn: string): Record<string, string> | undefined {
    return this.rows.get(arn);
  }

  /** Adds or replaces tags. @throws AwsError over 50 tags or for the reserved prefix. */
  put(arn: string, tags: readonly Tag[] | undefined): void {
    if (!tags || tags.length === 0) return;
    const reserved = tags.find((tag) => tag.Key.toLowerCase().startsWith("aws:"));
    if (reserved)
      throw validationException(`Tag keys starting with 'aws:' are reserved for system use: ${reserved.Key}`);
    const all = { ...this.rows.get(arn), ...Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value])) };
    // SageMaker API: 50 tags per resource.
    if (Object.keys(all).length > 50) throw validationException(`Resource ${arn} cannot have more than 50 tags.`);
    this.rows.put(arn, all);
  }

  remove(arn: string, keys: readonly string[]): void {
    const left = Object.fromEntries(Object.entries(this.rows.get(arn) ?? {}).filter(([key]) => !keys.includes(key)));
    this.rows.put(arn, left);
  }

  /** Forgets a deleted resource. */
  drop(arn: string): void {
    this.rows.delete(arn);
  }

  list(arn: string): Tag[] {
    return Object.entries(this.rows.get(arn) ?? {}).map(([Key, Value]) => ({ Key, Value }));
  }

  entries(): IterableIterator<[string, Record<string, string>]> {
    return this.rows.entries();
  }
}

/** AddTags, DeleteTags, ListTags. @param exists whether a SageMaker resource with this ARN is there. */
export function tagOperations(tags: Tags, exists: (arn: string) => boolean) {
  const known = (arn: string): void => {
    if (!exists(arn)) throw validationException(`Could not find resource with ARN "${arn}".`);
  };
  return {
    AddTags: (input: Members) => {
      known(input.ResourceArn);
      tags.put(input.ResourceArn, input.Tags);
      return { Tags: tags.list(input.ResourceArn) };
    },
    DeleteTags: (input: Members) => {
      known(input.ResourceArn);
      tags.remove(input.ResourceArn, input.TagKeys);
      return {};
    },
    ListTags: (input: Members) => {
      known(input.ResourceArn);
      const { items, next } = page(tags.list(input.ResourceArn), input.NextToken, input.MaxResults ?? 50);
      return { Tags: items, NextToken: next };
    },
  };
}

/** Context keys of tags in a request. */
export function tagContext(tags: readonly Tag[] | undefined): Record<string, string | string[]> {
  if (!tags || tags.length === 0) return {};
  return {
    ...Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${tag.Key}`, tag.Value])),
    "aws:TagKeys": tags.map((tag) => tag.Key),
  };
}

/**
 * Tags on create need `sagemaker:AddTags` on the new resource as well.
 * @param operation the creating action, for `sagemaker:TaggingAction`.
 */
export function addTagsRequirement(resource: string, tags: readonly Tag[] | undefined, call: Call): Requirement[] {
  if (!tags || tags.length === 0) return [];
  return [
    {
      action: "sagemaker:AddTags",
      resource,
      context: { ...tagContext(tags), "sagemaker:TaggingAction": call.operation },
    },
  ];
}
