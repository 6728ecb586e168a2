/** An AWS managed policy of the local cloud: the document AWS publishes under that name. */
export interface AwsManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly document: string;
}

type Rule = { Effect: "Allow" | "Deny"; Action?: string | string[]; NotAction?: string[]; Resource: string | string[] };

function policy(name: string, path: string, description: string, ...rules: Rule[]): [string, AwsManagedPolicy] {
  return [
    `arn:aws:iam::aws:policy${path}${name}`,
    { name, path, description, document: JSON.stringify({ Version: "2012-10-17", Statement: rules }) },
  ];
}

const allow = (Action: string | string[], Resource: string | string[] = "*"): Rule => ({
  Effect: "Allow",
  Action,
  Resource,
});

const logWriting = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const networkInterfaces = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/**
 * The AWS managed policies the local cloud knows, by ARN; any other ARN under `arn:aws:iam::aws:policy/` is
 * NoSuchEntity. `ReadOnlyAccess` is the rule behind AWS's long list (every Get, List, Describe, ...), not the list
 * itself.
 */
export const awsManagedPolicies: ReadonlyMap<string, AwsManagedPolicy> = new Map([
  policy("AdministratorAccess", "/", "Provides full access to AWS services and resources.", allow("*")),
  policy(
    "PowerUserAccess",
    "/",
    "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
    { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
    allow([
      "account:GetAccountInformation",
      "account:GetPrimaryEmail",
      "account:ListRegions",
      "iam:CreateServiceLinkedRole",
      "iam:DeleteServiceLinkedRole",
      "iam:ListRoles",
      "organizations:DescribeOrganization",
    ]),
  ),
  policy(
    "ReadOnlyAccess",
    "/",
    "Provides read-only access to AWS services and resources.",
    allow(["*:BatchGet*", "*:Describe*", "*:Get*", "*:List*", "*:Search*", "*:Query", "*:Scan"]),
  ),
  policy(
    "IAMFullAccess",
    "/",
    "Provides full access to IAM via the AWS Management Console.",
    allow([
      "iam:*",
      "organizations:DescribeAccount",
      "organizations:DescribeOrganization",
      "organizations:DescribeOrganizationalUnit",
      "organizations:DescribePolicy",
      "organizations:ListChildren",
      "organizations:ListParents",
      "organizations:ListPoliciesForTarget",
      "organizations:ListRoots",
      "organizations:ListPolicies",
      "organizations:ListTargetsForPolicy",
    ]),
  ),
  policy(
    "IAMReadOnlyAccess",
    "/",
    "Provides read only access to IAM via the AWS Management Console.",
    allow([
      "iam:GenerateCredentialReport",
      "iam:GenerateServiceLastAccessedDetails",
      "iam:Get*",
      "iam:List*",
      "iam:SimulateCustomPolicy",
      "iam:SimulatePrincipalPolicy",
    ]),
  ),
  policy(
    "AmazonS3FullAccess",
    "/",
    "Provides full access to all buckets via the AWS Management Console.",
    allow(["s3:*", "s3-object-lambda:*"]),
  ),
  policy(
    "AmazonS3ReadOnlyAccess",
    "/",
    "Provides read only access to all buckets via the AWS Management Console.",
    allow(["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"]),
  ),
  policy(
    "AmazonEC2ContainerRegistryReadOnly",
    "/",
    "Provides read-only access to Amazon EC2 Container Registry repositories.",
    allow([
      "ecr:GetAuthorizationToken",
      "ecr:BatchCheckLayerAvailability",
      "ecr:GetDownloadUrlForLayer",
      "ecr:GetRepositoryPolicy",
      "ecr:DescribeRepositories",
      "ecr:ListImages",
      "ecr:DescribeImages",
      "ecr:BatchGetImage",
      "ecr:GetLifecyclePolicy",
      "ecr:GetLifecyclePolicyPreview",
      "ecr:ListTagsForResource",
      "ecr:DescribeImageScanFindings",
    ]),
  ),
  policy(
    "CloudWatchReadOnlyAccess",
    "/",
    "Provides read only access to CloudWatch.",
    allow([
      "autoscaling:Describe*",
      "cloudwatch:BatchGet*",
      "cloudwatch:Describe*",
      "cloudwatch:GenerateQuery",
      "cloudwatch:Get*",
      "cloudwatch:List*",
      "logs:Get*",
      "logs:List*",
      "logs:StartQuery",
      "logs:StopQuery",
      "logs:Describe*",
      "logs:TestMetricFilter",
      "logs:FilterLogEvents",
      "sns:Get*",
      "sns:List*",
    ]),
  ),
  policy(
    "AWSLambdaBasicExecutionRole",
    "/service-role/",
    "Provides write permissions to CloudWatch Logs.",
    allow(logWriting),
  ),
  policy(
    "AWSLambdaVPCAccessExecutionRole",
    "/service-role/",
    "Provides minimum permissions for a Lambda function to execute while accessing a resource within a VPC.",
    allow([...logWriting, ...networkInterfaces]),
  ),
  policy(
    "AWSLambdaSQSQueueExecutionRole",
    "/service-role/",
    "Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to CloudWatch logs.",
    allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", ...logWriting]),
  ),
]);
