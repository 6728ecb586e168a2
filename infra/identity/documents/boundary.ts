import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { stayInEnvironment } from "./apart";
import { onlyApproverApproves } from "./approval";
import { neverWriteDataset } from "./data";
import { bucketSettings } from "../writers";
import { neverInstruct, neverOperate, neverSilence } from "./deployment";
import { neverOpen } from "./jobs";
import { joinNetwork } from "./network";
import { neverDecide } from "./release";
import { attachStop } from "./spending";

const noIdentities = deny(
  "NoIdentities",
  [
    "iam:Create*",
    "iam:Delete*",
    "iam:Put*",
    "iam:Attach*",
    "iam:Detach*",
    "iam:Update*",
    "iam:Add*",
    "iam:Remove*",
    "iam:Set*",
    "iam:Tag*",
    "iam:Untag*",
  ],
  ["*"],
);
/** Nobody becomes somebody else: roles of ours are taken by people from outside and by services, never by one another. */
const noOtherRoles = deny("NoOtherRoles", ["sts:AssumeRole*", "sts:GetFederationToken"], ["*"]);
const noKeyAdministration = deny(
  "NoKeyAdministration",
  ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"],
  ["*"],
);
const noTrailTampering = deny(
  "NoTrailTampering",
  ["cloudtrail:Delete*", "cloudtrail:Stop*", "cloudtrail:Update*", "cloudtrail:Put*"],
  ["*"],
);
/** Who may come near a bucket, what it locks and how long it keeps is the administrator's. */
const noBuckets = deny("NoBuckets", ["s3:CreateBucket", ...bucketSettings], ["*"]);
// IAM and the global STS endpoint have no region of their own.
const stayInRegion = (scope: Scope): Statement =>
  deny("StayInRegion", ["sagemaker:*", "lambda:*", "sns:*", "sqs:*", "events:*", "ssm:*", "ecr:*"], ["*"], {
    StringNotEquals: { "aws:RequestedRegion": scope.settings.region },
  });

/**
 * What an environment shall serve, and how long its ledger is, release builds alone write (they have a boundary of their own); and what
 * serves is changed by the release path alone. The night schedule makes again what a release made.
 */
function neverRelease(scope: Scope): Statement[] {
  return [
    deny("NeverDesire", ["ssm:Put*", "ssm:Delete*", "ssm:Label*", "ssm:Unlabel*"], ["*"]),
    ...releasePathOnly(scope),
  ];
}

function releasePathOnly(scope: Scope): Statement[] {
  const serving = [
    "CreateModel",
    "DeleteModel",
    "CreateEndpoint*",
    "UpdateEndpoint*",
    "DeleteEndpoint*",
    "CreateInferenceComponent",
    "UpdateInferenceComponent*",
  ].map((name) => `sagemaker:${name}`);
  return [
    deny("ReleasePathOnly", serving, ["*"], { ArnNotEquals: { "aws:PrincipalArn": scope.roleArn("night-schedule") } }),
  ];
}

/**
 * What no role of the environment can exceed, whatever is attached to it: the services a model's life needs, in one region,
 * in its own environment, without power over identities, keys, buckets, trails, releases or the dataset, and without approval but for the approver.
 */
export function permissionsBoundary(scope: Scope): Statement[] {
  const services = [
    "sagemaker",
    "sagemaker-mlflow",
    "s3",
    "logs",
    "cloudwatch",
    "ecr",
    "kms",
    "lambda",
    "sns",
    "sqs",
    "events",
    "ssm",
    "tag",
    "application-autoscaling",
    "cloudtrail",
    "iam",
    "sts",
  ];
  return [
    allow(
      "Services",
      services.map((service) => `${service}:*`),
      ["*"],
    ),
    ...joinNetwork(scope),
    noIdentities,
    noOtherRoles,
    {
      Sid: "PassOwnRolesOnly",
      Effect: "Deny",
      Action: ["iam:PassRole"],
      NotResource: [scope.arns.role(scope.rolePath, "*")],
    },
    noKeyAdministration,
    noTrailTampering,
    noBuckets,
    stayInRegion(scope),
    ...neverRelease(scope),
    ...neverWriteDataset(scope),
    ...neverOpen(scope),
    ...stayInEnvironment(scope),
    ...onlyApproverApproves(scope),
  ];
}

