import { wellArchitected } from "../frameworks";
import { blockOf, type Inputs } from "../inputs";
import { definitionOf, type PipelineDefinition } from "../pipeline";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  readonly maxHours: number;
}

export const jobRuntimeBounded = defineRule<Config>({
  name: "job-runtime-bounded",
  description: "Jobs are stopped after a time that the environment grants.",
  rationale:
    "A job that hangs costs as much as one that works, until somebody looks; SageMaker's own limit is days away.",
  severity: "medium",
  framework: wellArchitected("MLCOST06", "Stop resources when not in use"),
  remediationSteps: "Set StoppingCondition.MaxRuntimeInSeconds (trainingMaxHours).",
  url: "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html",
  configSchema: { properties: { maxHours: { type: "number" } } },
  defaults: { maxHours: 24 },
  ...byType<Config>({
    *[types.pipeline](props, { maxHours }) {
      const definition = definitionOf(props);
      for (const { Name, Type, Arguments } of definition?.steps ?? []) {
        if (Type !== "Training" && Type !== "Processing") continue;
        for (const problem of bounded(secondsOf(definition!, Arguments), maxHours)) yield `Step ${Name} ${problem}`;
      }
    },
    *[types.trainingJob](props, { maxHours }) {
      for (const problem of bounded(Number(blockOf(props, "stoppingCondition")?.["maxRuntimeInSeconds"]), maxHours))
        yield `The job ${problem}`;
    },
  }),
});

function secondsOf(definition: PipelineDefinition, step: Inputs | undefined): number {
  return Number(definition.resolve((step?.["StoppingCondition"] as Inputs | undefined)?.["MaxRuntimeInSeconds"]));
}

function* bounded(seconds: number, maxHours: number): Iterable<string> {
  if (Number.isNaN(seconds)) yield "has no time limit of its own.";
  else if (seconds > maxHours * 3600) yield `may run for ${(seconds / 3600).toFixed(1)} hours, more than ${maxHours}.`;
}
