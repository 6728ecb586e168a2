import { evaluationName } from "../../contract/places";
import { type CandidateNews, type TrialArguments, trialOutputNames } from "../../contract/pipeline-messages";
import { cardOf } from "../../contract/package-card";
import type { Scope } from "../scope";
import type { Step } from "./definition";
import { execution, jsonGet, join, outputUri, parameter, stepProperty, text, type Value } from "./expressions";
import { hyperParameters, retries } from "./job-steps";
import { jsonText } from "./json-text";
import type { TrainingPipelineInput } from "./pipeline-input";

/** The licence under which YOLO11 weights may be passed on; shown with every model in the registry. */
const modelLicence = "AGPL-3.0-or-Ultralytics-Enterprise";

const evaluated = (path: string) => jsonGet("EvaluateDetector", "Evaluation", path);
const sha256 = evaluated("model.archive_sha256");
const datasetDigest = jsonGet("PrepareData", "Manifest", "digest");
const archiveUri = stepProperty("TrainDetector", "ModelArtifacts.S3ModelArtifacts");
const evaluationUri = join("/", outputUri("EvaluateDetector", "evaluation"), evaluationName);
const map50 = evaluated("detection_metrics.map50.value");
const gain = evaluated("comparison.map50_gain.value");

/**
 * Goes on with a candidate that is good enough: registers it, tries it in staging, and tells who decides. Otherwise the
 * execution fails and says why.
 */
export function qualityBar(scope: Scope, input: TrainingPipelineInput): Step {
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
        Containers: [{ Image: scope.imageUri, ModelDataUrl: archiveUri }],
        SupportedContentTypes: ["image/jpeg", "image/png", "application/json"],
        SupportedResponseMIMETypes: ["application/json"],
        SupportedRealtimeInferenceInstanceTypes: [scope.settings.serving.instanceType],
      },
      ModelMetrics: {
        ModelQuality: {
          Statistics: {
            ContentType: "application/json",
            S3Uri: evaluationUri,
          },
        },
      },
      ModelCard: { ModelCardContent: jsonText(modelCard(scope)), ModelCardStatus: "PendingReview" },
      CustomerMetadataProperties: {
        map50: text(map50),
        map50Gain: text(gain),
        modelSha256: text(sha256),
        datasetDigest: text(datasetDigest),
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

/**
 * The card of what is registered: every statement is what a step of the run has measured, or what it was run with. Only
 * what the model is for somebody says, in a setting.
 */
function modelCard({ imageUri, settings: { documents } }: Scope) {
  return cardOf<Value>({
    creator: execution("PipelineExecutionArn"),
    artifact: archiveUri,
    image: imageUri,
    trainingJob: stepProperty("TrainDetector", "TrainingJobArn"),
    evaluationJob: stepProperty("EvaluateDetector", "ProcessingJobArn"),
    dataset: parameter("DatasetUri"),
    parameters: hyperParameters,
    scores: {
      map50,
      map: evaluated("detection_metrics.map.value"),
      latencyP99Ms: evaluated("detection_metrics.latency_ms.p99"),
      modelBytes: evaluated("detection_metrics.model_bytes"),
    },
    details: { modelSha256: sha256, datasetDigest, evaluation: evaluationUri, licence: modelLicence },
    intendedUse: documents.intendedUse,
  });
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
      reportUri: evaluationUri,
      // Also what makes the announcement wait for the trial.
      ...(trialQueueUrl ? { staging: stepProperty("DeployStaging", "OutputParameters['summary']") } : {}),
    } satisfies { [Name in keyof CandidateNews]: unknown },
    OutputParameters: [{ OutputName: "verdict", OutputType: "String" }],
  };
}
