import { monitoringNamespace } from "../../../contract/monitoring";
import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";

const jobs = [
  // What SageMaker starts for a training step and for every other.
  "sagemaker:CreateProcessingJob",
  "sagemaker:CreateTrainingJob",
];

/** The longest that profiling, preparing or evaluating may take. */
export const processingMaxHours = 4;

/**
 * Forbids jobs on instance types that the settings do not name, and jobs that may run longer than the longest of ours,
 * or say no limit. Denials, since an Allow with ForAllValues would also pass when the request names none.
 * @param instanceTypes those of the settings for jobs unless others are named.
 */
export function limitJobs(scope: Scope, instanceTypes: readonly string[] = jobInstanceTypes(scope)): Statement[] {
  const maxHours = Math.max(scope.settings.training.maxHours, processingMaxHours);
  return [
    deny("LimitInstanceTypes", jobs, ["*"], {
      "ForAnyValue:StringNotEquals": { "sagemaker:InstanceTypes": instanceTypes },
    }),
    deny("LimitJobTime", jobs, ["*"], {
      NumericGreaterThanIfExists: { "sagemaker:MaxRuntimeInSeconds": String(maxHours * 3600) },
    }),
  ];
}

/** Every instance type that the environment's settings name for jobs. */
function jobInstanceTypes({ settings: { training } }: Scope): string[] {
  return [...new Set([training.instanceType, training.processingInstanceType])];
}

/**
 * Keeps what computes off the internet, for every role's boundary: models answer cut off from every network, and jobs
 * run in the environment's VPC where it has one. No key for volumes is demanded: instances with disks of their own,
 * such as ml.g5 and ml.g6, encrypt those by their hardware and refuse one (CreateTrainingJob, `VolumeKmsKeyId`).
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
      [
        // What `docker pull` asks for (ECR user guide, "Required IAM permissions for pulling").
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
      [arns.repository(imageRepository, imageAccount)],
    ),
  ];
}

/** Writes the logs of jobs and endpoints, which SageMaker keeps under fixed names. */
export function writeJobLogs({ arns }: Scope): Statement[] {
  return [
    allow(
      "WriteLogs",
      [
        // SageMaker developer guide, "CreateTrainingJob API: Execution Role Permissions".
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
      ],
      [arns.logGroup("/aws/sagemaker/*"), arns.logGroup("/aws/sagemaker/*:log-stream:*")],
    ),
  ];
}

/**
 * Namespaces that SageMaker itself writes to as the execution role of what it runs (developer guide, "CreateTrainingJob
 * API: Execution Role Permissions" and those of the other kinds). They are the same for all environments, so a role
 * gets that of its kind alone: what alarms read of endpoints only the endpoints' roles can write, and their containers
 * reach no network. For monitoring AWS's pages spell the namespace in three ways. `AWS/SageMaker` is not among them:
 * user data under `AWS/` is refused.
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
 * Publishes SageMaker's metrics of some kinds, and the environment's own below `Peregrine/<environment>/jobs`, apart
 * from what releases publish. PutMetricData knows no resource, only the namespace.
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

/** The same for monitoring, whose own metrics alarms read: only its role writes them. */
export function publishMonitoring({ environment }: Scope): Statement[] {
  return publishIn([...serviceNamespaces.monitoring, monitoringNamespace(environment)]);
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
