import type { Members } from "../members";

/**
 * Tags that a request brings, in whichever of AWS's shapes: `Tags: [{Key, Value}]` (also `TagKey`/`TagValue`, lower
 * case), a map, S3's `Tagging.TagSet` or its URL-encoded header. Undefined where the request has no tags.
 */
export function requestTags(input: Members): Readonly<Record<string, string>> | undefined {
  const given: unknown =
    input.Tags ?? input.tags ?? input.TagList ?? input.CreateBucketConfiguration?.Tags ?? input.Tagging;
  if (given === undefined || given === null) return undefined;
  if (typeof given === "string") return Object.fromEntries(new URLSearchParams(given));
  if (Array.isArray(given)) return fromList(given as Members[]);
  const set: unknown = (given as Members).TagSet;
  if (Array.isArray(set)) return fromList(set as Members[]);
  return given as Record<string, string>;
}

/** Keys named by a request, whether it sets tags or takes them away. */
export function requestTagKeys(input: Members): readonly string[] | undefined {
  const keys: unknown = input.TagKeys ?? input.tagKeys;
  if (Array.isArray(keys)) return keys.map(String);
  const tags = requestTags(input);
  return tags && Object.keys(tags);
}

function fromList(list: readonly Members[]): Record<string, string> {
  return Object.fromEntries(
    list.map((tag) => [
      String(tag.Key ?? tag.key ?? tag.TagKey ?? tag.tagKey ?? ""),
      String(tag.Value ?? tag.value ?? tag.TagValue ?? tag.tagValue ?? ""),
    ]),
  );
}
