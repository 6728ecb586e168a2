import { type CandidateNews, type TrialArguments, trialOutputNames } from "../../contract/pipeline-messages";
import { jobVolumes } from "../../contract/hosts/disks";
import { processingMaxHours } from "../identity/documents/jobs";
import { evaluationName, prefixes, withoutSlash } from "../../contract/places";
import type { Scope } from "../scope";
import { modelVariants } from "../settings/settings";
import type {
  Arguments,
  Parameter,
  PipelineDefinition,
  ProcessingStep,
  RetryPolicy,
  Step,
  TrainingStep,
} from "./definition";
import { execution, jsonGet, join, outputUri, parameter, stepProperty, text, type Value } from "./expressions";
import { metricDefinitions } from "./metric-definitions";

/** What the definition needs besides the scope. */
export interface TrainingPipelineInput {
  readonly trainingRoleArn: string;
  readonly processingRoleArn: string;
  readonly announceFunctionArn: string;
  /** Queue of requests for trials in staging; undefined where candidates are not tried there. */
  readonly trialQueueUrl?: string;
  /** Tracking URI of MLflow clients: the ARN of an App or tracking server, or a URL. */
  readonly mlflowAppArn: string;
  /** Where jobs run; undefined in SageMaker's own network. */
  readonly vpc?: JobNetwork;
}

/** `VpcConfig` of a job. */
export interface JobNetwork {
  readonly SecurityGroupIds: readonly string[];
  readonly Subnets: readonly string[];
}

/** The licence under which YOLO11 weights may be passed on; shown with every model in the registry. */
const modelLicence = "AGPL-3.0-or-Ultralytics-Enterprise";

/**
 * Profile and prepare the flights, train, evaluate against the champion, register what meets the bar, see it run in staging, and
 * tell those who decide. Every parameter has a default, so that an event can start the pipeline. Steps are not cached: the dataset prefix keeps its name while its
 * content grows, and a cache hit would silently train on old images.
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

/** Faults of the service are tried again soon, missing capacity with patience. Errors of the container are not: they come back. */
const retries: readonly RetryPolicy[] = [
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
    // Looked at by the first steps: what the registry would refuse fails before the training (ml/peregrine_ml/recorded.py).
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

/** A processing job of our image. The image's entry point is `python -m peregrine_ml`, so the arguments are a verb and its options. */
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

function profileStep(scope: Scope, input: TrainingPipelineInput): Step {
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

function prepareStep(scope: Scope, input: TrainingPipelineInput): Step {
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

function trainStep(scope: Scope, input: TrainingPipelineInput): TrainingStep {
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
      HyperParameters: {
        model: parameter("ModelVariant"),
        epochs: text(parameter("Epochs")),
        imgsz: text(parameter("ImageSize")),
        batch: text(parameter("BatchSize")),
        lr0: text(parameter("LearningRate")),
        freeze: text(parameter("FreezeLayers")),
        seed: text(parameter("Seed")),
      },
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

function evaluateStep(scope: Scope, input: TrainingPipelineInput): Step {
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
    propertyFiles: { Evaluation: "evaluation.json" },
    tracked: true,
  });
}

const evaluated = (path: string) => jsonGet("EvaluateDetector", "Evaluation", path);
const map50 = evaluated("detection_metrics.map50.value");
const gain = evaluated("comparison.map50_gain.value");

function qualityBar(scope: Scope, input: TrainingPipelineInput): Step {
  return {
    Name: "MeetsQualityBar",
    Type: "Condition",
    Arguments: {
      Conditions: [
        { Type: "GreaterThanOrEqualTo", LeftValue: map50, RightValue: parameter("MinMap50") },
        { Type: "GreaterThanOrEqualTo", LeftValue: gain, RightValue: parameter("MinGain") },
      ],
      IfSteps: [
        registerStep(scope),
        ...(input.trialQueueUrl ? [trialStep(input.trialQueueUrl)] : []),
        announceStep(scope, input),
      ],
      ElseSteps: [
        {
          Name: "QualityBarMissed",
          Type: "Fail",
          Arguments: {
            ErrorMessage: join(
              "",
              "The candidate misses the quality bar: mAP50 ",
              map50,
              " (at least ",
              parameter("MinMap50"),
              "), gain over the champion ",
              gain,
              " (at least ",
              parameter("MinGain"),
              ").",
            ),
          },
        },
      ],
    },
  };
}

function registerStep(scope: Scope): Step {
  return {
    Name: "RegisterDetector",
    Type: "RegisterModel",
    Arguments: {
      ModelPackageGroupName: scope.modelPackageGroup,
      // A person decides. Tags come from the group: a version cannot carry its own.
      ModelApprovalStatus: "PendingManualApproval",
      Domain: "COMPUTER_VISION",
      Task: "OBJECT_DETECTION",
      InferenceSpecification: {
        Containers: [
          { Image: scope.imageUri, ModelDataUrl: stepProperty("TrainDetector", "ModelArtifacts.S3ModelArtifacts") },
        ],
        SupportedContentTypes: ["image/jpeg", "image/png", "application/json"],
        SupportedResponseMIMETypes: ["application/json"],
        SupportedRealtimeInferenceInstanceTypes: [scope.settings.serving.instanceType],
      },
      ModelMetrics: {
        ModelQuality: {
          Statistics: {
            ContentType: "application/json",
            S3Uri: join("/", outputUri("EvaluateDetector", "evaluation"), evaluationName),
          },
        },
      },
      CustomerMetadataProperties: {
        map50: text(map50),
        map50Gain: text(gain),
        modelSha256: text(evaluated("model.archive_sha256")),
        datasetDigest: text(jsonGet("PrepareData", "Manifest", "digest")),
        datasetUri: parameter("DatasetUri"),
        modelVariant: parameter("ModelVariant"),
        pipelineExecutionArn: execution("PipelineExecutionArn"),
        runReason: parameter("RunReason"),
        licence: modelLicence,
      },
    },
    RetryPolicies: [retries[0]!],
  };
}

/** The build that is started for the token ends the step: with how the candidate did, or with why not. */
function trialStep(queueUrl: string): Step {
  return {
    Name: "DeployStaging",
    Type: "Callback",
    Description: "Deploys the candidate to staging and tests it there, before anybody decides about it",
    SqsQueueUrl: queueUrl,
    Arguments: { modelPackageArn: stepProperty("RegisterDetector", "ModelPackageArn") } satisfies Record<
      keyof TrialArguments,
      unknown
    >,
    OutputParameters: trialOutputNames.map((OutputName) => ({ OutputName, OutputType: "String" })),
  };
}

function announceStep(scope: Scope, { announceFunctionArn, trialQueueUrl }: TrainingPipelineInput): Step {
  return {
    Name: "AnnounceCandidate",
    Type: "Lambda",
    FunctionArn: announceFunctionArn,
    Arguments: {
      environment: scope.environment,
      modelPackageArn: stepProperty("RegisterDetector", "ModelPackageArn"),
      pipelineExecutionArn: execution("PipelineExecutionArn"),
      map50: text(map50),
      map50Gain: text(gain),
      reportUri: join("/", outputUri("EvaluateDetector", "evaluation"), evaluationName),
      // Also what makes the announcement wait for the trial.
      ...(trialQueueUrl ? { staging: stepProperty("DeployStaging", "OutputParameters['summary']") } : {}),
    } satisfies { [Name in keyof CandidateNews]: unknown },
    OutputParameters: [{ OutputName: "verdict", OutputType: "String" }],
  };
}
