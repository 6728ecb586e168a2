import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { neverWriteDataset, readInputs, readDataset, useKey, writeArtifacts } from "../documents/data";
import { limitJobs, publishMetrics, pullImage, watchAlarms, writeJobLogs } from "../documents/jobs";
import { joinNetwork } from "../documents/network";
import { passRoles } from "../documents/passing";
import { prefixes } from "../../../contract/places";
import { define, type RoleDescription, rolesOf } from "./role-definition";
import { writeLogs } from "../documents/functions";

export type ServiceRole = (typeof serviceDefinitions)[number]["name"];

const sagemaker = { service: "sagemaker.amazonaws.com" } as const;
const { runs, checkpoints, weights, champion, releases, capture, mlflow, definitions } = prefixes;

const pipelineExecution = define({
  name: "pipeline-execution",
  kind: "service",
  description: "Runs the training pipeline: starts its jobs and registers candidates",
  trusted: sagemaker,
  handedByDeployers: true,
  expected: { column: "PIPE" },
  duties: (scope) => ({
    jobs: runPipelineJobs(scope),
    registry: registerModels(scope),
    "pass-roles": passRoles(scope, ["training-execution", "processing-execution"]),
    announce: [
      allow(
        "InvokeFunction",
        ["lambda:InvokeFunction"],
        [scope.arns.lambda(scope.names.of("function", "announce-candidate"))],
      ),
    ],
    ...(scope.triesInStaging
      ? { trials: [allow("AskForTrials", ["sqs:SendMessage"], [scope.arns.queue(scope.trialQueue)])] }
      : {}),
    artifacts: readInputs(scope, [runs, definitions]),
    key: useKey(scope),
  }),
});

const trainingExecution = define({
  name: "training-execution",
  kind: "service",
  description: "Training jobs: read prepared data, write models and checkpoints",
  trusted: sagemaker,
  writes: ["runs", "checkpoints", "mlflow"],
  mlflow: "job",
  expected: { column: "TRAIN" },
  duties: (scope) => ({
    ...runInContainer(scope),
    metrics: publishMetrics(scope, "training"),
    artifacts: [
      ...readInputs(scope, [runs, weights, checkpoints, mlflow]),
      ...writeArtifacts(scope, [runs, checkpoints, mlflow]),
    ],
  }),
});

const processingExecution = define({
  name: "processing-execution",
  kind: "service",
  description: "Profiling, preparation and evaluation: read the dataset, write reports",
  trusted: sagemaker,
  writes: ["runs", "mlflow"],
  mlflow: "job",
  expected: { column: "PROC" },
  duties: (scope) => ({
    ...runInContainer(scope),
    metrics: publishMetrics(scope, "processing"),
    dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
    artifacts: [...readInputs(scope, [runs, champion, releases, mlflow]), ...writeArtifacts(scope, [runs, mlflow])],
  }),
});

const endpointExecution = define({
  name: "endpoint-execution",
  kind: "service",
  description: "The endpoint: reads released models, writes captured data",
  trusted: sagemaker,
  writes: ["capture"],
  expected: { column: "ENDP" },
  duties: (scope) => ({
    ...runInContainer(scope),
    metrics: publishMetrics(scope, "endpoint"),
    artifacts: [...readInputs(scope, [releases]), ...writeArtifacts(scope, [capture])],
    alarms: watchAlarms(scope),
  }),
});

const mlflowApp = define({
  name: "mlflow",
  kind: "service",
  description: "The MLflow App: keeps artifacts of runs",
  trusted: sagemaker,
  writes: ["mlflow"],
  handedByDeployers: true,
  expected: { spec: "test/truth/statements.spec.ts" },
  duties: (scope) => ({
    artifacts: [...readInputs(scope, [mlflow]), ...writeArtifacts(scope, [mlflow])],
    key: useKey(scope),
  }),
});

const announceCandidate = define({
  name: "announce-candidate",
  kind: "service",
  description: "Tells approvers about candidates",
  trusted: { service: "lambda.amazonaws.com" },
  handedByDeployers: true,
  expected: { spec: "test/truth/statements.spec.ts" },
  duties: (scope) => ({ announce: announce(scope), key: useKey(scope) }),
});

/** Roles that AWS services take to train, register, serve and track, in every environment. */
export const serviceDefinitions = [
  pipelineExecution,
  trainingExecution,
  processingExecution,
  endpointExecution,
  mlflowApp,
  announceCandidate,
] as const;

export function serviceRoles(scope: Scope): Record<ServiceRole, RoleDescription> {
  return rolesOf<ServiceRole>(serviceDefinitions, scope) as Record<ServiceRole, RoleDescription>;
}

/** What every job and endpoint needs, whatever runs in it. */
const runInContainer = (scope: Scope) => ({
  image: pullImage(scope),
  logs: writeJobLogs(scope),
  key: useKey(scope),
  network: joinNetwork(scope),
});

/**
 * Creates, watches and stops the jobs of the training pipeline. The limits on jobs sit here, because whoever may
 * start a pipeline chooses its parameters and `StartPipelineExecution` has no condition key for instance types.
 */
function runPipelineJobs(scope: Scope): Statement[] {
  return [
    allow(
      "RunJobs",
      [
        // A step makes its job, waits for its end, and stops it when the execution is stopped; tags are part of the
        // making.
        "sagemaker:AddTags",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:ListTags",
        "sagemaker:StopProcessingJob",
        "sagemaker:StopTrainingJob",
      ],
      scope.pipelineJobs,
    ),
    ...limitJobs(scope),
  ];
}

/** Registers models in the environment's group, but never as approved: that is a person's decision. */
function registerModels({ arns, modelPackageGroup }: Scope): Statement[] {
  return [
    allow(
      "RegisterModels",
      [
        // The register step looks whether its group is there and which versions it has.
        "sagemaker:AddTags",
        "sagemaker:CreateModelPackage",
        "sagemaker:DescribeModelPackage",
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:ListModelPackages",
      ],
      [
        arns.sagemaker(`model-package-group/${modelPackageGroup}`),
        arns.sagemaker(`model-package/${modelPackageGroup}/*`),
      ],
    ),
    deny(
      "NeverApprove",
      [
        // Neither at birth nor later.
        "sagemaker:CreateModelPackage",
        "sagemaker:UpdateModelPackage",
      ],
      ["*"],
      { StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" } },
    ),
  ];
}

function announce(scope: Scope): Statement[] {
  const { arns, names } = scope;
  return [
    allow("Announce", ["sns:Publish"], [arns.topic(names.of("topic", "alerts-info"))]),
    writeLogs(scope, "announce-candidate"),
  ];
}
