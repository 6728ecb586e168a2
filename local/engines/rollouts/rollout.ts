import type { Clock } from "../../clock";
import type { Fleet } from "../fleets/fleet";
import type { TrafficStep } from "./plan";
import type { Router } from "./router";

export interface Rollout {
  readonly router: Router;
  readonly green: Fleet;
  readonly weights: ReadonlyMap<string, number>;
  readonly steps: readonly TrafficStep[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Names of the alarms that are in ALARM now; empty when none is watched. */
  alarming(): Promise<string[]>;
  /** Asked at each point of the way: true takes the update back without an alarm (a fault on request; on AWS, whatever goes wrong inside). */
  revertsAt(point: RolloutPoint): boolean;
  /** Told before each step. */
  onStep(step: TrafficStep): void;
}

/** The new fleet is up; it has its first traffic; all waits are over. */
export type RolloutPoint = "start" | "traffic" | "bake";

export type RolloutOutcome = { readonly result: "completed" } | { readonly result: "rolled back"; readonly reason: string };

/** Alarms are looked at this often, cloud time. */
const WATCH_EVERY_SECONDS = 5;

/**
 * A blue/green update: the new fleet comes up beside the old one, takes traffic step by step, and the old one goes. An
 * alarm at any wait sends all traffic back to the old fleet, which has been there all along. No request fails either way:
 * a fleet leaves the router before it is drained.
 * @throws VariantFailed when the new fleet does not come up (the old one was never touched). @throws the signal's reason.
 */
export async function rollOut(rollout: Rollout): Promise<RolloutOutcome> {
  const { router, green, weights, steps, clock, signal } = rollout;
  const blue = router.live;
  const back = async (reason: string): Promise<RolloutOutcome> => {
    router.revert();
    await green.drain();
    return { result: "rolled back", reason };
  };
  await green.launch();
  if (rollout.revertsAt("start")) return back("It was taken back before it had traffic.");
  for (const [index, step] of steps.entries()) {
    rollout.onStep(step);
    router.shift(green, weights, step.greenShare);
    if (index === 0 && rollout.revertsAt("traffic")) return back("It was taken back after its first traffic.");
    for (let waited = 0; ; ) {
      const alarms = await rollout.alarming();
      if (alarms.length > 0) return back(`The alarms ${alarms.join(", ")} are in ALARM state.`);
      const left = step.waitSeconds - waited;
      if (left <= 0) break;
      const nap = Math.min(left, WATCH_EVERY_SECONDS);
      await clock.sleep(nap * 1000, signal);
      waited += nap;
    }
  }
  if (rollout.revertsAt("bake")) return back("It was taken back at the end of its waits.");
  router.serve(green, weights);
  await blue?.drain();
  return { result: "completed" };
}
