import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { limitInstanceTypes, limitJobs } from "./jobs";

/** Lists of SageMaker that know no resource: they tell names and states, never contents. */
export const sagemakerLists = [
  "ListApps", "ListDomains", "ListEndpointConfigs", "ListEndpoints", "ListMlflowApps", "ListModelCards", "ListModelPackageGroups", "ListModels", "ListMonitoringExecutions", "ListMonitoringSchedules",
  "ListPipelines", "ListProcessingJobs", "ListSpaces", "ListTrainingJobs", "ListUserProfiles", "QueryLineage", "Search",
].map((name) => `sagemaker:${name}`);

/** Descriptions of what carries the environment's name, and lists that are asked about one such thing. */
export const sagemakerDetails = [
  "DescribeAppImageConfig", "DescribeDataQualityJobDefinition", "DescribeEndpoint*", "DescribeImage*", "DescribeModel*", "DescribeMonitoringSchedule", "DescribePipeline*", "DescribeProcessingJob",
  "DescribeStudioLifecycleConfig", "DescribeTrainingJob", "ListModelPackages", "ListPipelineExecution*", "ListPipelineParametersForExecution", "ListPipelineVersions", "ListTags",
].map((name) => `sagemaker:${name}`);

/** What can be looked at. Lists and metrics know no resource; everything that has a name is limited to the environment's. */
export function seeEnvironment({ arns, names }: Scope): Statement[] {
  // Jobs of a pipeline are called pipelines-<execution id>-<step>-<hash>, whatever the environment.
  const jobs = ["training-job/pipelines-*", "processing-job/pipelines-*"].map((job) => arns.sagemaker(job));
  // Jobs and notebooks of all environments share SageMaker's groups; endpoints and functions have one each.
  const groups = ["/aws/sagemaker/TrainingJobs*", "/aws/sagemaker/ProcessingJobs*", "/aws/sagemaker/studio*", `/aws/sagemaker/Endpoints/${names.prefix}-*`, `/aws/lambda/${names.prefix}-*`].map((group) => arns.logGroup(group));
  return [
    allow("SeeLists", [...sagemakerLists, "cloudwatch:GetMetricStatistics", "cloudwatch:ListDashboards", "logs:DescribeLogGroups", "tag:GetResources"], ["*"]),
    allow("SeeMetrics", ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"], ["*"]),
    allow("SeeDetails", sagemakerDetails, [arns.sagemaker(`*/${names.prefix}-*`), ...jobs]),
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"], [arns.alarm("*")]),
    allow("SeeDashboards", ["cloudwatch:GetDashboard"], [arns.dashboard(`${names.prefix}-*`)]),
    allow("SeeLogs", ["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery", "logs:GetQueryResults"], groups),
  ];
}

/** Changes and runs the environment's pipelines. */
export function operatePipelines({ arns, names }: Scope): Statement[] {
  const actions = ["CreatePipeline", "UpdatePipeline", "DeletePipeline", "StartPipelineExecution", "StopPipelineExecution", "RetryPipelineExecution", "UpdatePipelineExecution", "AddTags"];
  return [allow("OperatePipelines", actions.map((name) => `sagemaker:${name}`), [arns.sagemaker(`pipeline/${names.prefix}-*`)])];
}

/**
 * Deploys models to the environment's endpoints and calls them, on the instance types that the settings name. What serves is
 * deleted by whoever deploys the infrastructure.
 */
export function operateEndpoints({ arns, names, settings: { serving } }: Scope): Statement[] {
  const things = ["endpoint", "endpoint-config", "model"].map((type) => arns.sagemaker(`${type}/${names.prefix}-*`));
  const actions = ["CreateModel", "DeleteModel", "CreateEndpointConfig", "DeleteEndpointConfig", "CreateEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "InvokeEndpoint", "AddTags"];
  return [
    allow("OperateEndpoints", actions.map((name) => `sagemaker:${name}`), things),
    // Here, because UpdateEndpoint and CreateEndpoint have no condition key for instance types.
    limitInstanceTypes("LimitServingInstances", ["sagemaker:CreateEndpointConfig"], [serving.instanceType]),
    // Application Auto Scaling's describe calls know no resource.
    allow("SeeScaling", ["DescribeScalableTargets", "DescribeScalingActivities", "DescribeScalingPolicies", "DescribeScheduledActions"].map((name) => `application-autoscaling:${name}`), ["*"]),
  ];
}

/** Experiments of a data scientist: own jobs on the environment's small instances, under a role of their own. */
export function experiment(scope: Scope, instanceTypes: readonly string[]): Statement[] {
  const { arns, names } = scope;
  const actions = ["CreateTrainingJob", "StopTrainingJob", "CreateProcessingJob", "StopProcessingJob", "AddTags"].map((name) => `sagemaker:${name}`);
  return [
    allow("RunExperiments", actions, [arns.sagemaker(`training-job/${names.prefix}-*`), arns.sagemaker(`processing-job/${names.prefix}-*`)]),
    ...limitJobs(scope, instanceTypes),
  ];
}
