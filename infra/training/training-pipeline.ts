import { prefixes } from "../../contract/places";
import type { Scope } from "../scope";
import { modelVariants } from "../settings/training";
import { qualityBar } from "./candidate-steps";
import type { Parameter, PipelineDefinition } from "./definition";
import { evaluateStep, prepareStep, profileStep, trainStep } from "./job-steps";
import type { TrainingPipelineInput } from "./pipeline-input";

/**
 * Profile and prepare the flights, train, evaluate against the champion, register what meets the bar, see it run in
 * staging, and tell those who decide. Every parameter has a default, so that an event can start the pipeline. Steps are
 * not cached: the dataset prefix keeps its name while its content grows, and a cache hit would silently train on old
 * images.
 */
export function trainingPipeline(scope: Scope, input: TrainingPipelineInput): PipelineDefinition {
  return {
    Version: "2020-12-01",
    Metadata: {},
    Parameters: parameters(scope),
    Steps: [
      profileStep(scope, input),
      prepareStep(scope, input),
      trainStep(scope, input),
      evaluateStep(scope, input),
      qualityBar(scope, input),
    ],
  };
}

function parameters({ artifactsBucket, pipelineName, settings: { dataset, training } }: Scope): Parameter[] {
  return [
    { Name: "DatasetUri", Type: "String", DefaultValue: `s3://${dataset.bucket}/${dataset.prefix}` },
    { Name: "WeightsUri", Type: "String", DefaultValue: `s3://${artifactsBucket}/${prefixes.weights}` },
    { Name: "ChampionModelUri", Type: "String", DefaultValue: `s3://${artifactsBucket}/${prefixes.champion}` },
    { Name: "ExperimentName", Type: "String", DefaultValue: pipelineName },
    { Name: "RunReason", Type: "String", DefaultValue: "manual" },
    { Name: "ModelVariant", Type: "String", DefaultValue: training.modelVariant, EnumValues: modelVariants },
    { Name: "Epochs", Type: "Integer", DefaultValue: training.epochs },
    { Name: "ImageSize", Type: "Integer", DefaultValue: training.imageSize },
    { Name: "BatchSize", Type: "Integer", DefaultValue: training.batchSize },
    { Name: "LearningRate", Type: "Float", DefaultValue: training.learningRate },
    { Name: "FreezeLayers", Type: "Integer", DefaultValue: training.freezeLayers },
    { Name: "Seed", Type: "Integer", DefaultValue: training.seed },
    { Name: "MinMap50", Type: "Float", DefaultValue: training.minMap50 },
    { Name: "MinGain", Type: "Float", DefaultValue: training.minGain },
    { Name: "TrainInstanceType", Type: "String", DefaultValue: training.instanceType },
    { Name: "ProcessingInstanceType", Type: "String", DefaultValue: training.processingInstanceType },
  ];
}
