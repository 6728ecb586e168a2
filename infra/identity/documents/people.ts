import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";

/** What can be looked at in SageMaker. Lists and searches know no resource; descriptions are limited to the environment's names. */
export function seeEnvironment({ arns, names }: Scope): Statement[] {
  return [
    allow("SeeLists", ["sagemaker:List*", "sagemaker:Search", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics", "logs:DescribeLogGroups", "tag:GetResources"], ["*"]),
    allow("SeeDetails", ["sagemaker:Describe*"], [arns.sagemaker(`*/${names.prefix}-*`), arns.sagemaker("training-job/pipelines-*"), arns.sagemaker("processing-job/pipelines-*")]),
    allow("SeeDashboards", ["cloudwatch:GetDashboard", "cloudwatch:ListDashboards"], ["*"]),
    allow("SeeLogs", ["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery", "logs:GetQueryResults"], [arns.logGroup("/aws/sagemaker/*"), arns.logGroup(`/aws/lambda/${names.prefix}-*`)]),
  ];
}

/** Keeps a role of one environment out of the others: by their names, and by the tag where names are chosen by a service. */
export function stayInEnvironment({ arns, otherEnvironments }: Scope): Statement[] {
  const others = otherEnvironments.flatMap((name) => [
    arns.sagemaker(`*/peregrine-${name}-*`),
    arns.bucket(`peregrine-${name}-*`),
    arns.lambda(`peregrine-${name}-*`),
    arns.topic(`peregrine-${name}-*`),
    arns.queue(`peregrine-${name}-*`),
    arns.parameter(`/peregrine/${name}/*`),
    arns.role(`/peregrine/${name}/`, "*"),
  ]);
  return [
    deny("StayOutByName", ["sagemaker:*", "s3:*", "lambda:*", "sns:*", "sqs:*", "ssm:*", "iam:PassRole", "sts:AssumeRole"], others),
    // StringEquals, not StringNotEquals: a thing being created has no tags yet and must not be caught.
    deny("StayOutByTag", ["*"], ["*"], { StringEquals: { "aws:ResourceTag/project": "peregrine", "aws:ResourceTag/environment": otherEnvironments } }),
  ];
}

/** Forbids to decide about model packages. */
export function neverApprove(): Statement[] {
  return [deny("NeverApprove", ["sagemaker:UpdateModelPackage"], ["*"])];
}

/** Experiments of a data scientist: own jobs on the environment's small instances, with the environment's own roles. */
export function experiment({ arns, names }: Scope, instanceTypes: readonly string[]): Statement[] {
  return [
    allow("RunExperiments", ["sagemaker:CreateTrainingJob", "sagemaker:StopTrainingJob", "sagemaker:CreateProcessingJob", "sagemaker:StopProcessingJob", "sagemaker:AddTags"], [arns.sagemaker(`training-job/${names.prefix}-*`), arns.sagemaker(`processing-job/${names.prefix}-*`)]),
    deny("LimitInstanceTypes", ["sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"], ["*"], { "ForAnyValue:StringNotEquals": { "sagemaker:InstanceTypes": instanceTypes } }),
  ];
}

/** Changes and runs the environment's pipelines. */
export function operatePipelines({ arns, names }: Scope): Statement[] {
  const actions = ["CreatePipeline", "UpdatePipeline", "DeletePipeline", "StartPipelineExecution", "StopPipelineExecution", "RetryPipelineExecution", "UpdatePipelineExecution", "AddTags"];
  return [allow("OperatePipelines", actions.map((name) => `sagemaker:${name}`), [arns.sagemaker(`pipeline/${names.prefix}-*`)])];
}

/** Deploys models to the environment's endpoints and calls them. */
export function operateEndpoints({ arns, names }: Scope): Statement[] {
  const things = ["endpoint", "endpoint-config", "model"].map((type) => arns.sagemaker(`${type}/${names.prefix}-*`));
  const actions = ["CreateModel", "DeleteModel", "CreateEndpointConfig", "DeleteEndpointConfig", "CreateEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "InvokeEndpoint", "AddTags"];
  return [
    allow("OperateEndpoints", actions.map((name) => `sagemaker:${name}`), things),
    // Application Auto Scaling's describe calls know no resource.
    allow("SeeScaling", ["application-autoscaling:Describe*"], ["*"]),
  ];
}

/** Decides about candidates: approved or rejected, and nothing else about them. */
export function decideCandidates({ arns, modelPackageGroup }: Scope): Statement[] {
  return [
    allow("DecideCandidates", ["sagemaker:UpdateModelPackage"], [arns.sagemaker(`model-package/${modelPackageGroup}/*`)], {
      StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] },
    }),
  ];
}

/** Who approves a model may not have made it. */
export function neverTrain(): Statement[] {
  return [deny("NeverTrain", ["sagemaker:Create*", "sagemaker:StartPipelineExecution", "sagemaker:RetryPipelineExecution", "sagemaker:UpdatePipeline", "sagemaker:UpdateEndpoint*"], ["*"])];
}

/** Reads what an audit needs: configurations and trails, not the images and predictions themselves. */
export function audit({ arns, artifactsBucket, names }: Scope): Statement[] {
  return [
    allow("ReadTrails", ["cloudtrail:LookupEvents", "cloudtrail:Get*", "cloudtrail:Describe*", "cloudtrail:List*"], ["*"]),
    allow("ReadPermissions", ["iam:Get*", "iam:List*", "iam:SimulatePrincipalPolicy"], ["*"]),
    allow("ReadBucketSettings", ["s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow("ReadReleases", ["ssm:GetParameter*"], [arns.parameter(`/peregrine/${names.environment}/*`)]),
  ];
}
