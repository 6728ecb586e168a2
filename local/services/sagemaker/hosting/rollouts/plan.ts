import type { Members } from "../../../../members";

/** A variant of the new fleet and how many instances it gets. */
export interface RolloutVariant {
  readonly name: string;
  readonly instances: number;
}

/**
 * One step of a blue/green update: so much of the new fleet takes traffic, then a wait while the alarms are watched.
 */
export interface TrafficStep {
  /** Share of traffic to the new fleet, 0..1. */
  readonly greenShare: number;
  /** Instances of the new fleet that take it, by variant. */
  readonly capacity: ReadonlyMap<string, number>;
  readonly extent: "canary" | "partial" | "full";
  readonly waitSeconds: number;
  /** The member of `DeploymentConfig` that asks for the wait. */
  readonly wait: "WaitIntervalInSeconds" | "TerminationWaitInSeconds";
}

/** What a deployment is doing, as `VariantStatus` tells it. */
export interface Stage {
  readonly status: "Creating" | "ActivatingTraffic" | "Baking" | "Deleting";
  /** Of the new fleet, and when instances are deleted of the old one. */
  readonly variants: Readonly<Record<string, { readonly message: string; readonly instances: number }>>;
  /** What is left of the old fleet, where it gives way batch by batch. */
  readonly old?: Readonly<Record<string, number>>;
}

/**
 * The steps of an update by its `DeploymentConfig` (SageMaker API). Without one: all traffic at once, no wait. The last
 * step always has the whole traffic on the new fleet. Sizes count per variant ("of the variant's total instance
 * count").
 */
export function trafficPlan(deployment: Members | undefined, variants: readonly RolloutVariant[]): TrafficStep[] {
  const policy = deployment?.BlueGreenUpdatePolicy as Members | undefined;
  const routing = policy?.TrafficRoutingConfiguration as Members | undefined;
  const waitSeconds = Number(routing?.WaitIntervalInSeconds ?? 0);
  const total = variants.reduce((sum, { instances }) => sum + instances, 0);
  const taking = (count: (variant: RolloutVariant) => number): Pick<TrafficStep, "greenShare" | "capacity"> => {
    const capacity = new Map(variants.map((variant) => [variant.name, Math.min(variant.instances, count(variant))]));
    return { capacity, greenShare: [...capacity.values()].reduce((sum, one) => sum + one, 0) / Math.max(1, total) };
  };
  const last: TrafficStep = {
    ...taking(({ instances }) => instances),
    greenShare: 1,
    extent: "full",
    waitSeconds: Number(policy?.TerminationWaitInSeconds ?? 0),
    wait: "TerminationWaitInSeconds",
  };
  const part = (extent: "canary" | "partial", count: (variant: RolloutVariant) => number): TrafficStep => ({
    ...taking(count),
    extent,
    waitSeconds,
    wait: "WaitIntervalInSeconds",
  });
  switch (routing?.Type) {
    case "CANARY":
      return [part("canary", ({ instances }) => instancesOf(routing.CanarySize, instances)), last];
    case "LINEAR": {
      const steps: TrafficStep[] = [];
      for (let index = 1; ; index++) {
        const step = part("partial", ({ instances }) => index * instancesOf(routing.LinearStepSize, instances));
        // The tolerance keeps a last step of 99.999 % from being counted as a partial one.
        if (step.greenShare > 1 - 1e-9) return [...steps, last];
        steps.push(step);
      }
    }
    default:
      return [last];
  }
}

/** A `CapacitySize` in instances; at least one takes part. */
export function instancesOf(size: Members | undefined, instances: number): number {
  const wanted =
    size?.Type === "INSTANCE_COUNT" ? Number(size.Value) : Math.ceil((Number(size?.Value ?? 100) / 100) * instances);
  return Math.max(1, Math.min(instances, wanted));
}

/**
 * "Launching X instance(s)." (messages: developer guide, "Events that SageMaker sends to EventBridge").
 * @param up that have come up before.
 */
export function launching(variants: readonly RolloutVariant[], up = 0): Stage {
  return stage("Creating", variants, ({ instances }) => ({
    message: `Launching ${instances - up} instance(s).`,
    instances: up,
  }));
}

export function activating({ capacity, extent }: TrafficStep, old?: Stage["old"]): Stage {
  return {
    ...stage("ActivatingTraffic", asVariants(capacity), ({ instances }) => ({
      message: `Activating traffic on ${extent} capacity of ${instances} instance(s).`,
      instances,
    })),
    ...(old ? { old } : {}),
  };
}

export function baking({ capacity, extent, waitSeconds, wait }: TrafficStep, old?: Stage["old"]): Stage {
  const message = (instances: number): string =>
    `Baking for ${waitSeconds} seconds (${wait}) with traffic enabled on ${extent} capacity of ${instances} instance(s).`;
  return {
    ...stage("Baking", asVariants(capacity), ({ instances }) => ({ message: message(instances), instances })),
    ...(old ? { old } : {}),
  };
}

/** @param variants of the old fleet, with what goes. */
export function terminating(variants: readonly RolloutVariant[]): Stage {
  return stage("Deleting", variants, ({ instances }) => ({
    message: `Terminating ${instances} instance(s).`,
    instances,
  }));
}

function asVariants(capacity: ReadonlyMap<string, number>): RolloutVariant[] {
  return [...capacity].map(([name, instances]) => ({ name, instances }));
}

function stage(
  status: Stage["status"],
  variants: readonly RolloutVariant[],
  tell: (variant: RolloutVariant) => { message: string; instances: number },
): Stage {
  return { status, variants: Object.fromEntries(variants.map((variant) => [variant.name, tell(variant)])) };
}
