/**
 * Actions that support no resource type, so that a policy must say `*` for them (AWS Service Authorization Reference).
 * Exact names; a test compares them with AWS's own list.
 */
export const resourceless: readonly string[] = [
  "ec2:DescribeAvailabilityZones",
  "ec2:DescribeDhcpOptions",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeVpcEndpoints",
  "ec2:DescribeVpcs",
  "ecr:GetAuthorizationToken",
  "kms:CreateKey",
  "kms:ListAliases",
  "kms:ListKeys",
  "logs:DescribeQueries",
  "s3:ListAllMyBuckets",
  "sagemaker:QueryLineage",
  "sts:GetCallerIdentity",
];

/**
 * Actions that read names and settings, never data, which roles may have on `*`: a console and an engine ask for lists
 * before they know a resource. Every action that one of these patterns means is of access level List or Read.
 */
export const overviews: readonly string[] = [
  "application-autoscaling:Describe*",
  "ce:GetCostAndUsage",
  "ce:ListCostAllocationTags",
  "cloudtrail:Describe*",
  "cloudtrail:Get*",
  "cloudtrail:List*",
  "cloudtrail:LookupEvents",
  "cloudwatch:Describe*",
  "cloudwatch:Get*",
  "cloudwatch:List*",
  "codebuild:List*",
  "ec2:Describe*",
  "ecr:Describe*",
  "ecr:List*",
  "events:List*",
  "iam:Get*",
  "iam:List*",
  "iam:SimulatePrincipalPolicy",
  "logs:Describe*",
  "logs:GetQueryResults",
  "logs:StopQuery",
  "sagemaker:List*",
  "sagemaker:Search",
  "servicequotas:Get*",
  "servicequotas:List*",
  "tag:Get*",
];

/** Actions that a policy limits by a condition key and not by a resource, with that key. */
export const limitedByKey: Readonly<Record<string, string>> = { "cloudwatch:PutMetricData": "cloudwatch:namespace" };
