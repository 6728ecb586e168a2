import { type EdgeFamily, requires, type RequestEdge } from "./edge";

const sagemaker = "sagemaker.amazonaws.com";

/**
 * A container cut off from the network has no credentials of its role either ("Run Training and Inference Containers in
 * Internet-Free Mode", SageMaker developer guide): only one that is not acts as it.
 */
const withCredentials = { "sagemaker:NetworkIsolation": "false" };

/** A role handed to a service together with what that service is to run. */
function passing(
  name: string,
  service: string,
  says: string,
  source: string,
  ways: readonly (readonly string[])[],
): RequestEdge {
  const pass = requires("iam:PassRole", "{arn}", { "iam:PassedToService": service });
  return {
    name,
    says,
    source,
    targets: ["role"],
    trustedService: service,
    postconditions: ["as it"],
    alternatives: ways.map((actions) => [
      pass,
      ...actions.map((one) =>
        requires(
          ...(one.split(" ") as [string, string]),
          one.startsWith("sagemaker:CreateModel ") ? withCredentials : {},
        ),
      ),
    ]),
  };
}

const local = (service: string, resource: string): string => `arn:aws:${service}:{region}:{account}:${resource}`;

/** `iam:PassRole` with anything that runs code or calls in the role's name. */
export const passed: EdgeFamily = {
  name: "roles handed to services",
  requests: [
    passing(
      "pass to a training job",
      sagemaker,
      "starts a training job of his own under the role",
      "SageMaker API, CreateTrainingJob: `RoleArn`",
      [
        [`sagemaker:CreateTrainingJob ${local("sagemaker", "training-job/*")}`],
        [`sagemaker:CreateHyperParameterTuningJob ${local("sagemaker", "hyper-parameter-tuning-job/*")}`],
      ],
    ),
    passing(
      "pass to a processing job",
      sagemaker,
      "starts a processing job with a command of his own under the role",
      "SageMaker API, CreateProcessingJob: `AppSpecification.ContainerEntrypoint`",
      [[`sagemaker:CreateProcessingJob ${local("sagemaker", "processing-job/*")}`]],
    ),
    passing(
      "pass to a model",
      sagemaker,
      "serves a container with an archive and variables of his own under the role, with its credentials",
      "SageMaker API, CreateModel: `ExecutionRoleArn`, `Environment`, `EnableNetworkIsolation`",
      [
        [
          `sagemaker:CreateModel ${local("sagemaker", "model/*")}`,
          `sagemaker:CreateEndpointConfig ${local("sagemaker", "endpoint-config/*")}`,
          `sagemaker:CreateEndpoint ${local("sagemaker", "endpoint/*")}`,
        ],
        [
          `sagemaker:CreateModel ${local("sagemaker", "model/*")}`,
          `sagemaker:CreateEndpointConfig ${local("sagemaker", "endpoint-config/*")}`,
          `sagemaker:UpdateEndpoint ${local("sagemaker", "endpoint/*")}`,
        ],
        [
          `sagemaker:CreateModel ${local("sagemaker", "model/*")}`,
          `sagemaker:CreateTransformJob ${local("sagemaker", "transform-job/*")}`,
        ],
      ],
    ),
    passing(
      "pass to a pipeline",
      sagemaker,
      "runs steps of his own as the pipeline's role",
      "SageMaker API, CreatePipeline, UpdatePipeline: `RoleArn`; StartPipelineExecution",
      [
        [`sagemaker:CreatePipeline ${local("sagemaker", "pipeline/*")}`],
        [`sagemaker:UpdatePipeline ${local("sagemaker", "pipeline/*")}`],
      ],
    ),
    passing(
      "pass to Studio",
      sagemaker,
      "opens Studio, or lets others open it, under the role",
      "SageMaker API, CreateDomain, CreateUserProfile, UpdateUserProfile: `ExecutionRole`",
      [
        [`sagemaker:CreateUserProfile ${local("sagemaker", "user-profile/*")}`],
        [`sagemaker:UpdateUserProfile ${local("sagemaker", "user-profile/*")}`],
        [`sagemaker:CreateDomain ${local("sagemaker", "domain/*")}`],
        [`sagemaker:UpdateDomain ${local("sagemaker", "domain/*")}`],
      ],
    ),
    passing(
      "pass to a notebook instance",
      sagemaker,
      "opens a notebook instance under the role",
      "SageMaker API, CreateNotebookInstance",
      [[`sagemaker:CreateNotebookInstance ${local("sagemaker", "notebook-instance/*")}`]],
    ),
    passing(
      "pass to monitoring",
      sagemaker,
      "runs a monitoring container of his own under the role",
      "SageMaker API, CreateMonitoringSchedule: `MonitoringAppSpecification`",
      [
        [`sagemaker:CreateMonitoringSchedule ${local("sagemaker", "monitoring-schedule/*")}`],
        [
          `sagemaker:CreateDataQualityJobDefinition ${local("sagemaker", "data-quality-job-definition/*")}`,
          `sagemaker:CreateMonitoringSchedule ${local("sagemaker", "monitoring-schedule/*")}`,
        ],
      ],
    ),
    passing(
      "pass to MLflow",
      sagemaker,
      "runs tracking under the role",
      "SageMaker API, CreateMlflowApp, CreateMlflowTrackingServer: `RoleArn` (it writes artifacts that its callers choose)",
      [
        [`sagemaker:CreateMlflowApp ${local("sagemaker", "mlflow-app/*")}`],
        [`sagemaker:CreateMlflowTrackingServer ${local("sagemaker", "mlflow-tracking-server/*")}`],
      ],
    ),
    passing(
      "pass to a function",
      "lambda.amazonaws.com",
      "runs a function of his own as the role",
      "Lambda API, CreateFunction, UpdateFunctionConfiguration: `Role`",
      [
        [`lambda:CreateFunction ${local("lambda", "function:*")}`],
        [`lambda:UpdateFunctionConfiguration ${local("lambda", "function:*")}`],
      ],
    ),
    passing(
      "pass to a build",
      "codebuild.amazonaws.com",
      "runs a build of his own as the role",
      "CodeBuild API, CreateProject, UpdateProject: `serviceRole`; StartBuild: `serviceRoleOverride`",
      [
        [`codebuild:CreateProject ${local("codebuild", "project/*")}`],
        [`codebuild:UpdateProject ${local("codebuild", "project/*")}`],
        [`codebuild:StartBuild ${local("codebuild", "project/*")}`],
      ],
    ),
    passing(
      "pass to Scheduler",
      "scheduler.amazonaws.com",
      "has a schedule make any call as the role",
      'EventBridge Scheduler user guide, "Using universal targets"',
      [
        [`scheduler:CreateSchedule ${local("scheduler", "schedule/*")}`],
        [`scheduler:UpdateSchedule ${local("scheduler", "schedule/*")}`],
      ],
    ),
    passing(
      "pass to a rule",
      "events.amazonaws.com",
      "has a rule call its target, with input of his choice, as the role",
      "EventBridge API, PutTargets: `RoleArn`, `Input`",
      [[`events:PutTargets ${local("events", "rule/*")}`]],
    ),
    passing(
      "pass to the budget",
      "budgets.amazonaws.com",
      "has a budget action attach a policy as the role",
      "Budgets API, CreateBudgetAction: `ExecutionRoleArn`",
      [[`budgets:CreateBudgetAction arn:aws:budgets::{account}:budget/*`]],
    ),
    passing(
      "pass to CloudFormation",
      "cloudformation.amazonaws.com",
      "has a stack make anything as the role",
      "CloudFormation API, CreateStack: `RoleARN`",
      [[`cloudformation:CreateStack ${local("cloudformation", "stack/*")}`]],
    ),
    passing(
      "pass to a machine",
      "ec2.amazonaws.com",
      "runs a machine with the role",
      "EC2 API, RunInstances: `IamInstanceProfile`",
      [[`ec2:RunInstances ${local("ec2", "instance/*")}`]],
    ),
    passing(
      "pass to a state machine",
      "states.amazonaws.com",
      "has a state machine make any call as the role",
      'Step Functions developer guide, "AWS SDK service integrations"',
      [[`states:CreateStateMachine ${local("states", "stateMachine:*")}`]],
    ),
  ],
  derived: [],
};
