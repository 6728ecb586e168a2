import { wellArchitected } from "../frameworks";
import { changedByExperiment } from "../experiments";
import { blockOf, type Inputs } from "../inputs";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** How traffic may move: `ALL_AT_ONCE`, `CANARY`, `LINEAR`, `ROLLING`. */
  readonly allowed: readonly string[];
  /** Shortest time that the old fleet stays ready after all traffic has moved. */
  readonly minBakeSeconds: number;
}

export const explicitDeploymentConfig = defineRule<Config>({
  name: "explicit-deployment-config",
  description: "An endpoint says how traffic moves to a new model, in small steps, with time to watch them and an end.",
  rationale:
    "SageMaker keeps no deployment configuration from one update to the next; without one, all traffic moves at once, and there is nothing to roll back to.",
  severity: "high",
  framework: wellArchitected("MLOPS14", "Use an appropriate deployment strategy"),
  remediationSteps: "Set rollout, rolloutStepPercent, rolloutWaitSeconds and bakeSeconds as the environment demands.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html",
  configSchema: {
    properties: { allowed: { type: "array", items: { type: "string" } }, minBakeSeconds: { type: "integer" } },
  },
  defaults: { allowed: ["ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING"], minBakeSeconds: 0 },
  ...byType<Config>({
    *[types.endpoint](props, { allowed, minBakeSeconds }) {
      const deployment = blockOf(props, "deploymentConfig");
      // SageMaker takes none when variants come or go.
      if (!deployment && changedByExperiment(props)) return;
      const [blueGreen, rolling] = [
        blockOf(deployment, "blueGreenUpdatePolicy"),
        blockOf(deployment, "rollingUpdatePolicy"),
      ];
      if (blueGreen && rolling) yield "Blue/green and rolling at the same time: SageMaker takes exactly one.";
      if (!blueGreen && !rolling) yield "No update policy is written down.";
      const routing = blockOf(blueGreen, "trafficRoutingConfiguration");
      const kind = blueGreen ? String(routing?.["type"] ?? "no routing") : rolling ? "ROLLING" : undefined;
      if (kind && !allowed.includes(kind)) yield `Traffic moves by ${kind} (allowed: ${allowed.join(", ")}).`;
      if (blueGreen) yield* watched(blueGreen, routing, kind!, minBakeSeconds);
    },
  }),
});

function* watched(
  blueGreen: Inputs,
  routing: Inputs | undefined,
  kind: string,
  minBakeSeconds: number,
): Iterable<string> {
  const bake = Number(blueGreen["terminationWaitInSeconds"] ?? 0);
  if (bake < minBakeSeconds) yield `The old fleet is gone after ${bake} s, sooner than ${minBakeSeconds} s.`;
  const step = blockOf(routing, kind === "CANARY" ? "canarySize" : "linearStepSize");
  const percent = step?.["type"] === "CAPACITY_PERCENT" ? Number(step["value"]) : undefined;
  // "Less than or equal to 50 % of the variant's total instance count" (SageMaker API, TrafficRoutingConfig).
  if ((kind === "CANARY" || kind === "LINEAR") && percent !== undefined && percent > 50)
    yield `A step of ${percent} %: SageMaker takes 50 % at most.`;
  if ((kind === "CANARY" || kind === "LINEAR") && Number(routing?.["waitIntervalInSeconds"] ?? 0) === 0)
    yield "A step is not watched at all (waitIntervalInSeconds is 0).";
  const steps = kind === "LINEAR" && percent ? Math.ceil(100 / percent) : kind === "CANARY" ? 1 : 0;
  const waits = steps * Number(routing?.["waitIntervalInSeconds"] ?? 0) + bake;
  const end = Number(blueGreen["maximumExecutionTimeoutInSeconds"] ?? Infinity);
  if (end <= waits) yield `The update ends after ${end} s, but its waits alone take ${waits} s.`;
}
