import { randomUUID } from "node:crypto";
import type { Members } from "../../members";
import { page } from "../pages";
import { matches, type ScalableTarget, type ScalingRecords } from "./records";

/** What was done to a target, and how it ended; `failure` says why it did not. */
export interface Deed {
  readonly description: string;
  readonly cause: string;
  /** What is said when it went well. */
  readonly success: string;
  readonly failure?: string;
}

/** Keeps an activity of a target. */
export function noteActivity(
  records: ScalingRecords,
  { namespace, resourceId, dimension }: Pick<ScalableTarget, "namespace" | "resourceId" | "dimension">,
  startMs: number,
  { description, cause, success, failure }: Deed,
): void {
  const id = randomUUID();
  records.activities.put(id, {
    id,
    namespace,
    resourceId,
    dimension,
    description,
    cause,
    status: failure === undefined ? "Successful" : "Failed",
    message: failure ?? success,
    startMs,
  });
}

/** Activities as DescribeScalingActivities lists them, the newest first. */
export function activityOperations(records: ScalingRecords) {
  const describe = (input: Members): Members => {
    const found = [...records.activities.values()].filter(matches(input)).sort((a, b) => b.startMs - a.startMs);
    const { items, next } = page(found, input.NextToken, input.MaxResults ?? 50);
    return {
      ScalingActivities: items.map((activity) => ({
        ActivityId: activity.id,
        ServiceNamespace: activity.namespace,
        ResourceId: activity.resourceId,
        ScalableDimension: activity.dimension,
        Description: activity.description,
        Cause: activity.cause,
        StartTime: new Date(activity.startMs),
        EndTime: new Date(activity.startMs),
        StatusCode: activity.status,
        StatusMessage: activity.message,
      })),
      NextToken: next,
    };
  };
  return { DescribeScalingActivities: describe };
}
