import type { Decision } from "./verdict";

/** A build that was started for a step's token. */
export interface TrialBuild {
  /** `IN_PROGRESS`, or how it ended. */
  readonly status: string;
  /** `QUEUED` while it waits for another build to end. */
  readonly phase: string;
}

/**
 * What a message of the pipeline's `DeployStaging` step asks for. Messages come at least once and in any order, so what
 * has been started for the token decides. A release under way is never interrupted: it ends by itself, live or rolled
 * back.
 * @param status of the message; `Stopping` when the execution was asked to stop.
 */
export function trialAction(
  status: "Executing" | "Stopping",
  builds: readonly TrialBuild[],
): Decision<"start" | "wait" | "stop-build" | "end-step"> {
  if (status === "Executing")
    return builds.length === 0
      ? { verdict: "start", reasons: ["nothing was started for the step yet"] }
      : { verdict: "wait", reasons: ["a build was started for the step before"] };
  const open = builds.filter((build) => build.status === "IN_PROGRESS");
  if (open.length === 0)
    return { verdict: "end-step", reasons: ["the execution was stopped while no build was at work for the step"] };
  return open.every(({ phase }) => phase === "QUEUED" || phase === "SUBMITTED")
    ? { verdict: "stop-build", reasons: ["the execution was stopped before the build began"] }
    : { verdict: "wait", reasons: ["the execution was stopped; the release under way ends by itself"] };
}
