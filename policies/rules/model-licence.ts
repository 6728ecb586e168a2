import { nistAi } from "../frameworks";
import { effectiveTags } from "../inputs";
import { definitionOf } from "../pipeline";
import { defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Tag of a model that says under which licence it is served. */
  readonly tag: string;
  /** Licences that somebody who may do so has accepted for this environment. */
  readonly accepted: readonly string[];
  /** Whether a model may be served only with the tag. */
  readonly required: boolean;
}

export const modelLicence = defineRule<Config>({
  name: "model-licence",
  description: "Who serves a YOLO11 model has said under which licence, and every registered model names its own.",
  rationale:
    "Ultralytics' models are AGPL-3.0 unless an enterprise licence was bought: whoever serves one without a decision risks a lawsuit or has to publish their source.",
  severity: "high",
  framework: nistAi("GOVERN 1.1", "Legal requirements that involve AI are understood and documented"),
  remediationSteps: "Ask whoever may decide about the licence, and set modelLicence of the stack to it.",
  url: "https://www.ultralytics.com/license",
  configSchema: {
    properties: {
      tag: { type: "string" },
      accepted: { type: "array", items: { type: "string" } },
      required: { type: "boolean" },
    },
  },
  defaults: { tag: "model-licence", accepted: ["AGPL-3.0", "Ultralytics-Enterprise"], required: true },
  appliesTo: (type) => type === types.model || type === types.pipeline,
  *check({ type, props, provider }, { tag, accepted, required }) {
    if (type === types.pipeline) {
      for (const { Name, Type, Arguments } of definitionOf(props)?.steps ?? [])
        if (
          Type === "RegisterModel" &&
          !(Arguments?.["CustomerMetadataProperties"] as Record<string, unknown> | undefined)?.["licence"]
        )
          yield `Step ${Name} registers models without naming their licence (CustomerMetadataProperties.licence).`;
      return;
    }
    const licence = effectiveTags(props, provider)[tag];
    if (licence === undefined) {
      if (required) yield `The model carries no tag ${tag}.`;
    } else if (!accepted.includes(licence))
      yield `The licence ${JSON.stringify(licence)} is not accepted here (accepted: ${accepted.join(", ")}).`;
  },
});
