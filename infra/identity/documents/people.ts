import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../../../contract/places";
import { limitJobs } from "./jobs";
import { passRoles } from "./passing";

/** Lists of SageMaker that know no resource: they tell names and states, never contents. */
export const sagemakerLists = [
  // Each names things of all environments.
  "sagemaker:ListApps",
  "sagemaker:ListDomains",
  "sagemaker:ListEndpointConfigs",
  "sagemaker:ListEndpoints",
  "sagemaker:ListMlflowApps",
  "sagemaker:ListModelCards",
  "sagemaker:ListModelPackageGroups",
  "sagemaker:ListModels",
  "sagemaker:ListMonitoringExecutions",
  "sagemaker:ListMonitoringSchedules",
  "sagemaker:ListPipelines",
  "sagemaker:ListProcessingJobs",
  "sagemaker:ListSpaces",
  "sagemaker:ListTrainingJobs",
  "sagemaker:ListUserProfiles",
  "sagemaker:QueryLineage",
];

/** Descriptions of what carries the environment's name, and lists that are asked about one such thing. */
export const sagemakerDetails = [
  // Descriptions.
  "sagemaker:DescribeAppImageConfig",
  "sagemaker:DescribeDataQualityJobDefinition",
  "sagemaker:DescribeEndpoint*",
  "sagemaker:DescribeImage*",
  "sagemaker:DescribeModel*",
  "sagemaker:DescribeMonitoringSchedule",
  "sagemaker:DescribePipeline*",
  "sagemaker:DescribeProcessingJob",
  "sagemaker:DescribeStudioLifecycleConfig",
  "sagemaker:DescribeTrainingJob",
  // Lists of what one thing has.
  "sagemaker:ListModelPackages",
  "sagemaker:ListPipelineExecution*",
  "sagemaker:ListPipelineParametersForExecution",
  "sagemaker:ListPipelineVersions",
  "sagemaker:ListTags",
];

/**
 * What can be looked at. Lists and metrics know no resource; everything that has a name is limited to the
 * environment's.
 */
export function seeEnvironment({ arns, names }: Scope): Statement[] {
  // Jobs and notebooks of all environments share SageMaker's groups; endpoints and functions have one each.
  const groups = [
    "/aws/sagemaker/TrainingJobs*",
    "/aws/sagemaker/ProcessingJobs*",
    "/aws/sagemaker/studio*",
    `/aws/sagemaker/Endpoints/${names.prefix}-*`,
    `/aws/lambda/${names.prefix}-*`,
  ].map((group) => arns.logGroup(group));
  return [
    allow(
      "SeeLists",
      [
        ...sagemakerLists,
        // Metrics, dashboards, log groups and tagged things by their names.
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:ListDashboards",
        "logs:DescribeLogGroups",
        "tag:GetResources",
      ],
      ["*"],
    ),
    allow(
      "SeeMetrics",
      [
        // Metrics of services know no resource.
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
      ],
      ["*"],
    ),
    allow("SeeDetails", sagemakerDetails, [arns.sagemaker(`*/${names.prefix}-*`)]),
    allow(
      "SeeAlarms",
      [
        // How alarms stand, and how they stood.
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
      ],
      [arns.alarm("*")],
    ),
    allow("SeeDashboards", ["cloudwatch:GetDashboard"], [arns.dashboard(`${names.prefix}-*`)]),
    allow(
      "SeeLogs",
      [
        // Reads logs, and asks Logs Insights about them.
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:GetQueryResults",
        "logs:StartQuery",
      ],
      groups,
    ),
  ];
}

/** Changes and runs the environment's pipelines. */
export function operatePipelines({ arns, names }: Scope): Statement[] {
  const actions = [
    // Definitions with their tags, and executions.
    "sagemaker:AddTags",
    "sagemaker:CreatePipeline",
    "sagemaker:DeletePipeline",
    "sagemaker:RetryPipelineExecution",
    "sagemaker:StartPipelineExecution",
    "sagemaker:StopPipelineExecution",
    "sagemaker:UpdatePipeline",
    "sagemaker:UpdatePipelineExecution",
  ];
  return [allow("OperatePipelines", actions, [arns.sagemaker(`pipeline/${names.prefix}-*`)])];
}

/** Whoever asks, by the name that their session carries: nothing where it carries none. */
export const oneself = "${aws:SourceIdentity}";

/** A person's own folder in the artifacts bucket. */
export function folderOf(name: string): string {
  return `${prefixes.users}${name}/`;
}

/**
 * The execution role of a person's experiments.
 * @param name of the person, or the policy variable that stands for whoever asks.
 */
function experimentRole(name: string): `experiment-${string}` {
  return `experiment-${name}`;
}

/**
 * Experiments of a data scientist: own jobs on the environment's small instances, each with the person's own role and
 * no other.
 */
export function experiment(scope: Scope): Statement[] {
  const { arns, names } = scope;
  const actions = [
    // Jobs are made with their tags, and stopped.
    "sagemaker:AddTags",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateTrainingJob",
    "sagemaker:StopProcessingJob",
    "sagemaker:StopTrainingJob",
  ];
  return [
    allow("RunExperiments", actions, [
      arns.sagemaker(`training-job/${names.prefix}-*`),
      arns.sagemaker(`processing-job/${names.prefix}-*`),
    ]),
    // What a candidate is made by carries the same name, and is nobody's to stop, tag or imitate.
    deny("NotThePipelines", actions, scope.pipelineJobs),
    ...limitJobs(scope),
    ...passRoles(scope, [experimentRole(oneself)]),
  ];
}
