import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { sagemakerDetails, sagemakerLists } from "./people";

const scalingLooks = [
  // Application Auto Scaling knows no resource for its descriptions.
  "application-autoscaling:DescribeScalableTargets",
  "application-autoscaling:DescribeScalingActivities",
  "application-autoscaling:DescribeScalingPolicies",
  "application-autoscaling:DescribeScheduledActions",
];

/** The environments that approved packages go to by themselves: names and ARNs of each, in order. */
export function releaseTargets(scope: Scope): Scope[] {
  return scope.settings.delivery.targets.map((target) => scope.sibling(target));
}

/**
 * Reads what releases change in the targets' stacks, what they are to serve, and whether an object is there. No data of
 * others, no secrets.
 */
export function readReleased(targets: readonly Scope[]): Statement[] {
  const each = (arn: (target: Scope) => string[]) => targets.flatMap(arn);
  return [
    allow(
      "SeeLists",
      [
        ...sagemakerLists,
        ...scalingLooks,
        // Log groups, and keys by their names.
        "kms:ListAliases",
        "logs:DescribeLogGroups",
      ],
      ["*"],
    ),
    allow("SeeMetrics", ["cloudwatch:GetMetricData"], ["*"]),
    allow(
      "SeeAlarms",
      [
        // How alarms stand, and how they stood while a fleet baked.
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
      ],
      [targets[0]!.arns.alarm("*")],
    ),
    allow(
      "SeeEnvironments",
      sagemakerDetails,
      each(({ arns, names }) => [arns.sagemaker(`*/${names.prefix}-*`)]),
    ),
    allow(
      "SeeParameters",
      ["ssm:GetParametersByPath"],
      each(({ arns, parameterPath }) => [arns.parameter(parameterPath), arns.parameter(`${parameterPath}*`)]),
    ),
    allow(
      "SeeBuckets",
      ["s3:ListBucket"],
      each(({ arns, artifactsBucket }) => [arns.bucket(artifactsBucket)]),
    ),
  ];
}

/** Ends steps of the training pipeline that wait for a trial. */
export function endTrials({ arns, pipelineName }: Scope): Statement[] {
  return [
    allow(
      "EndTrials",
      ["sagemaker:SendPipelineExecutionStep*"],
      [arns.sagemaker(`pipeline/${pipelineName}/execution/*`)],
    ),
  ];
}
