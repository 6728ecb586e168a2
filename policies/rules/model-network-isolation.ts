import { securityHub } from "../frameworks";
import { byType, defineRule } from "../rule";
import { types } from "../types";

export const modelNetworkIsolation = defineRule({
  name: "model-network-isolation",
  description: "Containers that serve a model have no network.",
  rationale:
    "A model archive holds code of whoever trained it; isolated, it can send nothing out and fetch nothing in.",
  severity: "high",
  framework: securityHub("SageMaker.5", "Models have network isolation enabled"),
  remediationSteps:
    "Set enableNetworkIsolation to true and bring everything that serving needs inside the archive and the image.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html",
  ...byType({
    *[types.model](props) {
      if (props["enableNetworkIsolation"] !== true) yield "enableNetworkIsolation is not true.";
    },
  }),
});
