import { signalNames, type Signal } from "../rollout/served";
import type { ExperimentDesign } from "./design";
import { scoredMetrics } from "./scores";

/** What CloudWatch can count of a variant; the others need answers to be looked into. */
const countedSignals: readonly Signal[] = ["errors", "slow"];

/** What a design asks for that nobody measures on an endpoint, one a sentence. */
export function unmeasured({ metric, guardrails }: Pick<ExperimentDesign, "metric" | "guardrails">): string[] {
  const metrics = Object.keys(scoredMetrics);
  return [
    ...(metrics.includes(metric.name)
      ? []
      : [`metric ${metric.name} is not measured on labelled answers, only ${metrics.join(", ")}`]),
    ...guardrails
      .filter(({ signal }) => !countedSignals.includes(signal))
      .map(
        ({ signal }) =>
          `${signalNames[signal]} (${signal}) are not counted by variant, only ${countedSignals.join(" and ")}`,
      ),
  ];
}
