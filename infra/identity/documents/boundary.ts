import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { neverWriteDataset } from "./data";
import { stayInEnvironment } from "./people";

/**
 * What no role of the environment can exceed, whatever is attached to it: the services a model's life needs, in one region,
 * in its own environment, without power over identities, keys, trails or the dataset.
 */
export function permissionsBoundary(scope: Scope): Statement[] {
  const services = ["sagemaker", "s3", "logs", "cloudwatch", "ecr", "kms", "lambda", "sns", "sqs", "events", "ssm", "tag", "application-autoscaling", "cloudtrail", "iam", "sts"];
  return [
    allow("Services", services.map((service) => `${service}:*`), ["*"]),
    deny("NoIdentities", ["iam:Create*", "iam:Delete*", "iam:Put*", "iam:Attach*", "iam:Detach*", "iam:Update*", "iam:Add*", "iam:Remove*", "iam:Set*", "iam:Tag*", "iam:Untag*"], ["*"]),
    { Sid: "PassOwnRolesOnly", Effect: "Deny", Action: ["iam:PassRole"], NotResource: [scope.arns.role(scope.rolePath, "*")] },
    deny("NoKeyAdministration", ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"], ["*"]),
    deny("NoTrailTampering", ["cloudtrail:Delete*", "cloudtrail:Stop*", "cloudtrail:Update*", "cloudtrail:Put*"], ["*"]),
    // IAM and the global STS endpoint have no region of their own.
    deny("StayInRegion", ["sagemaker:*", "lambda:*", "sns:*", "sqs:*", "events:*", "ssm:*", "ecr:*"], ["*"], { StringNotEquals: { "aws:RequestedRegion": scope.settings.region } }),
    ...neverWriteDataset(scope),
    ...stayInEnvironment(scope),
  ];
}
