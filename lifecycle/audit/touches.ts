import type { TrailRecord } from "../../contract/trail";
import { wasDenied } from "./call-entry";

/** How a call ended. */
export type Outcome = "made" | "denied" | "failed";

export function outcomeOf(record: TrailRecord): Outcome {
  return wasDenied(record) ? "denied" : record.errorCode === undefined ? "made" : "failed";
}

/**
 * Whether a record is about a resource: one of its ARNs or parameters is it, is something below it, or ends in its name.
 * @param resource an ARN or a name.
 */
export function touches({ resources = [], requestParameters }: TrailRecord, resource: string): boolean {
  return [...resources.flatMap(({ ARN }) => ARN ?? []), ...textsIn(requestParameters)].some((text) =>
    means(text, resource),
  );
}

function means(text: string, resource: string): boolean {
  if (isOrBelow(text, resource)) return true;
  // A parameter has the name alone: shorter ones than these would be anything's.
  if (resource.startsWith("arn:"))
    return text.length > 2 && /[:/]/.test(resource.at(-text.length - 1) ?? "") && resource.endsWith(text);
  // An ARN or a URI has the name behind a colon or a slash.
  return [...text.matchAll(/[:/]+/g)].some(({ index, 0: mark }) =>
    isOrBelow(text.slice(index + mark.length), resource),
  );
}

function isOrBelow(text: string, resource: string): boolean {
  return text === resource || (text.startsWith(resource) && /[:/]/.test(text.charAt(resource.length)));
}

/** All texts of parameters, however deep. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) yield* textsIn(one);
}
