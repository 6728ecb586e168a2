import type { Scope } from "../../../scope";
import { allow, type Statement } from "../../document";

/**
 * What trains, tracks and serves, as far as it makes nobody's decision: no job, no package, no model (that is the
 * release path's), no Studio (a profile's role and a lifecycle script act in its owner's name). What serves is the
 * release path's.
 */
export function deploySagemaker({ arns, environment, names }: Scope): Statement[] {
  // MLflow apps get ids of the service's own: what is there is known by its tag.
  const apps = [arns.sagemaker("mlflow-app/*")];
  const numbered = ["domain", "user-profile", "space"].map((kind) => arns.sagemaker(`${kind}/*`));
  return [
    allow(
      "DeploySagemaker",
      [
        // What is made, changed and taken away.
        "sagemaker:AddTags",
        "sagemaker:CreateMlflowTrackingServer",
        "sagemaker:CreateModelPackageGroup",
        "sagemaker:CreateMonitoringSchedule",
        "sagemaker:CreatePipeline",
        "sagemaker:DeleteMlflowTrackingServer",
        "sagemaker:DeleteModelPackageGroup",
        "sagemaker:DeleteMonitoringSchedule",
        "sagemaker:DeletePipeline",
        "sagemaker:DeleteTags",
        "sagemaker:UpdateMlflowTrackingServer",
        "sagemaker:UpdateMonitoringSchedule",
        "sagemaker:UpdatePipeline",
        // What the provider reads, of releases' things as well.
        "sagemaker:DescribeEndpoint*",
        "sagemaker:DescribeMlflowTrackingServer",
        "sagemaker:DescribeModel*",
        "sagemaker:DescribeMonitoringSchedule",
        "sagemaker:DescribePipeline*",
        "sagemaker:DescribeStudioLifecycleConfig",
        "sagemaker:ListModelPackages",
        "sagemaker:ListPipelineExecution*",
        "sagemaker:ListTags",
      ],
      [arns.sagemaker(`*/${names.prefix}-*`)],
    ),
    allow("MakeTracking", ["sagemaker:CreateMlflowApp"], apps, {
      StringEquals: { "aws:RequestTag/environment": environment },
    }),
    allow("TagTracking", ["sagemaker:AddTags"], apps, {
      StringEquals: { "aws:RequestTag/environment": environment },
      Null: { "sagemaker:TaggingAction": "false" },
    }),
    // The provider asks until the app is gone, and what is gone has no tag.
    allow("SeeTracking", ["sagemaker:DescribeMlflowApp"], apps),
    allow(
      "DeployTracking",
      [
        // What is there, by its tag.
        "sagemaker:AddTags",
        "sagemaker:DeleteMlflowApp",
        "sagemaker:DeleteTags",
        "sagemaker:ListTags",
        "sagemaker:UpdateMlflowApp",
      ],
      apps,
      {
        StringEquals: { "aws:ResourceTag/environment": environment },
      },
    ),
    allow(
      "SeeStudio",
      [
        // What the provider reads of a domain that is in the state.
        "sagemaker:DescribeDomain",
        "sagemaker:DescribeSpace",
        "sagemaker:DescribeUserProfile",
        "sagemaker:ListTags",
      ],
      numbered,
      {
        StringEquals: { "aws:ResourceTag/environment": environment },
      },
    ),
    allow(
      "ListSagemaker",
      [
        // Lists know no resource; preflight checks look for what is there already.
        "sagemaker:ListEndpoints",
        "sagemaker:ListMlflowApps",
      ],
      ["*"],
    ),
    allow(
      "DeployScaling",
      [
        // Targets, policies and scheduled actions of an endpoint, with their tags.
        "application-autoscaling:DeleteScalingPolicy",
        "application-autoscaling:DeleteScheduledAction",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:ListTagsForResource",
        "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:PutScheduledAction",
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
        "application-autoscaling:UntagResource",
      ],
      [arns.scalableTargets],
    ),
    allow(
      "SeeScaling",
      [
        // Application Auto Scaling knows no resource for its descriptions.
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:DescribeScheduledActions",
      ],
      ["*"],
    ),
  ];
}
