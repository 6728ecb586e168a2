import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { stayInEnvironment } from "./apart";
import { onlyApproverApproves } from "./approval";
import { neverWriteDataset } from "./data";
import { neverOperate } from "./deployment";
import { neverOpen } from "./jobs";
import { joinNetwork } from "./network";
import { neverDecide } from "./release";
import { attachStop } from "./spending";

const noIdentities = deny("NoIdentities", ["iam:Create*", "iam:Delete*", "iam:Put*", "iam:Attach*", "iam:Detach*", "iam:Update*", "iam:Add*", "iam:Remove*", "iam:Set*", "iam:Tag*", "iam:Untag*"], ["*"]);
const noKeyAdministration = deny("NoKeyAdministration", ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"], ["*"]);
const noTrailTampering = deny("NoTrailTampering", ["cloudtrail:Delete*", "cloudtrail:Stop*", "cloudtrail:Update*", "cloudtrail:Put*"], ["*"]);
// IAM and the global STS endpoint have no region of their own.
const stayInRegion = (scope: Scope): Statement =>
  deny("StayInRegion", ["sagemaker:*", "lambda:*", "sns:*", "sqs:*", "events:*", "ssm:*", "ecr:*"], ["*"], { StringNotEquals: { "aws:RequestedRegion": scope.settings.region } });

/**
 * What no role of the environment can exceed, whatever is attached to it: the services a model's life needs, in one region,
 * in its own environment, without power over identities, keys, trails or the dataset, and without approval but for the approver.
 */
export function permissionsBoundary(scope: Scope): Statement[] {
  const services = ["sagemaker", "sagemaker-mlflow", "s3", "logs", "cloudwatch", "ecr", "kms", "lambda", "sns", "sqs", "events", "ssm", "tag", "application-autoscaling", "cloudtrail", "iam", "sts"];
  return [
    allow("Services", services.map((service) => `${service}:*`), ["*"]),
    ...joinNetwork(scope),
    noIdentities,
    { Sid: "PassOwnRolesOnly", Effect: "Deny", Action: ["iam:PassRole"], NotResource: [scope.arns.role(scope.rolePath, "*")] },
    noKeyAdministration,
    noTrailTampering,
    stayInRegion(scope),
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
  const changed = ["sagemaker", "s3", "logs", "cloudwatch", "application-autoscaling", "ssm", "kms"].map((service) => `${service}:*`);
  const seen = ["iam", "lambda", "events", "sns", "sqs"].flatMap((service) => [`${service}:Get*`, `${service}:List*`, `${service}:Describe*`]);
  const builds = ["StartBuild", "StopBuild", "ListBuildsForProject", "BatchGetBuilds"].map((name) => `codebuild:${name}`);
  const buckets = ["s3:CreateBucket", "s3:DeleteBucket*", "s3:PutBucket*", "s3:PutLifecycleConfiguration", "s3:PutEncryptionConfiguration", "s3:PutReplicationConfiguration", "s3:PutAccessPointPolicy"];
  return [
    allow("Releases", [...changed, ...seen, "sns:Publish", "sqs:ReceiveMessage", "sqs:DeleteMessage", "iam:PassRole", ...builds, "sts:GetCallerIdentity", "servicequotas:List*", "ecr:DescribeImages"], ["*"]),
    noIdentities,
    { Sid: "PassEndpointRolesOnly", Effect: "Deny", Action: ["iam:PassRole"], NotResource: targets.map((target) => target.roleArn("endpoint-execution")) },
    noKeyAdministration,
    noTrailTampering,
    stayInRegion(scope),
    deny("NoBuckets", buckets, ["*"]),
    ...neverOpen(scope),
    ...neverDecide(),
    ...neverWriteDataset(scope),
  ];
}

/**
 * What deployers cannot exceed. They alone make roles, so they make none without the environment's boundary and change no boundary: otherwise
 * they could give themselves every right there is.
 * @param reserved roles that an administrator makes: those of people, and those with a boundary of their own (release builds, the budget action).
 */
export function deployerBoundary(scope: Scope, reserved: readonly string[]): Statement[] {
  const { arns, rolePath, releaseProject } = scope;
  const services = ["sagemaker", "s3", "kms", "iam", "lambda", "events", "scheduler", "sns", "sqs", "codebuild", "ecr", "ssm", "logs", "cloudwatch", "application-autoscaling", "budgets", "cloudtrail", "ec2", "tag", "sts"];
  const roleWrites = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"];
  return [
    allow("Services", services.map((service) => `${service}:*`), ["*"]),
    deny("RolesWithBoundaryOnly", roleWrites, ["*"], { StringNotEquals: { "iam:PermissionsBoundary": scope.boundaryArn } }),
    deny("BoundariesStay", ["iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy*", "iam:AttachRolePolicy"], ["*"]),
    deny("ReservedRoles", ["iam:CreateRole", "iam:UpdateRole*", "iam:UpdateAssumeRolePolicy", "iam:Put*Role*", "iam:Delete*Role*", "iam:PassRole", "iam:TagRole", "iam:UntagRole"], reserved.map((role) => scope.roleArn(role))),
    deny("ReleaseBuilds", ["codebuild:CreateProject", "codebuild:UpdateProject", "codebuild:DeleteProject", "codebuild:StartBuild"], [arns.buildProject(releaseProject)]),
    { Sid: "OwnRolesOnly", Effect: "Deny", Action: ["iam:*Role", "iam:*RolePolicy", "iam:UpdateAssumeRolePolicy"], NotResource: [arns.role(rolePath, "*"), arns.role("/aws-service-role/", "*")] },
    deny("NoUsers", ["iam:*User*", "iam:*Group*", "iam:*AccessKey*", "iam:*LoginProfile*", "iam:*MFADevice*", "iam:*SAMLProvider*", "iam:*OpenIDConnectProvider*"], ["*"]),
    noKeyAdministration,
    noTrailTampering,
    stayInRegion(scope),
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
