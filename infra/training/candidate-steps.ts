import { evaluationName } from "../../contract/places";
import { type CandidateNews, type TrialArguments, trialOutputNames } from "../../contract/pipeline-messages";
import type { Scope } from "../scope";
import type { Step } from "./definition";
import { execution, jsonGet, join, outputUri, parameter, stepProperty, text } from "./expressions";
import { retries } from "./job-steps";
import type { TrainingPipelineInput } from "./pipeline-input";

/** The licence under which YOLO11 weights may be passed on; shown with every model in the registry. */
const modelLicence = "AGPL-3.0-or-Ultralytics-Enterprise";

const evaluated = (path: string) => jsonGet("EvaluateDetector", "Evaluation", path);
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
