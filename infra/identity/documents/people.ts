import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../../../contract/places";
import { limitJobs } from "./jobs";
import { passRoles } from "./pipeline";

/** Lists of SageMaker that know no resource: they tell names and states, never contents. */
export const sagemakerLists = [
  "ListApps",
  "ListDomains",
  "ListEndpointConfigs",
  "ListEndpoints",
  "ListMlflowApps",
  "ListModelCards",
  "ListModelPackageGroups",
  "ListModels",
  "ListMonitoringExecutions",
  "ListMonitoringSchedules",
  "ListPipelines",
  "ListProcessingJobs",
  "ListSpaces",
  "ListTrainingJobs",
  "ListUserProfiles",
  "QueryLineage",
].map((name) => `sagemaker:${name}`);

/** Descriptions of what carries the environment's name, and lists that are asked about one such thing. */
export const sagemakerDetails = [
  "DescribeAppImageConfig",
  "DescribeDataQualityJobDefinition",
  "DescribeEndpoint*",
  "DescribeImage*",
  "DescribeModel*",
  "DescribeMonitoringSchedule",
  "DescribePipeline*",
  "DescribeProcessingJob",
  "DescribeStudioLifecycleConfig",
  "DescribeTrainingJob",
  "ListModelPackages",
  "ListPipelineExecution*",
  "ListPipelineParametersForExecution",
  "ListPipelineVersions",
  "ListTags",
].map((name) => `sagemaker:${name}`);

/** What can be looked at. Lists and metrics know no resource; everything that has a name is limited to the environment's. */
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
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:ListDashboards",
        "logs:DescribeLogGroups",
        "tag:GetResources",
      ],
      ["*"],
    ),
    allow("SeeMetrics", ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"], ["*"]),
    allow("SeeDetails", sagemakerDetails, [arns.sagemaker(`*/${names.prefix}-*`)]),
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"], [arns.alarm("*")]),
    allow("SeeDashboards", ["cloudwatch:GetDashboard"], [arns.dashboard(`${names.prefix}-*`)]),
    allow(
      "SeeLogs",
      [
        "logs:DescribeLogStreams",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
        "logs:StartQuery",
        "logs:GetQueryResults",
      ],
      groups,
    ),
  ];
}

/** Changes and runs the environment's pipelines. */
export function operatePipelines({ arns, names }: Scope): Statement[] {
  const actions = [
    "CreatePipeline",
    "UpdatePipeline",
    "DeletePipeline",
    "StartPipelineExecution",
    "StopPipelineExecution",
    "RetryPipelineExecution",
    "UpdatePipelineExecution",
    "AddTags",
  ];
  return [
    allow(
      "OperatePipelines",
      actions.map((name) => `sagemaker:${name}`),
      [arns.sagemaker(`pipeline/${names.prefix}-*`)],
    ),
  ];
}

/** Whoever asks, by the name that their session carries: nothing where it carries none. */
export const oneself = "${aws:SourceIdentity}";

/** A person's own folder in the artifacts bucket. */
export function folderOf(name: string): string {
  return `${prefixes.users}${name}/`;
}

/** The execution role of a person's experiments. @param name of the person, or the policy variable that stands for whoever asks. */
export function experimentRole(name: string): `experiment-${string}` {
  return `experiment-${name}`;
}

/** Experiments of a data scientist: own jobs on the environment's small instances, each with the person's own role and no other. */
export function experiment(scope: Scope, instanceTypes: readonly string[]): Statement[] {
  const { arns, names } = scope;
  const actions = ["CreateTrainingJob", "StopTrainingJob", "CreateProcessingJob", "StopProcessingJob", "AddTags"].map(
    (name) => `sagemaker:${name}`,
  );
  return [
    allow("RunExperiments", actions, [
      arns.sagemaker(`training-job/${names.prefix}-*`),
      arns.sagemaker(`processing-job/${names.prefix}-*`),
    ]),
    // What a candidate is made by carries the same name, and is nobody's to stop, tag or imitate.
    deny("NotThePipelines", actions, scope.pipelineJobs),
    ...limitJobs(scope, instanceTypes),
    ...passRoles(scope, [experimentRole(oneself)]),
  ];
}
