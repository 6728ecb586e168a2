import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/** Writes the trail's events to its log group. CloudTrail names the streams after account and region. */
export function writeTrailLog({ arns, trailLogGroup, place: { accountId } }: Scope): Statement[] {
  return [
    allow(
      "WriteTrail",
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      [arns.logGroup(`${trailLogGroup}:log-stream:${accountId}_CloudTrail_*`)],
    ),
  ];
}

/** Reads what the environment's trail recorded, in S3 and in CloudWatch Logs. None where no trail is ours. */
export function readTrail({
  arns,
  auditBucketPattern,
  auditKeyAlias,
  trailLogGroup,
  settings: { audit },
}: Scope): Statement[] {
  if (audit.trail === "organization") return [];
  return [
    allow(
      "ReadTrailSettings",
      ["s3:ListBucket", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration"],
      [arns.bucket(auditBucketPattern)],
    ),
    allow(
      "ReadTrailFiles",
      ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"],
      [arns.object(auditBucketPattern, "*")],
    ),
    allow(
      "ReadTrailLog",
      [
        "logs:DescribeLogStreams",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
        "logs:StartQuery",
        "logs:GetQueryResults",
      ],
      [arns.logGroup(trailLogGroup), arns.logGroup(`${trailLogGroup}:*`)],
    ),
    allow("OpenTrailFiles", ["kms:Decrypt", "kms:DescribeKey"], [arns.key("*")], {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": auditKeyAlias },
    }),
  ];
}
