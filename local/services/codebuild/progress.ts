import type { Cloud } from "../../cloud";
import { buildMinutes } from "../../metering/items";
import { emitPhaseChange, emitStateChange } from "./events";
import type { BuildRecord, BuildStatus, BuildStore, PhaseContext, PhaseType } from "./records";

interface Progress {
  readonly cloud: Cloud;
  readonly store: BuildStore;
}

/** Notes that a build entered a phase. */
export function beginPhase({ cloud, store }: Progress, id: string, type: PhaseType): void {
  const build = store.builds.get(id);
  if (build) store.change(id, { phases: [...build.phases, { type, startMs: cloud.clock.nowMs() }] });
}

/** Notes how the phase that a build is in ended, and tells EventBridge. */
export function endPhase({ cloud, store }: Progress, id: string, status: BuildStatus, context?: PhaseContext): void {
  const build = store.builds.get(id);
  const open = build?.phases.at(-1);
  if (!build || !open) return;
  const ended = { ...open, endMs: cloud.clock.nowMs(), status, ...(context ? { context } : {}) };
  const changed = store.change(id, { phases: [...build.phases.slice(0, -1), ended] })!;
  emitPhaseChange(cloud, changed, ended);
}

/** Notes the end of a build, and tells EventBridge. */
export function complete(progress: Progress, id: string, status: BuildStatus): void {
  const { cloud, store } = progress;
  beginPhase(progress, id, "COMPLETED");
  const build = store.change(id, { status, endMs: cloud.clock.nowMs() });
  const completed = build?.phases.at(-1);
  if (!build || !completed) return;
  meterBuild(cloud, build);
  emitPhaseChange(cloud, build, { ...completed, status: "SUCCEEDED", endMs: completed.startMs });
  emitStateChange(cloud, build);
}

/**
 * "Build duration is calculated in minutes, from the time you submit your build until your build is terminated, rounded
 * up to the nearest minute" (CodeBuild, pricing). Its project's tags are the build's.
 */
function meterBuild(cloud: Cloud, { project, environment, startMs, endMs }: BuildRecord): void {
  const minutes = Math.ceil((endMs! - startMs) / 60_000);
  cloud.meter.count(cloud.arn("codebuild", `project/${project}`), buildMinutes(environment.computeType), minutes);
}
