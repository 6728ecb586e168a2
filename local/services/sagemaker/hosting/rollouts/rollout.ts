import type { Members } from "../../../../members";
import type { Fleet } from "../fleets/fleet";
import { Guard, type Watched } from "./guard";
import { activating, baking, launching, terminating, trafficPlan, type RolloutVariant, type Stage } from "./plan";
import type { Router, Split } from "./router";

export interface Rollout extends Watched {
  readonly router: Router;
  readonly green: Fleet;
  readonly split: Split;
  /** The production variants. */
  readonly variants: readonly RolloutVariant[];
  /** Comes up with the others; how much of the traffic has moved is not counted by it. */
  readonly shadow?: RolloutVariant;
  /** `DeploymentConfig`; without one all traffic moves at once. */
  readonly deployment?: Members;
  /**
   * Asked at each point of the way: true takes the update back without an alarm (a fault on request; on AWS, whatever
   * goes wrong inside).
   */
  revertsAt(point: RolloutPoint): boolean;
  /** Told before each stage. */
  onStage(stage: Stage): void;
}

/** The new fleet is up; it has its first traffic; all waits are over. */
export type RolloutPoint = "start" | "traffic" | "bake";

export type RolloutOutcome =
  | { readonly result: "completed" }
  | { readonly result: "rolled back"; readonly reason: string }
  /** Both fleets serve, each with what it has. */
  | { readonly result: "rollback failed"; readonly reason: string };

/**
 * A blue/green update: the new fleet comes up beside the old one, takes traffic step by step, and the old one goes. An
 * alarm at any wait sends all traffic back to the old fleet, which has been there all along. No request fails either
 * way: a fleet leaves the router before it is drained. An alarm that is on from the start ends the update before it
 * begins.
 * @throws VariantFailed when the new fleet does not come up (the old one was never touched).
 * @throws the signal's reason.
 */
export async function rollOut(rollout: Rollout): Promise<RolloutOutcome> {
  const { router, green, split, variants, shadow } = rollout;
  const guard = new Guard(rollout);
  const blue = router.live;
  const back = async (reason: string): Promise<RolloutOutcome> => {
    router.revert();
    await green.drain();
    return { result: "rolled back", reason };
  };
  const early = await guard.alarms();
  if (early) return back(early);
  rollout.onStage(launching(shadow ? [...variants, shadow] : variants));
  await guard.launching(() => green.launch());
  if (rollout.revertsAt("start")) return back("It was taken back before it had traffic.");
  for (const [index, step] of trafficPlan(rollout.deployment, variants).entries()) {
    rollout.onStage(activating(step));
    router.shift(green, split, step.greenShare, step.capacity);
    if (index === 0 && rollout.revertsAt("traffic")) return back("It was taken back after its first traffic.");
    if (step.waitSeconds > 0) rollout.onStage(baking(step));
    const reason = await guard.bake(step.waitSeconds);
    if (reason) return back(reason);
  }
  if (rollout.revertsAt("bake")) return back("It was taken back at the end of its waits.");
  router.serve(green, split);
  if (blue) rollout.onStage(terminating([...blue.variants].map(([name, { size }]) => ({ name, instances: size }))));
  await blue?.drain();
  return { result: "completed" };
}
