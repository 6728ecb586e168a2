import { prefixes } from "../../../contract/places";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { stayInEnvironment } from "./apart";
import { stayInRegion } from "./boundary-denials";
import { neverWriteDataset } from "./data";

/**
 * What the healer's role cannot exceed, whatever is attached to it: looks, and the calls that put things right. None of
 * them makes a role, writes what a role may do, runs code, approves, or changes the dataset or what ought to be.
 */
export function healBoundary(scope: Scope): Statement[] {
  const { arns, artifactsBucket } = scope;
  return [
    allow(
      "Heal",
      [
        // Looks.
        "cloudtrail:Get*",
        "cloudwatch:Describe*",
        "events:List*",
        "iam:GetAccountAuthorizationDetails",
        "kms:DescribeKey",
        "lambda:GetFunctionConfiguration",
        "logs:Describe*",
        "s3:Get*",
        "s3:List*",
        "sagemaker:Describe*",
        "sagemaker:List*",
        "scheduler:Get*",
        // Puts right.
        "cloudtrail:StartLogging",
        "cloudwatch:PutMetricAlarm",
        "events:EnableRule",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PassRole",
        "iam:PutRolePermissionsBoundary",
        "kms:CancelKeyDeletion",
        "kms:EnableKey",
        "logs:PutRetentionPolicy",
        "sagemaker:AddTags",
        "sagemaker:UpdateEndpoint",
        "sagemaker:UpdateModelPackage",
        "scheduler:UpdateSchedule",
        // Remembers, and tells.
        "events:PutEvents",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
      ],
      ["*"],
    ),
    allow(
      "CloseBuckets",
      [
        // Of the environment's own buckets.
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
      ],
      [arns.bucket(`${scope.names.prefix}-*`)],
    ),
    allow("Remember", ["s3:PutObject"], [arns.object(artifactsBucket, `${prefixes.remediation}*`)]),
    {
      Sid: "PassStartRolesOnly",
      Effect: "Deny",
      Action: ["iam:PassRole"],
      NotResource: [scope.roleArn("*-start")],
    },
    {
      Sid: "NeverApprove",
      Effect: "Deny",
      Action: ["sagemaker:UpdateModelPackage"],
      Resource: ["*"],
      Condition: { StringNotEquals: { "sagemaker:ModelApprovalStatus": "PendingManualApproval" } },
    },
    {
      Sid: "OwnBoundariesOnly",
      Effect: "Deny",
      Action: ["iam:PutRolePermissionsBoundary"],
      Resource: ["*"],
      Condition: {
        ArnNotLike: {
          "iam:PermissionsBoundary": scope.arns.policy(scope.rolePath, `${scope.names.prefix}-*boundary`),
        },
      },
    },
    stayInRegion(scope),
    ...neverWriteDataset(scope),
    ...stayInEnvironment(scope),
  ];
}
