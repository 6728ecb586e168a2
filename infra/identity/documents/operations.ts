import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { limitJobs } from "./jobs";

/** Account of AWS's Deep Learning Containers, whose PyTorch image ours builds on (in most regions; others are listed in AWS's README of the images). */
export const baseImageAccount = "763104351884";

/** Log group of image builds, by CodeBuild's convention. */
export function imageBuildLogGroup({ imageProject }: Scope): string {
  return `/aws/codebuild/${imageProject}`;
}

/** Runs the monitoring pipeline's one job, on its own instance type. */
export function runMonitoring(scope: Scope): Statement[] {
  const {
    arns,
    settings: { monitoring },
  } = scope;
  return [
    allow(
      "RunMonitoring",
      ["CreateProcessingJob", "DescribeProcessingJob", "StopProcessingJob", "AddTags", "ListTags"].map(
        (name) => `sagemaker:${name}`,
      ),
      [arns.sagemaker(`processing-job/${scope.jobPrefix("MonitorEndpoint")}-*`)],
    ),
    ...limitJobs(scope, [monitoring.instanceType]),
  ];
}

/** Starts monitoring, and keeps what could not be started: Scheduler writes dead letters as the schedule's role. */
export function startMonitoring({ arns, monitoringPipeline, names }: Scope): Statement[] {
  return [
    allow("StartMonitoring", ["sagemaker:StartPipelineExecution"], [arns.sagemaker(`pipeline/${monitoringPipeline}`)]),
    allow("KeepDeadLetters", ["sqs:SendMessage"], [arns.queue(names.of("queue", "dead-letters"))]),
  ];
}

/** Pulls AWS's base image and pushes ours. Tags are immutable, so nothing that is there is changed. */
export function buildImage({ arns, imageRepository, place: { partition }, settings: { region } }: Scope): Statement[] {
  return [
    allow("SignInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]),
    allow(
      "PullBaseImage",
      ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
      [`arn:${partition}:ecr:${region}:${baseImageAccount}:repository/pytorch`],
    ),
    allow(
      "PushImage",
      [
        "BatchGetImage",
        "GetDownloadUrlForLayer",
        "BatchCheckLayerAvailability",
        "InitiateLayerUpload",
        "UploadLayerPart",
        "CompleteLayerUpload",
        "PutImage",
        "DescribeImages",
      ].map((name) => `ecr:${name}`),
      [arns.repository(imageRepository)],
    ),
  ];
}

/** What a chat channel shows of an alarm. */
export function seeGraphs({ arns }: Scope): Statement[] {
  return [
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm("*")]),
    allow("SeeMetrics", ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"], ["*"]),
  ];
}
