import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Principal } from "../principal";
import { bucketArn, type DependentFacts } from "./facts";
import { useKey } from "./keys";
import type { DependentRule, DependentTable } from "./table";

const host = "cloudtrail.amazonaws.com";

/**
 * When a trail is made or changed CloudTrail tries, as itself and for the trail, whether it can write: to the bucket,
 * with the key, and to CloudWatch Logs as the role (CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail",
 * "Configure AWS KMS key policies for CloudTrail", "Role policy document for CloudTrail to use CloudWatch Logs").
 */
function writes(
  { Name, S3BucketName, S3KeyPrefix, KmsKeyId, CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn }: Members,
  call: Call,
  facts: DependentFacts,
): Requirement[] {
  const sourceArn = String(Name).startsWith("arn:") ? String(Name) : facts.arn("cloudtrail", `trail/${String(Name)}`);
  const principal: Principal = { type: "service", arn: host, accountId: facts.accountId, id: host, sourceArn };
  const folder = `${S3KeyPrefix ? `${String(S3KeyPrefix)}/` : ""}AWSLogs/${facts.accountId}`;
  return [
    ...(S3BucketName === undefined
      ? []
      : [
          { action: "s3:GetBucketAcl", resource: bucketArn(S3BucketName), principal },
          {
            action: "s3:PutObject",
            resource: `${bucketArn(S3BucketName)}/${folder}/CloudTrail/again`,
            principal,
            context: { "s3:x-amz-acl": "bucket-owner-full-control" },
          },
        ]),
    ...useKey(facts, call, {
      key: KmsKeyId,
      via: "cloudtrail",
      actions: ["GenerateDataKey", "DescribeKey"],
      encryptionContext: { "aws:cloudtrail:arn": sourceArn },
      principal,
    }),
    ...(CloudWatchLogsRoleArn === undefined
      ? []
      : asRole(String(CloudWatchLogsRoleArn), String(CloudWatchLogsLogGroupArn).replace(/:\*$/, ""), principal, facts)),
  ];
}

/** The role has to trust CloudTrail, which has no such rights of its own. */
function asRole(
  roleArn: string,
  groupArn: string,
  principal: Principal,
  { accountId, region }: DependentFacts,
): Requirement[] {
  const stream = `${groupArn}:log-stream:${accountId}_CloudTrail_${region}`;
  return [
    { action: "sts:AssumeRole", resource: roleArn, principal },
    ...["CreateLogStream", "PutLogEvents"].map((action) => ({
      action: `logs:${action}`,
      resource: stream,
      principal,
      orRole: roleArn,
    })),
  ];
}

const trail: DependentRule = {
  asks: "of `cloudtrail.amazonaws.com`, for the trail: `s3:GetBucketAcl` and `s3:PutObject` on its bucket, `kms:GenerateDataKey` and `kms:DescribeKey` on its key; that the role for CloudWatch Logs trusts it and has `logs:CreateLogStream`, `logs:PutLogEvents` on the trail's stream (believed: the words of the latter)",
  before: writes,
  refusal: ({ action }, _message, { S3BucketName, KmsKeyId }) => {
    if (action.startsWith("s3:"))
      return new AwsError(
        "InsufficientS3BucketPolicyException",
        `Incorrect S3 bucket policy is detected for bucket: ${String(S3BucketName)}`,
        400,
      );
    if (action.startsWith("kms:"))
      return new AwsError(
        "InsufficientEncryptionPolicyException",
        `Insufficient permissions to access S3 bucket ${String(S3BucketName)} or KMS key ${String(KmsKeyId)}.`,
        400,
      );
    return new AwsError(
      "InvalidCloudWatchLogsRoleArnException",
      "Access denied. Check the permissions for your role.",
      400,
    );
  },
};

export const trailDependents: DependentTable = { "cloudtrail:CreateTrail": trail, "cloudtrail:UpdateTrail": trail };
