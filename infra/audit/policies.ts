import type { Statement } from "../identity/document";
import { administration, encryptLogs, useThroughServices } from "../keys/key-policy";
import { logPrefix } from "../../contract/places";
import { ourRoles, settingsStay, writerArns } from "../identity/writers";
import type { Scope } from "../scope";

/**
 * The audit bucket takes log files from this trail alone, and what is appended to the environment's log from its
 * writers, each object once; none of our roles changes or deletes anything. That nothing goes before its time is the
 * lock's matter.
 */
export function auditBucketPolicy(scope: Scope, bucketArn: string): Statement[] {
  const {
    arns,
    place: { accountId },
    trailName,
  } = scope;
  const trail = { StringEquals: { "aws:SourceArn": arns.trail(trailName) } };
  const service = { Service: "cloudtrail.amazonaws.com" };
  return [
    {
      Sid: "TrailLooks",
      Effect: "Allow",
      Principal: service,
      Action: ["s3:GetBucketAcl"],
      Resource: [bucketArn],
      Condition: trail,
    },
    {
      Sid: "TrailWrites",
      Effect: "Allow",
      Principal: service,
      Action: ["s3:PutObject"],
      Resource: [`${bucketArn}/AWSLogs/${accountId}/*`],
      Condition: trail,
    },
    {
      Sid: "EvidenceStays",
      Effect: "Deny",
      Principal: "*",
      Action: [
        // Files are neither written over nor deleted, nor is their lock let go.
        "s3:BypassGovernanceRetention",
        "s3:DeleteObject*",
        "s3:PutObject*",
      ],
      Resource: [`${bucketArn}/*`],
      Condition: {
        ArnLike: { "aws:PrincipalArn": ourRoles(scope) },
        ArnNotLike: { "aws:PrincipalArn": writerArns(scope, "ledger") },
      },
    },
    {
      Sid: "WritersOfTheLogAdd",
      Effect: "Deny",
      Principal: "*",
      Action: [
        // Everything but a plain write.
        "s3:BypassGovernanceRetention",
        "s3:DeleteObject*",
        "s3:PutObjectAcl",
        "s3:PutObjectLegalHold",
        "s3:PutObjectRetention",
        "s3:PutObjectTagging",
        "s3:PutObjectVersion*",
      ],
      Resource: [`${bucketArn}/*`],
      Condition: { ArnLike: { "aws:PrincipalArn": ourRoles(scope) } },
    },
    {
      Sid: "LogAlone",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:PutObject"],
      NotResource: [`${bucketArn}/${logPrefix}*`],
      Condition: { ArnLike: { "aws:PrincipalArn": ourRoles(scope) } },
    },
    {
      // A request without the condition writes over what is there: the key is absent from it.
      Sid: "EachOnce",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:PutObject"],
      Resource: [`${bucketArn}/${logPrefix}*`],
      Condition: { ArnLike: { "aws:PrincipalArn": ourRoles(scope) }, Null: { "s3:if-none-match": "true" } },
    },
    settingsStay(scope, bucketArn),
  ];
}

/**
 * The audit's own key, since the log files outlive the environment and its key. CloudTrail encrypts with the trail's
 * name as context (CloudTrail user guide, "Configure AWS KMS key policies for CloudTrail").
 */
export function auditKeyPolicy(scope: Scope): Statement[] {
  const { arns, trailLogGroup, trailName } = scope;
  const trail = arns.trail(trailName);
  return [
    ...administration(scope),
    {
      Sid: "TrailEncrypts",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: ["kms:GenerateDataKey*"],
      Resource: ["*"],
      Condition: {
        StringEquals: { "aws:SourceArn": trail },
        StringLike: { "kms:EncryptionContext:aws:cloudtrail:arn": trail },
      },
    },
    {
      Sid: "TrailDescribes",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: ["kms:DescribeKey"],
      Resource: ["*"],
      Condition: { StringEquals: { "aws:SourceArn": trail } },
    },
    useThroughServices(scope, ["s3"]),
    encryptLogs(scope, [trailLogGroup]),
  ];
}