/**
 * What the roles of release builds cannot exceed. They alone cross the line between environments, so their boundary is narrower
 * than the others': what serves a model may be changed, of everything else in a stack only the looks are free.
 */
export function releaseBoundary(scope: Scope, targets: readonly Scope[]): Statement[] {
  const changed = ["sagemaker", "s3", "logs", "cloudwatch", "application-autoscaling", "ssm", "kms"].map(
    (service) => `${service}:*`,
  );
  const seen = ["iam", "lambda", "events", "sns", "sqs"].flatMap((service) => [
    `${service}:Get*`,
    `${service}:List*`,
    `${service}:Describe*`,
  ]);
  const builds = ["StartBuild", "StopBuild", "ListBuildsForProject", "BatchGetBuilds"].map(
    (name) => `codebuild:${name}`,
  );
  return [
    allow(
      "Releases",
      [
        ...changed,
        ...seen,
        "sns:Publish",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "iam:PassRole",
        ...builds,
        "sts:GetCallerIdentity",
        "servicequotas:List*",
        "ecr:DescribeImages",
      ],
      ["*"],
    ),
    noIdentities,
    noOtherRoles,
    {
      Sid: "PassEndpointRolesOnly",
      Effect: "Deny",
      Action: ["iam:PassRole"],
      NotResource: targets.map((target) => target.roleArn("endpoint-execution")),
    },
    noKeyAdministration,
    noTrailTampering,
    stayInRegion(scope),
    noBuckets,
    ...neverOpen(scope),
    ...neverDecide(),
    ...neverWriteDataset(scope),
  ];
}

/**
 * What deployers cannot exceed. They build infrastructure, and cannot become, imitate, instruct or silence anybody: a trust policy knows no
 * condition on whom it may name, so whoever makes a role opens it to whom they like. Deployers therefore make none, and hand over
 * only what the environment's services have already.
 * @param handed roles that they hand over.
 */
export function deployerBoundary(scope: Scope, handed: readonly string[]): Statement[] {
  const built = [
    "sagemaker",
    "lambda",
    "events",
    "scheduler",
    "sns",
    "sqs",
    "logs",
    "cloudwatch",
    "application-autoscaling",
    "budgets",
    "ec2",
    "tag",
  ].map((service) => `${service}:*`);
  const seen = ["s3", "iam", "kms", "ssm", "ecr", "codebuild", "cloudtrail"].flatMap((service) =>
    ["Get*", "List*", "Describe*", "BatchGet*"].map((verb) => `${service}:${verb}`),
  );
  const objects = ["PutObject", "PutObjectTagging", "DeleteObject"].map((name) => `s3:${name}`);
  return [
    // What is not here, no role under this boundary can: roles, policies, keys, buckets, trails, parameters, images, build projects, other roles' sessions.
    allow(
      "Services",
      [
        ...built,
        ...seen,
        ...objects,
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "iam:PassRole",
        "codebuild:StartBuild",
        "sts:GetCallerIdentity",
      ],
      ["*"],
    ),
    {
      Sid: "PassHandedRolesOnly",
      Effect: "Deny",
      Action: ["iam:PassRole"],
      NotResource: handed.map((role) => scope.roleArn(role)),
    },
    stayInRegion(scope),
    ...neverInstruct(scope),
    ...neverSilence(scope),
    ...neverOperate(),
    ...neverOpen(scope),
    ...neverWriteDataset(scope),
    ...stayInEnvironment(scope),
  ];
}

/** What the budget action cannot exceed: attaching the one policy that stops launches to the roles that launch, and taking it off. */
export function budgetBoundary(scope: Scope, roles: readonly string[]): Statement[] {
  return attachStop(scope, roles);
}
