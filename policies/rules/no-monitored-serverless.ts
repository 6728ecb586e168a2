import { nistAi } from "../frameworks";
import { blockOf, blocksOf, isGiven } from "../inputs";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Whether serverless variants may be used at all, unwatched as they are. */
  readonly allowed: boolean;
}

export const noMonitoredServerless = defineRule<Config>({
  name: "no-monitored-serverless",
  description: "A serverless variant claims no monitoring, and serves only where that is accepted.",
  rationale: "SageMaker captures nothing from serverless inference, however the configuration reads.",
  severity: "high",
  framework: nistAi("MEASURE 2.4", "The behaviour of the AI system in production is monitored"),
  remediationSteps:
    "Serve from instances; or, where an unwatched endpoint is accepted, drop dataCaptureConfig and set `allowed`.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
  configSchema: { properties: { allowed: { type: "boolean" } } },
  defaults: { allowed: false },
  ...byType<Config>({
    *[types.endpointConfiguration](props, { allowed }) {
      const serverless = blocksOf(props, "productionVariants").filter((variant) =>
        isGiven(variant, "serverlessConfig"),
      );
      if (serverless.length === 0) return;
      if (!allowed) yield "A variant is serverless, so nothing of it is monitored.";
      if (blockOf(props, "dataCaptureConfig")?.["enableCapture"])
        yield "Data capture is on, but serverless variants have none.";
    },
  }),
});
