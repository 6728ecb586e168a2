import { spotTraining as rule } from "../../../policies/rules/spot-training";
import { describeRule, unknownText } from "../../support/policy";

const pipeline = "aws:sagemaker/pipeline:Pipeline";
const job = "aws:sagemaker/trainingJob:TrainingJob";
const spot = {
  EnableManagedSpotTraining: true,
  CheckpointConfig: { S3Uri: "s3://a" },
  StoppingCondition: { MaxWaitTimeInSeconds: 60 },
};
const step = (args: object, Type = "Training") => ({
  pipelineDefinition: JSON.stringify({ Steps: [{ Name: "Train", Type, Arguments: args }] }),
});

describeRule(rule, {
  refuses: {
    "training on demand": [
      pipeline,
      step({ ...spot, EnableManagedSpotTraining: false }),
      /Step Train trains on demand/,
    ],
    "spot without checkpoints": [pipeline, step({ ...spot, CheckpointConfig: undefined }), /keeps no checkpoints/],
    "a wait without an end": [
      pipeline,
      step({ ...spot, StoppingCondition: { MaxRuntimeInSeconds: 60 } }),
      /without a limit/,
    ],
    "a job on demand": [job, {}, /trains on demand/],
    "a job on spot without checkpoints": [job, { enableManagedSpotTraining: true }, /no checkpoints/],
  },
  accepts: {
    "training on spot": [pipeline, step(spot)],
    "steps that do not train": [pipeline, step({}, "Processing")],
    "a job on spot": [job, { enableManagedSpotTraining: true, checkpointConfig: { s3Uri: unknownText } }],
  },
  ignores: ["aws:sagemaker/model:Model"],
  stoppedBy: {
    "a definition that a preview does not know": [pipeline, { pipelineDefinition: unknownText }, /pipelineDefinition/],
  },
});
