import type { Cloud } from "../../cloud";
import type { Members } from "../../members";

/**
 * Sends a `SageMaker <kind> State Change` event: the members of the Describe answer, timestamps as epoch milliseconds,
 * without members that are not set, tags as a map.
 */
export function emitStateChange(cloud: Cloud, kind: string, arn: string, detail: Members): void {
  cloud.internals.emit({
    source: "aws.sagemaker",
    detailType: `SageMaker ${kind} State Change`,
    resources: [arn],
    detail: plain(detail) as Members,
  });
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, plain(inner)]])),
  );
}

/** The API's `InService` as events spell it: `IN_SERVICE`. */
export function upperSnake(status: string): string {
  return status.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
}
