import { jobVolumes } from "../../contract/hosts/disks";
import { processingMaxHours } from "../identity/documents/jobs";
import { evaluationName, prefixes, withoutSlash } from "../../contract/places";
import type { Scope } from "../scope";
import type { Arguments, ProcessingStep, RetryPolicy, Step, TrainingStep } from "./definition";
import { execution, join, outputUri, parameter, stepProperty, text, type Value } from "./expressions";
import { metricDefinitions } from "./metric-definitions";
import type { TrainingPipelineInput } from "./pipeline-input";

/**
 * Faults of the service are tried again soon, missing capacity with patience. Errors of the container are not: they
 * come back.
 */
export const retries: readonly RetryPolicy[] = [
  { ExceptionType: ["Step.SERVICE_FAULT", "Step.THROTTLING"], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 5 },
  {
    ExceptionType: ["SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"],
    IntervalSeconds: 60,
    BackoffRate: 2,
    MaxAttempts: 5,
  },
];

function runUri({ artifactsBucket }: Scope, name: string): Value {
  return join("/", `s3://${artifactsBucket}/${withoutSlash(prefixes.runs)}`, execution("PipelineExecutionId"), name);
}

function jobEnvironment({ mlflowAppArn }: TrainingPipelineInput): Record<string, Value> {
  return {
    MLFLOW_TRACKING_URI: mlflowAppArn,
    MLFLOW_EXPERIMENT_NAME: parameter("ExperimentName"),
    PIPELINE_EXECUTION_ID: execution("PipelineExecutionId"),
    // Looked at by the first steps: what the registry would refuse fails before the training
    // (ml/peregrine_ml/recorded.py).
    RUN_REASON: parameter("RunReason"),
    DATASET_URI: parameter("DatasetUri"),
  };
}

function vpcConfig({ vpc }: TrainingPipelineInput): Arguments {
  return vpc ? { VpcConfig: { SecurityGroupIds: vpc.SecurityGroupIds, Subnets: vpc.Subnets } } : {};
}

function jobTags(scope: Scope): { Key: string; Value: string }[] {
  return Object.entries(scope.tags).map(([Key, Value]) => ({ Key, Value }));
}

interface ProcessingDescription {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly Value[];
  readonly instanceType: Value;
  /** Folder under `/opt/ml/processing/input` to S3 URI. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** Folder under `/opt/ml/processing/output`, also the output's name. */
  readonly output: string;
  readonly propertyFiles: Readonly<Record<string, string>>;
  /** Reports to MLflow; a job that does not is cut off from every network. */
  readonly tracked: boolean;
}

/**
 * A processing job of our image. The image's entry point is `python -m peregrine_ml`, so the arguments are a verb and
 * its options.
 */
function processingStep(scope: Scope, input: TrainingPipelineInput, step: ProcessingDescription): ProcessingStep {
  return {
    Name: step.name,
    Type: "Processing",
    Description: step.description,
    Arguments: {
      ProcessingJobName: scope.jobPrefix(step.name),
      ProcessingResources: {
        ClusterConfig: { InstanceType: step.instanceType, InstanceCount: 1, VolumeSizeInGB: jobVolumes.processing },
      },
      AppSpecification: { ImageUri: scope.imageUri, ContainerArguments: step.arguments },
      RoleArn: input.processingRoleArn,
      ProcessingInputs: Object.entries(step.inputs).map(([name, uri]) => ({
        InputName: name,
        AppManaged: false,
        S3Input: {
          S3Uri: uri,
          LocalPath: `/opt/ml/processing/input/${name}`,
          S3DataType: "S3Prefix",
          S3InputMode: "File",
          S3DataDistributionType: "FullyReplicated",
          S3CompressionType: "None",
        },
      })),
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: step.output,
            AppManaged: false,
            S3Output: {
              S3Uri: runUri(scope, step.output),
              LocalPath: `/opt/ml/processing/output/${step.output}`,
              S3UploadMode: "EndOfJob",
            },
          },
        ],
      },
      // SageMaker brings inputs and takes outputs from outside, so an isolated container misses nothing.
      NetworkConfig: { EnableNetworkIsolation: !step.tracked, ...vpcConfig(input) },
      Environment: jobEnvironment(input),
      StoppingCondition: { MaxRuntimeInSeconds: processingMaxHours * 3600 },
      Tags: jobTags(scope),
    },
    PropertyFiles: Object.entries(step.propertyFiles).map(([name, path]) => ({
      PropertyFileName: name,
      OutputName: step.output,
      FilePath: path,
    })),
    RetryPolicies: retries,
  };
}

