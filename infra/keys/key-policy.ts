import { environmentPath } from "../../contract/names";
import type { Statement } from "../identity/document";
import { keyForReaders } from "../registry/readers";
import type { Scope } from "../scope";

const look = [
  // Says what the key is, and to whom it is lent.
  "kms:Describe*",
  "kms:Get*",
  "kms:List*",
];
/** What keeps a key alive and right; no statement with these lets anybody use it. */
const repair = [
  // Who may use the key, and what it is called.
  "kms:PutKeyPolicy",
  "kms:UpdateKeyDescription",
  // Names by which statements know it.
  "kms:CreateAlias",
  "kms:DeleteAlias",
  "kms:UpdateAlias",
  // Brings back what was disabled or scheduled for deletion.
  "kms:CancelKeyDeletion",
  "kms:EnableKey",
  "kms:EnableKeyRotation",
];
/** What can take a key, and with it the data, away. */
const takeAway = [
  // Ends the key, or a loan of it.
  "kms:DisableKey",
  "kms:DisableKeyRotation",
  "kms:RevokeGrant",
  "kms:ScheduleKeyDeletion",
  // Tags decide who may use it.
  "kms:TagResource",
  "kms:UntagResource",
];
const useActions = [
  // All that encrypting and opening data asks for.
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey*",
  "kms:ReEncrypt*",
];

/**
 * Services through which the account's roles reach the key: buckets, topics, volumes of jobs and endpoints, and what
 * Studio keeps. Queues, builds, functions, parameters and images are encrypted with the services' own keys. The file
 * system of a Studio domain is EFS's, the disks of its spaces are EC2's: both ask KMS as whoever makes them, by their
 * own names (SageMaker developer guide, "API permissions": CreateDomain; EFS user guide, "Encrypting data at rest"; EBS
 * user guide, "Permissions for encryption").
 */
const services = ["s3", "sns", "sagemaker", "elasticfilesystem", "ec2"];
/** Services that keep a volume or a file system open by a grant. */
const grantServices = ["sagemaker", "ec2", "elasticfilesystem"];

/** In a key policy "*" means this key. */
export const thisKey = ["*"];

/**
 * Administration without use. The account (its IAM policies) can always look at the policy and repair it, since a key
 * whose policy locks everybody out is lost; taking the key away is left to the named administrators where there are
 * any.
 */
export function administration({ arns, settings: { keyAdministrators } }: Scope): Statement[] {
  const account = { AWS: arns.accountRoot };
  if (keyAdministrators.length === 0)
    return [
      {
        Sid: "AccountAdministers",
        Effect: "Allow",
        Principal: account,
        Action: [...look, ...repair, ...takeAway],
        Resource: thisKey,
      },
    ];
  return [
    { Sid: "AccountRepairs", Effect: "Allow", Principal: account, Action: [...look, ...repair], Resource: thisKey },
    {
      Sid: "AdministratorsAdminister",
      Effect: "Allow",
      Principal: { AWS: keyAdministrators },
      Action: [...look, ...repair, ...takeAway],
      Resource: thisKey,
    },
  ];
}

/**
 * The account's roles, as far as their IAM policies go, through the given services only: nobody decrypts by calling KMS
 * itself.
 */
export function useThroughServices(
  { arns, place: { accountId }, settings: { region } }: Scope,
  names: readonly string[],
): Statement {
  return {
    Sid: "AccountUsesThroughServices",
    Effect: "Allow",
    Principal: { AWS: arns.accountRoot },
    Action: useActions,
    Resource: thisKey,
    Condition: {
      StringEquals: {
        "kms:CallerAccount": accountId,
        "kms:ViaService": names.map((name) => `${name}.${region}.amazonaws.com`),
      },
    },
  };
}

/** CloudWatch Logs, for the given groups. */
export function encryptLogs({ arns, settings: { region } }: Scope, groups: readonly string[]): Statement {
  return {
    Sid: "LogsAreEncrypted",
    Effect: "Allow",
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: useActions,
    Resource: thisKey,
    Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": groups.map((group) => arns.logGroup(group)) } },
  };
}

/**
 * Policy of the environment's key: who administers, who uses, and which services write to encrypted topics and logs.
 */
export function keyPolicy(scope: Scope): Statement[] {
  const {
    arns,
    environment,
    names,
    place: { accountId },
    settings: { region },
  } = scope;
  const write = [
    // What a service asks for to write to an encrypted topic or log.
    "kms:Decrypt",
    "kms:GenerateDataKey*",
  ];
  return [
    ...administration(scope),
    useThroughServices(scope, services),
    {
      Sid: "ServicesKeepVolumes",
      Effect: "Allow",
      Principal: { AWS: arns.accountRoot },
      Action: ["kms:CreateGrant"],
      Resource: thisKey,
      Condition: {
        Bool: { "kms:GrantIsForAWSResource": "true" },
        StringEquals: {
          "kms:CallerAccount": accountId,
          "kms:ViaService": grantServices.map((name) => `${name}.${region}.amazonaws.com`),
        },
      },
    },
    // EventBridge sends no source account with the requests it makes for encrypted topics, so neither service is
    // limited by it.
    {
      Sid: "AlertsReachTopics",
      Effect: "Allow",
      Principal: { Service: ["cloudwatch.amazonaws.com", "events.amazonaws.com"] },
      Action: write,
      Resource: thisKey,
    },
    {
      Sid: "SpendingReachesTopics",
      Effect: "Allow",
      Principal: { Service: ["budgets.amazonaws.com", "costalerts.amazonaws.com"] },
      Action: write,
      Resource: thisKey,
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
    ...keyForReaders(scope),
    encryptLogs(scope, [`/aws/*/${names.prefix}-*`, `/aws/sagemaker/*`, `${environmentPath(environment)}*`]),
  ];
}
