import { VariantFailed } from "../fleets/container-plan";
import { VariantFleet } from "../fleets/fleet";
import { Guard } from "./guard";
import { activating, baking, instancesOf, launching, terminating, type TrafficStep } from "./plan";
import type { Rollout, RolloutOutcome } from "./rollout";

/**
 * A rolling update (`RollingUpdatePolicy`): batch by batch new instances come up and take their part of the traffic, a
 * wait while the alarms are watched, then as large a part of the old fleet goes. Taken back, the old instances come up
 * again in batches of their own; when they do not, both fleets stay as they are and serve together.
 * @param rollout of one variant (SageMaker excludes endpoints with several).
 */
export async function rollOver(rollout: Rollout): Promise<RolloutOutcome> {
  const { router, green, split, variants } = rollout;
  const [variant] = variants;
  const blue = router.live;
  const old = variant && blue?.variants.get(variant.name);
  const fresh = variant && green.variants.get(variant.name);
  if (!blue || !variant || !(old instanceof VariantFleet) || !(fresh instanceof VariantFleet))
    throw new Error("a rolling update needs one variant of instances, the same before and after");
  const { name, instances: total } = variant;
  const before = old.size;
  const policy = rollout.deployment?.RollingUpdatePolicy;
  const batch = instancesOf(policy?.MaximumBatchSize, total);
  const waitSeconds = Number(policy?.WaitIntervalInSeconds ?? 0);
  const guard = new Guard(rollout);

  const takeBack = async (reason: string): Promise<RolloutOutcome> => {
    const size = instancesOf(policy?.RollbackMaximumBatchSize, before);
    try {
      while (old.size < before) {
        await old.scaleTo(Math.min(before, old.size + size));
        const left = 1 - old.size / before;
        router.shift(green, split, left);
        await fresh.scaleTo(Math.ceil(left * fresh.size));
      }
    } catch (error) {
      if (!(error instanceof VariantFailed)) throw error;
      return { result: "rollback failed", reason: `${reason} The rollback failed as well: ${error.message}` };
    }
    router.revert();
    await green.drain();
    return { result: "rolled back", reason };
  };

  const early = await guard.alarms();
  if (early) return takeBack(early);
  for (let up = 0; up < total;) {
    const next = Math.min(total, up + batch);
    const left = { [name]: old.size };
    rollout.onStage({ ...launching([{ name, instances: next }], up), old: left });
    try {
      await guard.launching(() => fresh.scaleTo(next));
    } catch (error) {
      if (!(error instanceof VariantFailed)) throw error;
      return takeBack(error.message);
    }
    if (up === 0 && rollout.revertsAt("start")) return takeBack("It was taken back before it had traffic.");
    const step: TrafficStep = {
      greenShare: next / total,
      capacity: new Map([[name, next]]),
      extent: next === total ? "full" : "partial",
      waitSeconds,
      wait: "WaitIntervalInSeconds",
    };
    rollout.onStage(activating(step, left));
    router.shift(green, split, step.greenShare);
    if (up === 0 && rollout.revertsAt("traffic")) return takeBack("It was taken back after its first traffic.");
    if (waitSeconds > 0) rollout.onStage(baking(step, left));
    const reason = await guard.bake(waitSeconds);
    if (reason) return takeBack(reason);
    // The last part of the old fleet goes when the new one has everything.
    if (next < total) await old.scaleTo(Math.ceil(before * (1 - next / total)));
    up = next;
  }
  if (rollout.revertsAt("bake")) return takeBack("It was taken back at the end of its waits.");
  router.serve(green, split);
  rollout.onStage(terminating([{ name, instances: old.size }]));
  await blue.drain();
  return { result: "completed" };
}
