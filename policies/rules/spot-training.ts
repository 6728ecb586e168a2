import { definitionOf } from "../pipeline";
import { wellArchitected } from "../frameworks";
import { byType, defineRule } from "../rule";
import { blockOf, isGiven } from "../inputs";
import { types } from "../types";

export const spotTraining = defineRule({
  name: "spot-training",
  description: "Training runs on spot capacity, with checkpoints and a limit to the wait.",
  rationale:
    "Spot costs about a third, and experiments can wait; without checkpoints an interruption costs the whole run.",
  severity: "medium",
  framework: wellArchitected("MLCOST12", "Use managed spot training"),
  remediationSteps: "Set trainingSpot to true, or disable the rule where waiting is not acceptable.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html",
  ...byType({
    *[types.pipeline](props) {
      for (const { Name, Type, Arguments } of definitionOf(props)?.steps ?? []) {
        if (Type !== "Training") continue;
        if (Arguments?.["EnableManagedSpotTraining"] !== true) yield `Step ${Name} trains on demand.`;
        else if (!isGiven(Arguments, "CheckpointConfig")) yield `Step ${Name} keeps no checkpoints.`;
        else if (!isGiven(Arguments["StoppingCondition"] as object as Record<string, unknown>, "MaxWaitTimeInSeconds"))
          yield `Step ${Name} waits for capacity without a limit.`;
      }
    },
    *[types.trainingJob](props) {
      if (props["enableManagedSpotTraining"] !== true) yield "The job trains on demand.";
      else if (!blockOf(props, "checkpointConfig")) yield "The job keeps no checkpoints.";
    },
  }),
});
