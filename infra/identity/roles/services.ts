import type { Scope } from "../../scope";
import { neverWriteDataset, readInputs, readDataset, useKey, writeArtifacts } from "../documents/data";
import { publishMetrics, pullImage, watchAlarms, writeJobLogs } from "../documents/jobs";
import { joinNetwork } from "../documents/network";
import { askForTrials, invokeFunction, passRoles, registerModels, runPipelineJobs } from "../documents/pipeline";
import { allow, type Statement } from "../document";
import { prefixes } from "../prefixes";

export { prefixes };

export type ServiceRole =
  | "pipeline-execution"
  | "training-execution"
  | "processing-execution"
  | "endpoint-execution"
  | "mlflow"
  | "announce-candidate";
/** The permissions boundaries of an environment (`boundaries.ts`). */
export type BoundaryName = "boundary" | "release-boundary" | "deployer-boundary";

export interface RoleDescription {
  readonly description: string;
  /** AWS service that assumes the role, workflows, or people. */
  readonly trusted: TrustedService | TrustedWorkflows | "people";
  /** The permissions boundary, `boundary` unless another is named. */
  readonly boundary?: BoundaryName;
  /** Statements by duty, all of them in the role's inline policy. */
  readonly duties: Readonly<Record<string, readonly Statement[]>>;
  /** Each duty is a managed policy of its own: for roles whose duties exceed the 10,240 characters of inline policies (IAM quotas). */
  readonly managed?: boolean;
}

/** Workflows that prove by a token of an identity provider who they are. */
export interface TrustedWorkflows {
  /** ARN of the provider in IAM. */
  readonly provider: string;
  readonly issuer: string;
  readonly subjects: readonly string[];
}

export interface TrustedService {
  readonly service: string;
  /** The service says in whose name it acts (Studio: the name of the user profile). */
  readonly setsSourceIdentity?: boolean;
  /** The service does not say for whom it acts. */
  readonly sendsNoAccount?: boolean;
}

const sagemaker = { service: "sagemaker.amazonaws.com" } as const;

/** Every instance type that the environment's settings name for jobs: nothing else may be started. */
export function jobInstanceTypes({ settings: { training } }: Scope): string[] {
  return [...new Set([training.instanceType, training.processingInstanceType])];
}

/** Roles that AWS services take on behalf of the environment. */
export function serviceRoles(scope: Scope): Record<ServiceRole, RoleDescription> {
  const job = { image: pullImage(scope), logs: writeJobLogs(scope), key: useKey(scope), network: joinNetwork(scope) };
  const { runs, checkpoints, weights, champion, releases, capture, mlflow, definitions } = prefixes;
  return {
    "pipeline-execution": {
      description: "Runs the training pipeline: starts its jobs and registers candidates",
      trusted: sagemaker,
      duties: {
        jobs: runPipelineJobs(scope, jobInstanceTypes(scope)),
        registry: registerModels(scope),
        "pass-roles": passRoles(scope, ["training-execution", "processing-execution"]),
        announce: invokeFunction(scope, "announce-candidate"),
        ...(scope.triesInStaging ? { trials: askForTrials(scope) } : {}),
        artifacts: readInputs(scope, [runs, definitions]),
        key: useKey(scope),
      },
    },
    "training-execution": {
      description: "Training jobs: read prepared data, write models and checkpoints",
      trusted: sagemaker,
      duties: {
        ...job,
        metrics: publishMetrics(scope, "training"),
        artifacts: [
          ...readInputs(scope, [runs, weights, checkpoints, mlflow]),
          ...writeArtifacts(scope, [runs, checkpoints, mlflow]),
        ],
      },
    },
    "processing-execution": {
      description: "Profiling, preparation and evaluation: read the dataset, write reports",
      trusted: sagemaker,
      duties: {
        ...job,
        metrics: publishMetrics(scope, "processing"),
        dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
        artifacts: [...readInputs(scope, [runs, champion, releases, mlflow]), ...writeArtifacts(scope, [runs, mlflow])],
      },
    },
    "endpoint-execution": {
      description: "The endpoint: reads released models, writes captured data",
      trusted: sagemaker,
      duties: {
        ...job,
        metrics: publishMetrics(scope, "endpoint"),
        artifacts: [...readInputs(scope, [releases]), ...writeArtifacts(scope, [capture])],
        alarms: watchAlarms(scope),
      },
    },
    mlflow: {
      description: "The MLflow App: keeps artifacts of runs",
      trusted: sagemaker,
      duties: { artifacts: [...readInputs(scope, [mlflow]), ...writeArtifacts(scope, [mlflow])], key: useKey(scope) },
    },
    "announce-candidate": {
      description: "Tells approvers about candidates",
      trusted: { service: "lambda.amazonaws.com" },
      duties: { announce: announce(scope), key: useKey(scope) },
    },
  };
}

function announce({ arns, names }: Scope): Statement[] {
  return [
    allow("Announce", ["sns:Publish"], [arns.topic(names.of("topic", "alerts-info"))]),
    allow(
      "WriteLogs",
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      [arns.logGroup(`/aws/lambda/${names.of("function", "announce-candidate")}:*`)],
    ),
  ];
}
