import type { TrackingSettings } from "../settings/tracking";
import { allow, type Statement } from "./document";
import { definitionOf } from "./roles/all-roles";
import type { MlflowUse } from "./roles/role-definition";

/**
 * @param role name without the environment's prefix.
 * @returns undefined for roles that have nothing to do with MLflow.
 */
export function trackerOf(role: string): MlflowUse | undefined {
  return definitionOf(role)?.mlflow;
}

/**
 * What it takes to use the MLflow of an environment. Its ARN is known only once it exists, so these statements are a
 * policy of their own. Nobody is asked by ours about an MLflow that somebody else runs.
 */
export function trackingDuties(use: MlflowUse, mode: TrackingSettings["mode"], arn: string): Statement[] {
  if (mode === "external") return [];
  const [log, look] =
    mode === "app" ? ([trackExperiments, openPages] as const) : ([trackOnServer, openServerPages] as const);
  return [...log(arn), ...(use === "person" ? look(arn) : [])];
}

/**
 * Logs to the environment's MLflow server, and reads there: the verbs of a client that keeps runs, and none that
 * deletes or registers.
 */
function trackOnServer(trackingServerArn: string): Statement[] {
  const verbs = [
    // Experiments.
    "sagemaker-mlflow:CreateExperiment",
    "sagemaker-mlflow:GetExperiment",
    "sagemaker-mlflow:GetExperimentByName",
    "sagemaker-mlflow:SearchExperiments",
    "sagemaker-mlflow:SetExperimentTag",
    // Runs, and what is logged to them.
    "sagemaker-mlflow:CreateRun",
    "sagemaker-mlflow:GetMetricHistory",
    "sagemaker-mlflow:GetRun",
    "sagemaker-mlflow:ListArtifacts",
    "sagemaker-mlflow:LogBatch",
    "sagemaker-mlflow:LogInputs",
    "sagemaker-mlflow:LogMetric",
    "sagemaker-mlflow:LogModel",
    "sagemaker-mlflow:LogOutputs",
    "sagemaker-mlflow:LogParam",
    "sagemaker-mlflow:SearchRuns",
    "sagemaker-mlflow:SetTag",
    "sagemaker-mlflow:UpdateRun",
    // Models that a run logs (MLflow 3).
    "sagemaker-mlflow:CreateLoggedModel",
    "sagemaker-mlflow:FinalizeLoggedModel",
    "sagemaker-mlflow:GetLoggedModel",
    "sagemaker-mlflow:LogLoggedModelParams",
    "sagemaker-mlflow:SearchLoggedModels",
    "sagemaker-mlflow:SetLoggedModelTags",
  ];
  return [
    allow("TrackExperiments", verbs, [trackingServerArn]),
    allow("SeeServer", ["sagemaker:DescribeMlflowTrackingServer"], [trackingServerArn]),
  ];
}

/** Logs parameters, metrics and models to the environment's MLflow App. */
function trackExperiments(mlflowAppArn: string): Statement[] {
  return [
    allow(
      "TrackExperiments",
      [
        // The client finds the app's address, and calls it.
        "sagemaker:CallMlflowAppApi",
        "sagemaker:DescribeMlflowApp",
      ],
      [mlflowAppArn],
    ),
  ];
}

/**
 * Opens the pages of the MLflow App in a browser, by a URL that is good once. For people and their notebooks; jobs have
 * no eyes.
 */
function openPages(mlflowAppArn: string): Statement[] {
  return [allow("OpenPages", ["sagemaker:CreatePresignedMlflowAppUrl"], [mlflowAppArn])];
}

/** The same for an MLflow server, which asks once more when the page is there. */
function openServerPages(trackingServerArn: string): Statement[] {
  return [
    allow(
      "OpenPages",
      [
        // A URL that is good once, and the page behind it.
        "sagemaker-mlflow:AccessUI",
        "sagemaker:CreatePresignedMlflowTrackingServerUrl",
      ],
      [trackingServerArn],
    ),
  ];
}
