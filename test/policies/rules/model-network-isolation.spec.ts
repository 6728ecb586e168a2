import { modelNetworkIsolation as rule } from "../../../policies/rules/model-network-isolation";
import { describeRule, unknownText } from "../../support/policy";

const model = "aws:sagemaker/model:Model";

describeRule(rule, {
  refuses: {
    "a model with a network": [model, { enableNetworkIsolation: false }, /enableNetworkIsolation is not true/],
    "a model that says nothing": [model, {}, /not true/],
  },
  accepts: { "an isolated model": [model, { enableNetworkIsolation: true, executionRoleArn: unknownText }] },
  ignores: ["aws:sagemaker/endpoint:Endpoint"],
  stoppedBy: {
    "a switch that a preview does not know": [model, { enableNetworkIsolation: unknownText }, /enableNetworkIsolation/],
  },
});
