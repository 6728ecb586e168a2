import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { neverWriteDataset } from "./data";
import { joinNetwork } from "./network";
import { stayInEnvironment } from "./people";
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
 * in its own environment, without power over identities, keys, trails or the dataset.
 */
export function permissionsBoundary(scope: Scope): Statement[] {
  const services = ["sagemaker", "s3", "logs", "cloudwatch", "ecr", "kms", "lambda", "sns", "sqs", "events", "ssm", "tag", "application-autoscaling", "cloudtrail", "iam", "sts"];
  return [
    allow("Services", services.map((service) => `${service}:*`), ["*"]),
    ...joinNetwork(scope),
    noIdentities,
    { Sid: "PassOwnRolesOnly", Effect: "Deny", Action: ["iam:PassRole"], NotResource: [scope.arns.role(scope.rolePath, "*")] },
    noKeyAdministration,
    noTrailTampering,
    stayInRegion(scope),
    ...neverWriteDataset(scope),
    ...stayInEnvironment(scope),
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
    ...neverDecide(),
    ...neverWriteDataset(scope),
  ];
}

/** What the budget action cannot exceed: attaching the one policy that stops launches to the roles that launch, and taking it off. */
export function budgetBoundary(scope: Scope, roles: readonly string[]): Statement[] {
  return attachStop(scope, roles);
}
