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
    deny("LimitJobTime", jobs, ["*"], {
      NumericGreaterThanIfExists: {
        "sagemaker:MaxRuntimeInSeconds": String(Math.max(training.maxHours, processingMaxHours) * 3600),
      },
    }),
  ];
}

/** Forbids instance types that are not named. */
function limitInstanceTypes(sid: string, actions: readonly string[], instanceTypes: readonly string[]): Statement {
  return deny(sid, actions, ["*"], {
    "ForAnyValue:StringNotEquals": { "sagemaker:InstanceTypes": [...new Set(instanceTypes)] },
  });
}

/**
 * Keeps what computes off the internet, for every role's boundary: models answer cut off from every network, and jobs run in the
 * environment's VPC where it has one. No key for volumes is demanded: instances with disks of their own, such as ml.g5 and ml.g6,
 * encrypt those by their hardware and refuse one (CreateTrainingJob, `VolumeKmsKeyId`).
 */
export function neverOpen({ settings: { network } }: Scope): Statement[] {
  return [
    deny("IsolatedModelsOnly", ["sagemaker:CreateModel"], ["*"], {
      BoolIfExists: { "sagemaker:NetworkIsolation": "false" },
    }),
    ...(network.mode === "default-vpc"
      ? []
      : [deny("JobsInNetworkOnly", jobs, ["*"], { Null: { "sagemaker:VpcSubnets": "true" } })]),
  ];
}

/** Pulls the project's image. GetAuthorizationToken knows no resource. */
export function pullImage({ arns, imageAccount, imageRepository }: Scope): Statement[] {
  return [
    allow("SignInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]),
    allow(
      "PullImage",
      ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
      [arns.repository(imageRepository, imageAccount)],
    ),
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

/**
 * Namespaces that SageMaker itself writes to as the execution role of what it runs (developer guide, "CreateTrainingJob API: Execution
 * Role Permissions" and those of the other kinds). They are the same for all environments, so a role gets that of its kind alone: what
 * alarms read of endpoints only the endpoints' roles can write, and their containers reach no network. For monitoring AWS's pages
 * spell the namespace in three ways. `AWS/SageMaker` is not among them: user data under `AWS/` is refused.
 */
const serviceNamespaces = {
  training: ["/aws/sagemaker/TrainingJobs"],
  processing: ["/aws/sagemaker/ProcessingJobs"],
  endpoint: ["/aws/sagemaker/Endpoints"],
  monitoring: [
    "/aws/sagemaker/ProcessingJobs",
    "/aws/sagemaker/Endpoints/data-metrics",
    "/aws/sagemaker/Endpoint/data-metrics",
    "aws/sagemaker/Endpoints/data-metrics",
  ],
} as const;

/**
 * Publishes SageMaker's metrics of some kinds, and the environment's own below `Peregrine/<environment>/jobs`, apart from what releases publish.
 * PutMetricData knows no resource, only the namespace.
 */
export function publishMetrics({ environment }: Scope, ...kinds: (keyof typeof serviceNamespaces)[]): Statement[] {
  const own = `Peregrine/${environment}/jobs`;
  return publishIn([...kinds.flatMap((kind) => serviceNamespaces[kind]), own, `${own}/*`]);
}

/** The same for people's own code, in notebooks and experiments: its metrics lie where no alarm looks. */
export function publishExperimentMetrics(
  { environment }: Scope,
  ...kinds: (keyof typeof serviceNamespaces)[]
): Statement[] {
  return publishIn([...kinds.flatMap((kind) => serviceNamespaces[kind]), `Peregrine/${environment}/experiments`]);
}

function publishIn(namespaces: readonly string[]): Statement[] {
  return [
    allow("PublishMetrics", ["cloudwatch:PutMetricData"], ["*"], {
      StringLike: { "cloudwatch:namespace": namespaces },
    }),
  ];
}

/** Asks for the alarms of a deployment: hosting does so as the endpoint's role while it shifts traffic. */
export function watchAlarms({ arns, names }: Scope): Statement[] {
  return [allow("WatchAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm(`${names.prefix}-*`)])];
}

/** Logs to the environment's MLflow server, and reads there: the verbs of a client that keeps runs, and none that deletes or registers. */
export function trackOnServer(trackingServerArn: string): Statement[] {
  const verbs = [
    "CreateExperiment",
    "GetExperiment",
    "GetExperimentByName",
    "SearchExperiments",
    "CreateRun",
    "GetRun",
    "SearchRuns",
    "UpdateRun",
    "LogBatch",
    "LogInputs",
    "LogMetric",
    "LogModel",
    "LogParam",
    "LogOutputs",
    "SetTag",
    "SetExperimentTag",
    "GetMetricHistory",
    "ListArtifacts",
    "CreateLoggedModel",
    "GetLoggedModel",
    "FinalizeLoggedModel",
    "SearchLoggedModels",
    "SetLoggedModelTags",
    "LogLoggedModelParams",
  ];
  return [
    allow(
      "TrackExperiments",
      verbs.map((verb) => `sagemaker-mlflow:${verb}`),
      [trackingServerArn],
    ),
    allow("SeeServer", ["sagemaker:DescribeMlflowTrackingServer"], [trackingServerArn]),
  ];
}

/** Logs parameters, metrics and models to the environment's MLflow App. */
export function trackExperiments(mlflowAppArn: string): Statement[] {
  return [allow("TrackExperiments", ["sagemaker:CallMlflowAppApi", "sagemaker:DescribeMlflowApp"], [mlflowAppArn])];
}

/** Opens the pages of the MLflow App in a browser, by a URL that is good once. For people and their notebooks; jobs have no eyes. */
export function openPages(mlflowAppArn: string): Statement[] {
  return [allow("OpenPages", ["sagemaker:CreatePresignedMlflowAppUrl"], [mlflowAppArn])];
}

/** The same for an MLflow server, which asks once more when the page is there. */
export function openServerPages(trackingServerArn: string): Statement[] {
  return [
    allow(
      "OpenPages",
      ["sagemaker:CreatePresignedMlflowTrackingServerUrl", "sagemaker-mlflow:AccessUI"],
      [trackingServerArn],
    ),
  ];
}
