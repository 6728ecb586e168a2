import { modelLicence as rule } from "../../../policies/rules/model-licence";
import { describeRule, unknownText } from "../../support/policy";

const model = "aws:sagemaker/model:Model";
const pipeline = "aws:sagemaker/pipeline:Pipeline";
const prod = { environment: "prod" };
const register = (CustomerMetadataProperties?: object) => ({
  pipelineDefinition: JSON.stringify({
    Steps: [{ Name: "Register", Type: "RegisterModel", Arguments: { CustomerMetadataProperties } }],
  }),
});

describeRule(rule, {
  refuses: {
    "a model of prod about whose licence nobody decided": [model, { tags: {} }, /carries no tag model-licence/, prod],
    "a licence that nobody accepted": [
      model,
      { tags: { "model-licence": "none" } },
      /"none" is not accepted here/,
      prod,
    ],
    "the same in dev": [model, { tags: { "model-licence": "WTFPL" } }, /not accepted/],
    "models that are registered without a licence": [
      pipeline,
      register({ map50: "0.5" }),
      /Step Register registers models without naming/,
    ],
    "models that are registered without anything": [pipeline, register(), /Step Register/],
  },
  accepts: {
    "the AGPL": [model, { tags: { "model-licence": "AGPL-3.0" } }, , prod],
    "the enterprise licence": [model, { tags: { "model-licence": "Ultralytics-Enterprise" } }, , prod],
    "an undecided model in dev": [model, { tags: {} }],
    "models that are registered with their licence": [pipeline, register({ licence: "AGPL-3.0" })],
  },
  ignores: ["aws:sagemaker/endpoint:Endpoint"],
  stoppedBy: { "tags that a preview does not know": [model, { tags: unknownText }, /tags/, prod] },
});
