import { recorder } from "../../../contract/trail";
import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { stayInEnvironment } from "./apart";
import { onlyApproverApproves } from "./approval";
import {
  noBuckets,
  noIdentities,
  noKeyAdministration,
  noOtherRoles,
  noTrailTampering,
  stayInRegion,
} from "./boundary-denials";
import { neverWriteDataset } from "./data";
import { neverOpen } from "./jobs";
import { joinNetwork } from "./network";

/**
 * What an environment shall serve, and how long its ledger is, release builds alone write (they have a boundary of
 * their own); and what serves is changed by the release path alone. The night schedule makes again what a release made.
 */
function neverRelease(scope: Scope): Statement[] {
  const changes = [
    // Parameters say what is to be served; a label of one chooses among what it was.
    "ssm:Delete*",
    "ssm:Label*",
    "ssm:Put*",
    "ssm:Unlabel*",
  ];
  const head = [scope.arns.parameter(scope.logHeadParameter)];
  return [
    { Sid: "NeverDesire", Effect: "Deny", Action: changes, NotResource: head },
    // How long the log is, who writes it notes.
    deny("NeverWitness", changes, head, { ArnNotEquals: { "aws:PrincipalArn": scope.roleArn(recorder) } }),
    ...releasePathOnly(scope),
  ];
}

function releasePathOnly(scope: Scope): Statement[] {
  const serving = [
    // Whatever an endpoint serves: its models, its configurations, itself.
    "sagemaker:CreateEndpoint*",
    "sagemaker:CreateInferenceComponent",
    "sagemaker:CreateModel",
    "sagemaker:DeleteEndpoint*",
    "sagemaker:DeleteModel",
    "sagemaker:UpdateEndpoint",
    "sagemaker:UpdateInferenceComponent*",
  ];
  const apart = (role: string) => ({ ArnNotEquals: { "aws:PrincipalArn": scope.roleArn(role) } });
  return [
    deny("ReleasePathOnly", serving, ["*"], apart("night-schedule")),
    // Between variants that a release made, who looks at experiments moves the traffic.
    deny("TrafficStays", ["sagemaker:UpdateEndpointW*"], ["*"], apart("look-at-experiment")),
  ];
}

/**
 * What no role of the environment can exceed, whatever is attached to it: the services a model's life needs, in one
 * region, in its own environment, without power over identities, keys, buckets, trails, releases or the dataset, and
 * without approval but for the approver.
 */
export function permissionsBoundary(scope: Scope): Statement[] {
  const services = [
    // What a model's life needs, and what the denials below are about.
    "application-autoscaling:*",
    "ce:*",
    "cloudtrail:*",
    "cloudwatch:*",
    "ecr:*",
    "events:*",
    "iam:*",
    "kms:*",
    "lambda:*",
    "logs:*",
    "s3:*",
    "sagemaker-mlflow:*",
    "sagemaker:*",
    "sns:*",
    "sqs:*",
    "ssm:*",
    "sts:*",
    "tag:*",
  ];
  return [
    allow("Services", services, ["*"]),
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
