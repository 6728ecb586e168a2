import { modelCard as rule } from "../../../policies/rules/model-card";
import { describeRule, unknownText } from "../../support/policy";

const model = "aws:sagemaker/model:Model";
const pipeline = "aws:sagemaker/pipeline:Pipeline";
const prod = { environment: "prod" };
const register = (ModelCard?: object) => ({
  pipelineDefinition: JSON.stringify({
    Steps: [{ Name: "Register", Type: "RegisterModel", Arguments: { ModelCard } }],
  }),
});

describeRule(rule, {
  refuses: {
    "a model of prod whose environment asks for no card": [model, { tags: {} }, /tag model-card is not/, prod],
    "one that says something else": [model, { tags: { "model-card": "no" } }, /tag model-card is not/, prod],
    "models that are registered without a card": [pipeline, register(), /Step Register registers models without/],
    "models that are registered with an empty one": [pipeline, register({ ModelCardContent: "" }), /Step Register/],
  },
  accepts: {
    "a model of an environment that demands cards": [model, { tags: { "model-card": "demanded" } }, , prod],
    "a model of dev": [model, { tags: {} }],
    "models that are registered with their card": [
      pipeline,
      register({ ModelCardContent: { "Std:Join": { On: "", Values: ["{}"] } } }),
    ],
  },
  ignores: ["aws:sagemaker/endpoint:Endpoint"],
  stoppedBy: { "tags that a preview does not know": [model, { tags: unknownText }, /tags/, prod] },
});
