import { workloadsInVpc as rule } from "../../../policies/rules/workloads-in-vpc";
import { describeRule, unknownText } from "../../support/policy";

const pipeline = "aws:sagemaker/pipeline:Pipeline";
const model = "aws:sagemaker/model:Model";
const lambda = "aws:lambda/function:Function";
const step = (args: object, Type = "Training") => ({
  pipelineDefinition: JSON.stringify({
    Steps: [{ Name: "Gate", Type: "Condition", Arguments: { IfSteps: [{ Name: "Work", Type, Arguments: args }] } }],
  }),
});
const VpcConfig = { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] };
const functions = { config: { workloads: ["functions"] } };

describeRule(rule, {
  refuses: {
    "a training step outside of a VPC": [pipeline, step({}), /Step Work runs outside of a VPC/],
    "a processing step outside of a VPC": [
      pipeline,
      step({ NetworkConfig: { EnableNetworkIsolation: true } }, "Processing"),
      /Step Work/,
    ],
    "a model outside of a VPC": [model, {}, /containers run outside/],
    "a training job outside of a VPC": ["aws:sagemaker/trainingJob:TrainingJob", {}, /job runs outside/],
    "a function outside of a VPC, where that is demanded": [lambda, {}, /function runs outside/, functions],
  },
  accepts: {
    "steps in a VPC": [pipeline, step({ VpcConfig })],
    "processing in a VPC": [pipeline, step({ NetworkConfig: { VpcConfig } }, "Processing")],
    "steps that run nothing": [pipeline, step({}, "RegisterModel")],
    "a model in subnets that a preview does not know yet": [model, { vpcConfig: { subnets: unknownText } }],
    "a function, where that is not demanded": [lambda, {}],
    "a function in a VPC": [lambda, { vpcConfig: { subnetIds: [unknownText] } }, , functions],
    "everything, where nothing is demanded": [pipeline, step({}), , functions],
  },
  ignores: ["aws:sns/topic:Topic"],
  stoppedBy: {
    "a definition that a preview does not know": [pipeline, { pipelineDefinition: unknownText }, /pipelineDefinition/],
  },
});