export function profileStep(scope: Scope, input: TrainingPipelineInput): Step {
  return processingStep(scope, input, {
    name: "ProfileData",
    description: "Counts, histograms and sample images of the flights, as JSON and as a page",
    arguments: ["profile"],
    instanceType: parameter("ProcessingInstanceType"),
    inputs: { flights: parameter("DatasetUri") },
    output: "profile",
    propertyFiles: { Profile: "profile.json" },
    tracked: false,
  });
}

export function prepareStep(scope: Scope, input: TrainingPipelineInput): Step {
  return processingStep(scope, input, {
    name: "PrepareData",
    description: "Tiles the images and splits them by region into train, val and test",
    arguments: ["prepare", "--tile", text(parameter("ImageSize")), "--overlap", "0.2", "--formats", "voc"],
    instanceType: parameter("ProcessingInstanceType"),
    inputs: { flights: parameter("DatasetUri") },
    output: "dataset",
    propertyFiles: { Manifest: "manifest.json" },
    tracked: false,
  });
}

/** What the training is told; the model's card names it, too. */
export const hyperParameters = {
  model: parameter("ModelVariant"),
  epochs: text(parameter("Epochs")),
  imgsz: text(parameter("ImageSize")),
  batch: text(parameter("BatchSize")),
  lr0: text(parameter("LearningRate")),
  freeze: text(parameter("FreezeLayers")),
  seed: text(parameter("Seed")),
};

export function trainStep(scope: Scope, input: TrainingPipelineInput): TrainingStep {
  const { spot, maxHours } = scope.settings.training;
  const channel = (ChannelName: string, S3Uri: Value) => ({
    ChannelName,
    DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri, S3DataDistributionType: "FullyReplicated" } },
    InputMode: "File",
  });
  return {
    Name: "TrainDetector",
    Type: "Training",
    Description: "Fine-tunes YOLO11 from base weights",
    Arguments: {
      TrainingJobName: scope.jobPrefix("TrainDetector"),
      AlgorithmSpecification: {
        TrainingImage: scope.imageUri,
        TrainingInputMode: "File",
        MetricDefinitions: metricDefinitions,
      },
      RoleArn: input.trainingRoleArn,
      HyperParameters: hyperParameters,
      InputDataConfig: [
        channel("dataset", outputUri("PrepareData", "dataset")),
        channel("weights", parameter("WeightsUri")),
        channel("profile", outputUri("ProfileData", "profile")),
      ],
      OutputDataConfig: { S3OutputPath: runUri(scope, "model") },
      ResourceConfig: {
        InstanceType: parameter("TrainInstanceType"),
        InstanceCount: 1,
        VolumeSizeInGB: jobVolumes.training,
      },
      // Spot is a setting, not a parameter: MaxWaitTimeInSeconds is required with it and refused without it.
      EnableManagedSpotTraining: spot,
      ...vpcConfig(input),
      StoppingCondition: {
        MaxRuntimeInSeconds: maxHours * 3600,
        ...(spot ? { MaxWaitTimeInSeconds: 2 * maxHours * 3600 } : {}),
      },
      CheckpointConfig: {
        S3Uri: join(
          "/",
          `s3://${scope.artifactsBucket}/${withoutSlash(prefixes.checkpoints)}`,
          execution("PipelineExecutionId"),
        ),
        LocalPath: "/opt/ml/checkpoints",
      },
      Environment: jobEnvironment(input),
      Tags: jobTags(scope),
    },
    RetryPolicies: retries,
  };
}

export function evaluateStep(scope: Scope, input: TrainingPipelineInput): Step {
  return processingStep(scope, input, {
    name: "EvaluateDetector",
    description: "Accuracy by slice, latency and size on the test split, beside the champion's",
    arguments: ["evaluate"],
    instanceType: parameter("TrainInstanceType"),
    inputs: {
      model: stepProperty("TrainDetector", "ModelArtifacts.S3ModelArtifacts"),
      dataset: outputUri("PrepareData", "dataset"),
      champion: parameter("ChampionModelUri"),
    },
    output: "evaluation",
    propertyFiles: { Evaluation: evaluationName },
    tracked: true,
  });
}
