import { hostFor } from "../../contract/hosts/inference";
import instanceTypes from "../../contract/hosts/instance-types.json";
import type { Demand } from "./problems";
import { integer, oneOf, type Values } from "./setting";

export const servingSettings = {
  servingInstanceType: oneOf(
    instanceTypes.hosting,
    {
      meaning:
        "Instance type of the endpoint, for example ml.g5.xlarge. Another one reaches a live endpoint with the next release, also of the same package, and never by a plain update; of a type with a GPU the hosts get a driver that fits the image.",
      example: "ml.g5.xlarge",
    },
    "a SageMaker hosting instance type such as ml.g5.xlarge",
  ),
  servingMinInstances: integer(1, 100, {
    meaning: "Instances that the endpoint starts with and never goes below.",
    default: "1",
  }),
  servingMaxInstances: integer(1, 100, { meaning: "Instances that autoscaling never goes above.", default: "2" }),
  invocationsPerInstance: integer(1, 1_000_000, {
    meaning: "Requests per instance and minute that autoscaling aims at.",
    default: "600",
  }),
  capturePercent: integer(1, 100, {
    meaning: "Share of requests and answers that data capture records, 1 to 100 per cent.",
    default: "100",
  }),
  rollout: oneOf(["all-at-once", "canary", "linear"], {
    meaning:
      "How traffic moves to a new model, one of all-at-once, canary, linear. Canary and linear need at least two instances.",
    default: "all-at-once",
  }),
  rolloutStepPercent: integer(10, 50, {
    meaning: "Share of the new fleet that takes traffic in a canary or in each linear step, 10 to 50 per cent.",
    default: "50",
  }),
  rolloutWaitSeconds: integer(0, 3600, {
    meaning: "Time that each canary or linear step is watched, 0 to 3600 s.",
    default: "300",
  }),
  bakeSeconds: integer(0, 3600, {
    meaning: "Time that the old fleet stays ready after all traffic has moved, 0 to 3600 s.",
    default: "300",
  }),
  rolloutUnproven: oneOf(["keep", "roll-back"], {
    meaning:
      "What becomes of a release when its canary or linear update ends and its traffic has proven neither that it is no worse than the one before nor that it is: keep leaves it live and tells people, roll-back takes it back.",
    default: "keep",
  }),
  latencyP90Ms: integer(1, 60_000, {
    meaning: "Model latency (90th percentile) above which the endpoint alarms and a rollout is taken back.",
    default: "2000",
  }),
  errorPercent: integer(1, 100, {
    meaning: "Share of requests answered with 5xx above which the endpoint alarms and a rollout is taken back.",
    default: "1",
  }),
  loadPercent: integer(1, 100, {
    meaning:
      "Share of an instance's processors, memory, GPU and GPU memory in use above which the endpoint alarms; of GPUs only where the instance type has one.",
    default: "90",
  }),
};
type ServingValues = Values<typeof servingSettings>;

export const servingDemands: readonly Demand<ServingValues>[] = [
  {
    of: ["servingInstanceType"],
    *clashes({ servingInstanceType }) {
      const host = hostFor(servingInstanceType);
      if (host.verdict === "unfit")
        yield { name: "servingInstanceType", reason: `is ${servingInstanceType}, which ${host.reason}` };
    },
  },
  {
    of: ["servingMinInstances", "servingMaxInstances"],
    *clashes({ servingMinInstances, servingMaxInstances }) {
      if (servingMaxInstances < servingMinInstances)
        yield {
          name: "servingMaxInstances",
          reason: `is ${servingMaxInstances}, below peregrine:servingMinInstances (${servingMinInstances})`,
        };
    },
  },
  {
    // A canary takes at most half of the fleet (CapacitySize): of one instance there is no half.
    of: ["rollout", "servingMinInstances"],
    *clashes({ rollout, servingMinInstances }) {
      if (rollout !== "all-at-once" && servingMinInstances < 2)
        yield {
          name: "rollout",
          reason: `${rollout} needs peregrine:servingMinInstances of at least 2, not ${servingMinInstances}`,
        };
    },
  },
];

/**
 * How traffic moves to a new model: at once, or in steps that are watched. The old fleet stays ready for `bakeSeconds`
 * afterwards.
 */
export type RolloutSettings = { readonly bakeSeconds: number } & (
  | { readonly kind: "all-at-once" }
  | { readonly kind: "canary" | "linear"; readonly stepPercent: number; readonly waitSeconds: number }
);

export interface ServingSettings {
  readonly instanceType: string;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly invocationsPerInstance: number;
  readonly capturePercent: number;
  readonly rollout: RolloutSettings;
  readonly latencyP90Ms: number;
  readonly errorPercent: number;
  readonly loadPercent: number;
}

export function servingOf(values: ServingValues): ServingSettings {
  return {
    instanceType: values.servingInstanceType,
    minInstances: values.servingMinInstances,
    maxInstances: values.servingMaxInstances,
    invocationsPerInstance: values.invocationsPerInstance,
    capturePercent: values.capturePercent,
    rollout: rolloutOf(values),
    latencyP90Ms: values.latencyP90Ms,
    errorPercent: values.errorPercent,
    loadPercent: values.loadPercent,
  };
}

function rolloutOf({
  rollout: kind,
  rolloutStepPercent: stepPercent,
  rolloutWaitSeconds: waitSeconds,
  bakeSeconds,
}: ServingValues): RolloutSettings {
  return kind === "all-at-once" ? { kind, bakeSeconds } : { kind, stepPercent, waitSeconds, bakeSeconds };
}
