import { noMonitoredServerless as rule } from "../../../policies/rules/no-monitored-serverless";
import { describeRule, unknownText } from "../../support/policy";

const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const serverless = {
  productionVariants: [{ variantName: "a", serverlessConfig: { maxConcurrency: 1, memorySizeInMb: 2048 } }],
};
const allowed = { config: { allowed: true } };

describeRule(rule, {
  refuses: {
    "a serverless variant": [configuration, serverless, /nothing of it is monitored/],
    "capture that there is not": [
      configuration,
      { ...serverless, dataCaptureConfig: { enableCapture: true } },
      /serverless variants have none/,
      allowed,
    ],
    "a serverless variant that a preview does not know in full": [
      configuration,
      { productionVariants: [{ serverlessConfig: unknownText }] },
      /nothing of it/,
    ],
  },
  accepts: {
    instances: [
      configuration,
      { productionVariants: [{ instanceType: "ml.g5.xlarge" }], dataCaptureConfig: { enableCapture: true } },
    ],
    "a serverless variant, where that is accepted": [configuration, serverless, , allowed],
  },
  ignores: ["aws:sagemaker/endpoint:Endpoint"],
  stoppedBy: {
    "variants that a preview does not know": [configuration, { productionVariants: unknownText }, /productionVariants/],
  },
});
