import type { ReleaseReporter } from "../../automation/release/rollout/rollout";
import type { OnProgress } from "./rehearsal";

/** Real images that each endpoint is tested with, at most. */
export const goldenImages = 5;

/** Tells a step what a release does. */
export function reporter(onProgress: OnProgress): ReleaseReporter {
  return {
    stage: (environment, what) => onProgress(`${environment}: ${what}`),
    progress: (environment, { done }) => onProgress(`${environment}: ${done} resources`),
  };
}
