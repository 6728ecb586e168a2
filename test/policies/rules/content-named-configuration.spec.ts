import { contentNamedConfiguration as rule } from "../../../policies/rules/content-named-configuration";
import { describeRule, unknownText } from "../../support/policy";

const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";

describeRule(rule, {
  refuses: {
    "a fixed name of a configuration": [
      configuration,
      { name: "detector" },
      /The name detector says nothing about the content/,
    ],
    "a fixed name of a model": ["aws:sagemaker/model:Model", { name: "yolo11-v2" }, /yolo11-v2/],
    "a name with nothing but Pulumi's suffix": [configuration, { name: "detector-1a2b3c4" }, /detector-1a2b3c4/],
    "a fixed logical name, before the physical one is known": [
      configuration,
      { name: unknownText },
      /The name resource/,
    ],
  },
  accepts: {
    "a digest in the name": [configuration, { name: "detector-0123456789ab" }],
    "a digest with Pulumi's suffix": ["aws:sagemaker/model:Model", { name: "detector-0123456789ab-1a2b3c4" }],
    "a digest in the logical name": [configuration, { name: unknownText }, , { name: "detector-0123456789ab" }],
  },
  ignores: ["aws:sagemaker/endpoint:Endpoint"],
});
