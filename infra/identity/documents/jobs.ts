import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";

const jobs = ["sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"];

/** The longest that profiling, preparing or evaluating may take. */
export const processingMaxHours = 4;

/**
 * Forbids jobs on instance types that the settings do not name, and jobs that may run longer than the longest of ours, or say no limit.
 * Denials, since an Allow with ForAllValues would also pass when the request names none.
 */
export function limitJobs({ settings: { training } }: Scope, instanceTypes: readonly string[]): Statement[] {
  return [
    limitInstanceTypes("LimitInstanceTypes", jobs, instanceTypes),
    deny("LimitJobTime", jobs, ["*"], { NumericGreaterThanIfExists: { "sagemaker:MaxRuntimeInSeconds": String(Math.max(training.maxHours, processingMaxHours) * 3600) } }),
  ];
}

/** Forbids instance types that are not named. */
export function limitInstanceTypes(sid: string, actions: readonly string[], instanceTypes: readonly string[]): Statement {
  return deny(sid, actions, ["*"], { "ForAnyValue:StringNotEquals": { "sagemaker:InstanceTypes": [...new Set(instanceTypes)] } });
}

/**
 * Keeps what computes off the internet, for every role's boundary: models answer cut off from every network, and jobs run in the
 * environment's VPC where it has one. No key for volumes is demanded: instances with disks of their own, such as ml.g5 and ml.g6,
 * encrypt those by their hardware and refuse one (CreateTrainingJob, `VolumeKmsKeyId`).
 */
export function neverOpen({ settings: { network } }: Scope): Statement[] {
  return [
    deny("IsolatedModelsOnly", ["sagemaker:CreateModel"], ["*"], { BoolIfExists: { "sagemaker:NetworkIsolation": "false" } }),
    ...(network.mode === "default-vpc" ? [] : [deny("JobsInNetworkOnly", jobs, ["*"], { Null: { "sagemaker:VpcSubnets": "true" } })]),
  ];
}

/** Pulls the project's image. GetAuthorizationToken knows no resource. */
export function pullImage({ arns, imageAccount, imageRepository }: Scope): Statement[] {
  return [
    allow("SignInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]),
    allow("PullImage", ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"], [arns.repository(imageRepository, imageAccount)]),
  ];
}

/** Writes the logs of jobs and endpoints, which SageMaker keeps under fixed names. */
export function writeJobLogs({ arns }: Scope): Statement[] {
  return [
    allow(
      "WriteLogs",
      ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
      [arns.logGroup("/aws/sagemaker/*"), arns.logGroup("/aws/sagemaker/*:log-stream:*")],
    ),
  ];
}

/** Publishes metrics in the given namespaces, SageMaker's and our own; PutMetricData knows no resource, only the namespace. */
export function publishMetrics(namespaces: readonly string[] = ["/aws/sagemaker/*", "AWS/SageMaker", "Peregrine/*"]): Statement[] {
  return [allow("PublishMetrics", ["cloudwatch:PutMetricData"], ["*"], { StringLike: { "cloudwatch:namespace": namespaces } })];
}

/** Where people's own code publishes metrics: no alarm looks there. */
export function experimentNamespace({ environment }: Scope): string {
  return `Peregrine/${environment}/experiments`;
}

/** Asks for the alarms of a deployment: hosting does so as the endpoint's role while it shifts traffic. */
export function watchAlarms({ arns, names }: Scope): Statement[] {
  return [allow("WatchAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm(`${names.prefix}-*`)])];
}

/** Logs to the environment's MLflow server, and reads there: the verbs of a client that keeps runs, and none that deletes or registers. */
export function trackOnServer(trackingServerArn: string): Statement[] {
  const verbs = ["AccessUI", "CreateExperiment", "GetExperiment", "GetExperimentByName", "SearchExperiments", "CreateRun", "GetRun", "SearchRuns", "UpdateRun", "LogBatch", "LogInputs", "LogMetric", "LogModel", "LogParam", "LogOutputs", "SetTag", "SetExperimentTag", "GetMetricHistory", "ListArtifacts", "CreateLoggedModel", "GetLoggedModel", "FinalizeLoggedModel", "SearchLoggedModels", "SetLoggedModelTags", "LogLoggedModelParams"];
  return [
    allow("TrackExperiments", verbs.map((verb) => `sagemaker-mlflow:${verb}`), [trackingServerArn]),
    allow("SeeServer", ["sagemaker:DescribeMlflowTrackingServer"], [trackingServerArn]),
  ];
}

/** Logs parameters, metrics and models to the environment's MLflow App. */
export function trackExperiments(mlflowAppArn: string): Statement[] {
  return [allow("TrackExperiments", ["sagemaker:CallMlflowAppApi", "sagemaker:DescribeMlflowApp"], [mlflowAppArn])];
}
