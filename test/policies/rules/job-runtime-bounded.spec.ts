import { jobRuntimeBounded as rule } from "../../../policies/rules/job-runtime-bounded";
import { describeRule, unknownText } from "../../support/policy";

const pipeline = "aws:sagemaker/pipeline:Pipeline";
const job = "aws:sagemaker/trainingJob:TrainingJob";
const step = (MaxRuntimeInSeconds: unknown, Type = "Processing") => ({
  pipelineDefinition: JSON.stringify({
    Parameters: [{ Name: "Hours", DefaultValue: 3600 }],
    Steps: [{ Name: "Work", Type, Arguments: { StoppingCondition: { MaxRuntimeInSeconds } } }],
  }),
});

describeRule(rule, {
  refuses: {
    "a step without an end": [pipeline, step(undefined), /Step Work has no time limit/],
    "a step that may run for a week": [
      pipeline,
      step(7 * 86_400, "Training"),
      /may run for 168\.0 hours, more than 24/,
    ],
    "a job without an end": [job, {}, /The job has no time limit/],
  },
  accepts: {
    "a step with an end": [pipeline, step(3600)],
    "an end by a parameter": [pipeline, step({ Get: "Parameters.Hours" })],
    "steps that run no job": [pipeline, step(undefined, "Lambda")],
    "a job with an end": [job, { stoppingCondition: { maxRuntimeInSeconds: 3600 } }],
  },
  ignores: ["aws:sagemaker/model:Model"],
  stoppedBy: {
    "a definition that a preview does not know": [pipeline, { pipelineDefinition: unknownText }, /pipelineDefinition/],
  },
});
