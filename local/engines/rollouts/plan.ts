import type { Members } from "../../cloud";

/** One step of a blue/green update: so much of the traffic to the new fleet, then a wait while the alarms are watched. */
export interface TrafficStep {
  /** Share of traffic to the new fleet, 0..1. */
  readonly greenShare: number;
  readonly waitSeconds: number;
  /** As `VariantStatus` names the step. */
  readonly status: "ActivatingTraffic" | "Baking";
  readonly message: string;
}

/**
 * The steps of an update by its `DeploymentConfig` (SageMaker API). Without one: all traffic at once, no wait.
 * @param instances of the new fleet, all variants together. The last step always has the whole traffic on the new fleet.
 */
export function trafficPlan(deployment: Members | undefined, instances: number): TrafficStep[] {
  const policy = deployment?.BlueGreenUpdatePolicy as Members | undefined;
  const routing = policy?.TrafficRoutingConfiguration as Members | undefined;
  const terminationWait = Number(policy?.TerminationWaitInSeconds ?? 0);
  const interval = Number(routing?.WaitIntervalInSeconds ?? 0);
  const last: TrafficStep = {
    greenShare: 1,
    waitSeconds: terminationWait,
    status: "Baking",
    message: `Baking for ${terminationWait} seconds (TerminationWaitInSeconds) with traffic enabled on the whole new fleet.`,
  };
  const partial = (share: number): TrafficStep => ({
    greenShare: share,
    waitSeconds: interval,
    status: "Baking",
    message: `Baking for ${interval} seconds (WaitIntervalInSeconds) with traffic enabled on ${Math.round(share * 100)} % of the new fleet.`,
  });
  if (routing?.Type === "CANARY") return [partial(share(routing.CanarySize, instances)), last];
  if (routing?.Type === "LINEAR") {
    const step = share(routing.LinearStepSize, instances);
    const steps: TrafficStep[] = [];
    // The tolerance keeps 10 x 10 % from becoming eleven steps.
    for (let green = step; green < 1 - 1e-9; green += step) steps.push(partial(green));
    return [...steps, last];
  }
  return [last];
}

/** A `CapacitySize` as a share; at least one instance takes part. */
function share(size: Members | undefined, instances: number): number {
  const wanted = size?.Type === "INSTANCE_COUNT" ? Number(size.Value) : Math.ceil((Number(size?.Value ?? 100) / 100) * instances);
  return Math.min(1, Math.max(1, wanted) / Math.max(1, instances));
}
