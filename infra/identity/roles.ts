import type { Scope } from "../scope";
import { readArtifacts, readDataset, useKey, writeArtifacts } from "./documents/data";
import { joinNetwork } from "./documents/network";
import { readTrail } from "./documents/trail";
import { publishMetrics, pullImage, watchAlarms, writeJobLogs } from "./documents/jobs";
import { audit, decideCandidates, experiment, neverApprove, neverTrain, operateEndpoints, operatePipelines, seeEnvironment, stayInEnvironment } from "./documents/people";
import { askForTrials, invokeFunction, passRoles, registerModels, runPipelineJobs } from "./documents/pipeline";
import { neverWriteDataset } from "./documents/data";
import { allow, type Statement } from "./document";
import { prefixes } from "./prefixes";

export { prefixes };

export type ServiceRole = "pipeline-execution" | "training-execution" | "processing-execution" | "endpoint-execution" | "mlflow" | "announce-candidate";
export type HumanRole = "data-scientist" | "ml-engineer" | "approver" | "auditor";

export interface RoleDescription {
  readonly description: string;
  /** AWS service that assumes the role, or people. */
  readonly trusted: { readonly service: string; readonly sendsNoAccount?: true } | "people";
  /** Statements by duty, all of them in the role's inline policy. */
  readonly duties: Readonly<Record<string, readonly Statement[]>>;
}

const sagemaker = { service: "sagemaker.amazonaws.com" } as const;

/** Every instance type that the environment's settings name for jobs: nothing else may be started. */
export function jobInstanceTypes({ settings: { training } }: Scope): string[] {
  return [...new Set([training.instanceType, training.processingInstanceType])];
}

/** Roles that AWS services take on behalf of the environment. */
export function serviceRoles(scope: Scope): Record<ServiceRole, RoleDescription> {
  const job = { image: pullImage(scope), logs: writeJobLogs(scope), metrics: publishMetrics(), key: useKey(scope), network: joinNetwork(scope) };
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
        artifacts: readArtifacts(scope, [runs, definitions]),
        key: useKey(scope),
      },
    },
    "training-execution": {
      description: "Training jobs: read prepared data, write models and checkpoints",
      trusted: sagemaker,
      duties: { ...job, artifacts: [...readArtifacts(scope, [runs, weights, checkpoints, mlflow]), ...writeArtifacts(scope, [runs, checkpoints, mlflow])] },
    },
    "processing-execution": {
      description: "Profiling, preparation and evaluation: read the dataset, write reports",
      trusted: sagemaker,
      duties: {
        ...job,
        dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
        artifacts: [...readArtifacts(scope, [runs, champion, releases, mlflow]), ...writeArtifacts(scope, [runs, mlflow])],
      },
    },
    "endpoint-execution": {
      description: "The endpoint: reads released models, writes captured data",
      trusted: sagemaker,
      duties: { ...job, artifacts: [...readArtifacts(scope, [releases]), ...writeArtifacts(scope, [capture])], alarms: watchAlarms(scope) },
    },
    mlflow: {
      description: "The MLflow App: keeps artifacts of runs",
      trusted: sagemaker,
      duties: { artifacts: [...readArtifacts(scope, [mlflow]), ...writeArtifacts(scope, [mlflow])], key: useKey(scope) },
    },
    "announce-candidate": {
      description: "Tells approvers about candidates",
      trusted: { service: "lambda.amazonaws.com" },
      duties: { announce: announce(scope), key: useKey(scope) },
    },
  };
}

/** Roles that people take. The data scientist exists in development only: elsewhere there is nothing to be allowed. */
export function humanRoles(scope: Scope): Partial<Record<HumanRole, RoleDescription>> {
  const apart = stayInEnvironment(scope);
  const { runs, champion, weights, capture } = prefixes;
  const all: Record<HumanRole, RoleDescription> = {
    "data-scientist": {
      description: "Explores the dataset and the development environment; decides and deploys nothing",
      trusted: "people",
      duties: {
        dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
        see: seeEnvironment(scope),
        artifacts: [...readArtifacts(scope, [runs, champion, weights]), ...writeArtifacts(scope, ["users/"])],
        experiment: [...experiment(scope, jobInstanceTypes(scope)), ...passRoles(scope, ["training-execution", "processing-execution"])],
        limits: [...apart, ...neverApprove()],
        key: useKey(scope),
      },
    },
    "ml-engineer": {
      description: "Builds pipelines and deploys models; does not approve them",
      trusted: "people",
      duties: {
        dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
        see: seeEnvironment(scope),
        pipelines: operatePipelines(scope),
        endpoints: operateEndpoints(scope),
        "pass-roles": passRoles(scope, ["pipeline-execution", "endpoint-execution"]),
        artifacts: [...readArtifacts(scope, [""]), ...writeArtifacts(scope, [weights, champion, runs])],
        limits: [...apart, ...neverApprove()],
        key: useKey(scope),
      },
    },
    approver: {
      description: "Approves or rejects candidates; may not train",
      trusted: "people",
      duties: { see: seeEnvironment(scope), decide: decideCandidates(scope), evidence: readArtifacts(scope, [runs]), limits: [...apart, ...neverTrain()], key: useKey(scope) },
    },
    auditor: {
      description: "Reads configurations, trails and decisions",
      trusted: "people",
      duties: { see: seeEnvironment(scope), audit: [...audit(scope), ...readTrail(scope)], evidence: readArtifacts(scope, [runs, capture]), limits: [...apart, ...neverApprove(), ...neverTrain()], key: useKey(scope) },
    },
  };
  if (scope.environment === "dev") return all;
  const { "data-scientist": _developmentOnly, ...rest } = all;
  return rest;
}

function announce({ arns, names }: Scope): Statement[] {
  return [
    allow("Announce", ["sns:Publish"], [arns.topic(names.of("topic", "alerts-info"))]),
    allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [arns.logGroup(`/aws/lambda/${names.of("function", "announce-candidate")}:*`)]),
  ];
}
