import { nistAi } from "../frameworks";
import { effectiveTags } from "../inputs";
import { definitionOf } from "../pipeline";
import { defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Tag of a model that says that its environment takes none without a card. */
  readonly tag: string;
  /** Whether a model may be served only with the tag. */
  readonly demanded: boolean;
}

export const modelCard = defineRule<Config>({
  name: "model-card",
  description: "Every registered model has a model card, and production takes none without one that agrees with it.",
  rationale:
    "A model card says what a model is for, what it was made of and how good it is; without one nobody who meets the model later can judge whether it fits.",
  severity: "high",
  framework: nistAi("MAP 2.2", "The system's knowledge limits, and how its output may be used, are documented"),
  remediationSteps: "Set demandModelCard of the stack, and have the pipeline register models with a ModelCard.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html",
  configSchema: { properties: { tag: { type: "string" }, demanded: { type: "boolean" } } },
  defaults: { tag: "model-card", demanded: true },
  appliesTo: (type) => type === types.model || type === types.pipeline,
  *check({ type, props, provider }, { tag, demanded }) {
    if (type === types.pipeline) {
      for (const { Name, Type, Arguments } of definitionOf(props)?.steps ?? [])
        if (
          Type === "RegisterModel" &&
          !(Arguments?.["ModelCard"] as Record<string, unknown> | undefined)?.["ModelCardContent"]
        )
          yield `Step ${Name} registers models without a card (ModelCard.ModelCardContent).`;
      return;
    }
    if (demanded && effectiveTags(props, provider)[tag] !== "demanded")
      yield `The model's environment takes models without a card: the tag ${tag} is not "demanded".`;
  },
});
