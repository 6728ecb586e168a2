import type { Requirement } from "../../../call";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { Member } from "../../../model/shapes";
import { page } from "../../pages";
import { checkExpression, satisfies, valuesAt } from "./expression";

/** The whole descriptions of all resources of a kind, with their tags. */
export type Searchable = Readonly<Record<string, () => Members[]>>;

/** Results of a page when the request does not say (believed; the API names the maximum of 100 alone). */
const PAGE = 10;

/**
 * Search finds resources by what their descriptions hold, whoever may describe them. Kinds that exist nowhere here are
 * found nowhere.
 */
export function searchOperations(cloud: Cloud, searchable: Searchable) {
  return {
    Search(input: Members): Members {
      checkExpression(input.SearchExpression);
      const all = input.CrossAccountFilterOption === "CrossAccount" ? [] : (searchable[input.Resource]?.() ?? []);
      const found = all.filter(
        (record) => satisfies(record, input.SearchExpression) && isVisible(record, input.VisibilityConditions),
      );
      sort(found, input.SortBy ?? "LastModifiedTime", input.SortOrder ?? "Descending");
      const { items, next } = page(found, input.NextToken, input.MaxResults ?? PAGE);
      return {
        Results: items.map((record) => ({ [input.Resource]: only(recordShape(cloud, input.Resource), record) })),
        NextToken: next,
        TotalHits: { Value: found.length, Relation: "EqualTo" },
      };
    },
  };
}

/**
 * Search knows no resources: whoever has it reads the descriptions of all of them. What a request limits itself to
 * stands in the condition keys `sagemaker:SearchVisibilityCondition/<key>`, so that a policy can demand it; the guide's
 * example writes the same key with `/EqualsIfExists` behind (SageMaker developer guide, "Limit access to searchable
 * resources with visibility conditions").
 */
export function searchPermission(input: Members): Requirement[] {
  const values: Record<string, string[]> = {};
  for (const { Key, Value } of (input.VisibilityConditions ?? []) as Members[])
    for (const form of [Key, `${Key}/EqualsIfExists`])
      (values[`sagemaker:SearchVisibilityCondition/${form}`] ??= []).push(String(Value));
  return [
    { action: "sagemaker:Search", resource: "*", ...(Object.keys(values).length > 0 ? { context: values } : {}) },
  ];
}

/**
 * A resource without the tag is visible; one with it only where the value is one of those asked for
 * (VisibilityConditions API).
 */
function isVisible(record: Members, conditions: readonly Members[] | undefined): boolean {
  const wanted = new Map<string, Set<string>>();
  for (const { Key, Value } of conditions ?? []) wanted.set(Key, (wanted.get(Key) ?? new Set()).add(String(Value)));
  return [...wanted].every(([key, values]) => valuesAt(record, key).every((held) => values.has(String(held))));
}

function sort(records: Members[], property: string, order: string): void {
  const key = (record: Members): unknown =>
    valuesAt(record, property)[0] ?? (property === "LastModifiedTime" ? record.CreationTime : undefined);
  const sign = order === "Ascending" ? 1 : -1;
  records.sort((a, b) => sign * compare(key(a), key(b)));
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const number = (value: unknown): number =>
    value instanceof Date ? value.getTime() : typeof value === "number" ? value : NaN;
  const difference = number(a) - number(b);
  return Number.isNaN(difference) ? String(a).localeCompare(String(b)) : difference;
}

function recordShape(cloud: Cloud, resource: string): Member | undefined {
  const record = cloud.models.service("sagemaker").operation("Search")?.output?.shape.byName.get("Results")?.shape
    .element?.shape;
  return record?.byName.get(resource);
}

/** Leaves out what a description has and a search record has not. */
function only(shape: Member | undefined, record: Members): Members {
  return shape
    ? Object.fromEntries(
        Object.entries(record).filter(([name, value]) => value !== undefined && shape.shape.byName.has(name)),
      )
    : record;
}
