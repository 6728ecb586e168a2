import { prefixes } from "../../../contract/places";
import type { Scope } from "../../scope";
import { neverWriteDataset, useKey } from "../documents/data";
import { allow, type Statement } from "../document";
import { callBySchedule, writeLogs } from "../documents/functions";
import { define } from "./role-definition";

const lambda = { service: "lambda.amazonaws.com" } as const;

const retraining = define({
  name: "retraining",
  kind: "service",
  description: "Decides about proposed retrainings: reads facts, records decisions, starts the training pipeline",
  trusted: lambda,
  writes: ["watch"],
  expected: { spec: "test/infra/identity/roles/retraining.spec.ts" },
  exists: ({ retrainsHere }) => retrainsHere,
  duties: (scope) => ({
    proposals: takeProposals(scope),
    facts: seeFacts(scope),
    start: [allow("StartTraining", ["sagemaker:StartPipelineExecution"], [trainingPipeline(scope)])],
    records: keepWatch(scope),
    tell: tell(scope),
    logs: [writeLogs(scope, "decide-retraining")],
    key: useKey(scope),
  }),
});

const newData = define({
  name: "new-data",
  kind: "service",
  description: "Looks for new flights in the dataset bucket, and proposes retrainings",
  trusted: lambda,
  writes: ["watch"],
  expected: { spec: "test/infra/identity/roles/retraining.spec.ts" },
  exists: ({ retrainsHere }) => retrainsHere,
  duties: (scope) => ({
    dataset: [...lookAtDataset(scope), ...neverWriteDataset(scope)],
    manifest: keepWatch(scope),
    tell: tell(scope),
    logs: [writeLogs(scope, "find-new-data")],
    key: useKey(scope),
  }),
});

const newDataStart = define({
  name: "new-data-start",
  kind: "service",
  description: "Starts the look for new flights on schedule",
  trusted: { service: "scheduler.amazonaws.com" },
  handedByDeployers: true,
  expected: { spec: "test/infra/identity/roles/retraining.spec.ts" },
  exists: ({ retrainsHere }) => retrainsHere,
  duties: (scope) => ({ start: callBySchedule("StartLook", scope, "find-new-data") }),
});

const trainingFailure = define({
  name: "training-failure",
  kind: "service",
  description: "Tells which step of a training failed, with the end of its log",
  trusted: lambda,
  expected: { spec: "test/infra/identity/roles/retraining.spec.ts" },
  duties: (scope) => ({
    see: seeFailure(scope),
    tell: tell(scope),
    logs: [writeLogs(scope, "explain-failure")],
  }),
});

/**
 * Roles of what decides about retraining, and of what tells that it failed. Functions' roles are not handed over by
 * deployers: what feeds and calls these functions, a mapping and a permission, is the administrator's anyway.
 */
export const retrainingDefinitions = [retraining, newData, newDataStart, trainingFailure] as const;

const trainingPipeline = ({ arns, pipelineName }: Scope): string => arns.sagemaker(`pipeline/${pipelineName}`);

function takeProposals({ arns, retrainingQueue }: Scope): Statement[] {
  return [
    allow(
      "TakeProposals",
      [
        // What a function's mapping to a queue asks for (Lambda developer guide, "Using Lambda with Amazon SQS").
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
      ],
      [arns.queue(retrainingQueue)],
    ),
  ];
}

/** What is there now, and the labels of what came. */
function lookAtDataset({ arns, settings: { dataset } }: Scope): Statement[] {
  return [
    allow("ListDataset", ["s3:ListBucket"], [arns.bucket(dataset.bucket)]),
    allow("ReadDataset", ["s3:GetObject"], [arns.object(dataset.bucket, `${dataset.prefix}*`)]),
  ];
}

/** Decisions, and the data set as it was seen last: small objects, each written by one request. */
function keepWatch({ arns, artifactsBucket }: Scope): Statement[] {
  const watch = [arns.object(artifactsBucket, `${prefixes.watch}*`)];
  return [
    // Listing tells a missing object from a forbidden one.
    allow("ListWatch", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow("ReadWatch", ["s3:GetObject"], watch),
    allow("WriteWatch", ["s3:PutObject"], watch),
  ];
}

/** Executions with what they took, candidates with what became of them, and whether the endpoint compares variants. */
function seeFacts(scope: Scope): Statement[] {
  const { arns, endpointName, modelPackageGroup } = scope;
  return [
    allow(
      "SeeExecutions",
      [
        // Service Authorization Reference: the list is of a pipeline, the steps are of an execution.
        "sagemaker:ListPipelineExecutionSteps",
        "sagemaker:ListPipelineExecutions",
      ],
      [trainingPipeline(scope), `${trainingPipeline(scope)}/execution/*`],
    ),
    allow(
      "SeeCandidates",
      [
        // How many were rejected in a row, and how good the newest approved one is.
        "sagemaker:DescribeModelPackage",
        "sagemaker:ListModelPackages",
      ],
      // The reference lists packages by their own ARN; that a list is asked of the group's is believed.
      [arns.sagemaker(`model-package*/${modelPackageGroup}*`)],
    ),
    allow("SeeVariants", ["sagemaker:DescribeEndpoint"], [arns.sagemaker(`endpoint/${endpointName}`)]),
  ];
}

/** The execution, its steps, and the end of the log of the job that failed. */
function seeFailure(scope: Scope): Statement[] {
  const { arns, names } = scope;
  const groups = ["TrainingJobs", "ProcessingJobs"].map((kind) => `/aws/sagemaker/${kind}`);
  return [
    allow(
      "SeeExecutions",
      [
        // What an execution says of itself, and of its steps.
        "sagemaker:DescribePipelineExecution",
        "sagemaker:ListPipelineExecutionSteps",
      ],
      [`${trainingPipeline(scope)}/execution/*`],
    ),
    allow(
      "ReadJobLogs",
      [
        // The stream of a job begins with its name; groups are those of all jobs of the account.
        "logs:DescribeLogStreams",
        "logs:GetLogEvents",
      ],
      // A list of streams is checked as a stream without a name (CloudWatch Logs user guide, "ARNs for log groups").
      groups.flatMap((group) => [
        arns.logGroup(`${group}:log-stream:`),
        arns.logGroup(`${group}:log-stream:${names.prefix}-*`),
      ]),
    ),
  ];
}

function tell({ arns, names }: Scope): Statement[] {
  return [allow("Tell", ["events:PutEvents"], [arns.events(`event-bus/${names.of("eventBus", "events")}`)])];
}
