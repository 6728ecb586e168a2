import { openPages, openServerPages, trackExperiments, trackOnServer } from "./documents/jobs";
import type { Statement } from "./document";
import type { TrackingSettings } from "../settings/tracking";

/** How a role uses the environment's MLflow: `job` logs to it, `person` opens its pages as well. */
export type Tracker = "job" | "person";

const jobs = /^((training|processing)-execution|experiment-.+)$/;
const people = /^(studio-)?(data-scientist|ml-engineer)$/;

/** @param role name without the environment's prefix. @returns undefined for roles that have nothing to do with MLflow. */
export function trackerOf(role: string): Tracker | undefined {
  return jobs.test(role) ? "job" : people.test(role) ? "person" : undefined;
}

/**
 * What it takes to use the MLflow of an environment. Its ARN is known only once it exists, so these statements are a policy of their own.
 * Nobody is asked by ours about an MLflow that somebody else runs.
 */
export function trackingDuties(tracker: Tracker, mode: TrackingSettings["mode"], arn: string): Statement[] {
  if (mode === "external") return [];
  const [log, look] =
    mode === "app" ? ([trackExperiments, openPages] as const) : ([trackOnServer, openServerPages] as const);
  return [...log(arn), ...(tracker === "person" ? look(arn) : [])];
}
