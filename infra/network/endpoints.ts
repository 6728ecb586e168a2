import { policyDocument, type Statement } from "../identity/document";
import type { Scope } from "../scope";
import type { ExtraService } from "../settings/network";

/** A private way to one AWS service. */
export interface InterfaceEndpoint {
  /** Last part of the logical name. */
  readonly name: string;
  readonly serviceName: string;
  readonly policy: string;
}

/**
 * What people in Studio call, with the action prefix of each service: `sts` and `logs` because SageMaker's SDK asks who
 * it is and follows a job's log ("Connect Studio in a VPC to external resources", SageMaker developer guide),
 * `monitoring` for metrics, `kms` to check signed decisions.
 */
const calledByPeople = ["sagemaker.api", "sagemaker.runtime", "sts", "logs", "monitoring", "kms"] as const;

/**
 * Endpoints of the setting `networkServices`, for code of the user's that calls more. Two for a registry: one to ask,
 * one to push.
 */
const extra: Readonly<Record<ExtraService, readonly string[]>> = {
  codebuild: ["codebuild"],
  ecr: ["ecr.api", "ecr.dkr"],
  events: ["events"],
  kms: ["kms"],
  lambda: ["lambda"],
  logs: ["logs"],
  monitoring: ["monitoring"],
  sagemaker: ["sagemaker.api", "sagemaker.runtime"],
  ssm: ["ssm"],
  sts: ["sts"],
};

/**
 * Interface endpoints of a network without a way to the internet, about 7.30 USD a month for each in each zone: those
 * that are called from inside, no others. Jobs and models themselves need none but the tracker's: SageMaker starts
 * them, fetches their image and ships logs and metrics from outside, and its agent moves inputs, models and outputs
 * through S3's gateway. Monitors publish their own metrics, and tell the
 * environment's bus.
 */
export function interfaceEndpoints(scope: Scope): InterfaceEndpoint[] {
  const { region, monitoring, network, studio } = scope.settings;
  const services = new Set<string>([
    ...(studio.enabled ? calledByPeople : []),
    ...(monitoring.mode === "off" ? [] : ["events", "monitoring"]),
    ...network.services.flatMap((service) => extra[service]),
  ]);
  return [
    ...[...services].map((service) => ({
      name: service.replace(".", "-"),
      serviceName: `com.amazonaws.${region}.${service}`,
      policy: policyDocument([ownPrincipals(service, scope)]),
    })),
    ...(studio.enabled ? [application("studio", scope, studioPages(scope))] : []),
    ...trackers(scope),
  ];
}

/** An endpoint of one of SageMaker's own web applications. */
function application(name: string, { settings: { region } }: Scope, statement: Statement): InterfaceEndpoint {
  return {
    name: `sagemaker-${name}`,
    serviceName: `aws.sagemaker.${region}.${name}`,
    policy: policyDocument([statement]),
  };
}

/**
 * The way to MLflow: apps and tracking servers are behind endpoints of different names ("Create a VPC endpoint", MLflow
 * in the SageMaker developer guide). An MLflow of somebody else is no service of AWS, so there is no endpoint for it.
 */
function trackers(scope: Scope): InterfaceEndpoint[] {
  switch (scope.settings.tracking.mode) {
    case "app":
      return [application("mlflow", scope, callTracker(scope, "sagemaker:CallMlflowAppApi", "mlflow-app/*"))];
    case "tracking-server":
      return [application("experiments", scope, callTracker(scope, "sagemaker-mlflow:*", "mlflow-tracking-server/*"))];
    case "external":
      return [];
  }
}

function callTracker({ arns, place: { accountId } }: Scope, action: string, resource: string): Statement {
  return {
    Sid: "OwnTrackers",
    Effect: "Allow",
    Principal: "*",
    Action: [action],
    Resource: [arns.sagemaker(resource)],
    Condition: { StringEquals: { "aws:PrincipalAccount": accountId } },
  };
}

/**
 * Each request of a page of Studio is one of this action ("Connect to Studio through an interface VPC endpoint",
 * SageMaker developer guide).
 */
function studioPages({ arns }: Scope): Statement {
  return {
    Sid: "OwnProfiles",
    Effect: "Allow",
    Principal: "*",
    Action: ["sagemaker:CreatePresignedDomainUrl"],
    Resource: [arns.sagemaker("user-profile/*")],
  };
}

/**
 * Only the account's own principals, and only its own resources: nobody carries data out with credentials of another
 * account, or into its log groups, keys and endpoints. AWS's base images belong to AWS, so registries are open to read.
 * Not every action names a resource's account, hence `IfExists`.
 */
function ownPrincipals(service: string, { place: { accountId } }: Scope): Statement {
  const prefix = service === "monitoring" ? "cloudwatch" : service.replace(/\..*/, "");
  const own: Statement["Condition"] = service.startsWith("ecr")
    ? {}
    : { StringEqualsIfExists: { "aws:ResourceAccount": accountId } };
  return {
    Sid: "OwnPrincipals",
    Effect: "Allow",
    Principal: "*",
    Action: [`${prefix}:*`],
    Resource: ["*"],
    Condition: { StringEquals: { "aws:PrincipalAccount": accountId }, ...own },
  };
}

/**
 * Buckets that the network reaches: the environment's own, by name and by account, since anybody may call a bucket so;
 * the dataset, to read; and, where images are moved from inside, the region's bucket with their layers, which belongs
 * to AWS ("Minimum Amazon S3 Bucket Permissions for Amazon ECR", ECR user guide). SageMaker's agent moves a job's
 * inputs, models and outputs through here with the job's role.
 */
export function bucketAccess({
  arns,
  names,
  place: { accountId },
  settings: { dataset, network, region },
}: Scope): Statement[] {
  const own = `${names.prefix}-*`;
  const layers = `prod-${region}-starport-layer-bucket`;
  return [
    {
      Sid: "OwnBuckets",
      Effect: "Allow",
      Principal: "*",
      Action: ["s3:*"],
      Resource: [arns.bucket(own), arns.object(own, "*")],
      Condition: { StringEquals: { "aws:ResourceAccount": accountId } },
    },
    {
      Sid: "Dataset",
      Effect: "Allow",
      Principal: "*",
      Action: [
        // Read, never written.
        "s3:Get*",
        "s3:List*",
      ],
      Resource: [arns.bucket(dataset.bucket), arns.object(dataset.bucket, "*")],
    },
    ...(network.services.includes("ecr")
      ? [
          {
            Sid: "ImageLayers",
            Effect: "Allow" as const,
            Principal: "*" as const,
            Action: ["s3:GetObject"],
            Resource: [arns.object(layers, "*")],
          },
        ]
      : []),
  ];
}
