import type { ExperimentDesign } from "./design";
import { scoredMetrics } from "./scores";

/** What a design asks for that nobody measures on an endpoint, one a sentence. Guardrails all are. */
export function unmeasured({ metric }: Pick<ExperimentDesign, "metric">): string[] {
  const metrics = Object.keys(scoredMetrics);
  return metrics.includes(metric.name)
    ? []
    : [`metric ${metric.name} is not measured on labelled answers, only ${metrics.join(", ")}`];
}
