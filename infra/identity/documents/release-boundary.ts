import { witnessParameter, witnessQueue } from "../../../contract/witness";
import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
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

/**
 * What the roles of release builds cannot exceed. They alone cross the line between environments, so their boundary is
 * narrower than the others': what serves a model may be changed, of everything else in a stack only the looks are free.
 */
export function releaseBoundary(scope: Scope, targets: readonly Scope[]): Statement[] {
  const changed = [
    // What a release changes in its targets.
    "application-autoscaling:*",
    "cloudwatch:*",
    "kms:*",
    "logs:*",
    "s3:*",
    "sagemaker:*",
    "ssm:*",
  ];
  const seen = [
    // Everything else of a stack is only looked at.
    "events:Describe*",
    "events:Get*",
    "events:List*",
    "iam:Describe*",
    "iam:Get*",
    "iam:List*",
    "lambda:Describe*",
    "lambda:Get*",
    "lambda:List*",
    "sns:Describe*",
    "sns:Get*",
    "sns:List*",
    "sqs:Describe*",
    "sqs:Get*",
    "sqs:List*",
  ];
  const builds = [
    // Requests and trials start builds, and stop those that nobody wants any more.
    "codebuild:BatchGetBuilds",
    "codebuild:ListBuildsForProject",
    "codebuild:StartBuild",
    "codebuild:StopBuild",
  ];
  return [
    allow(
      "Releases",
      [
        ...changed,
        ...seen,
        ...builds,
        // Takes requests, and tells people.
        "sns:Publish",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
        // Shows logs to their witnesses.
        "sqs:SendMessage",
        // Hands on endpoint roles.
        "iam:PassRole",
        // Knows its account, quotas and images before it begins.
        "ecr:DescribeImages",
        "servicequotas:List*",
        "sts:GetCallerIdentity",
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
    ...neverDecide(targets),
    ...neverWitness(scope, targets),
    ...neverWriteDataset(scope),
  ];
}

/** Who writes logs shows them, and has no part in what their witnesses remember. */
function neverWitness({ arns }: Scope, targets: readonly Scope[]): Statement[] {
  return [
    {
      Sid: "ShowLogsOnly",
      Effect: "Deny",
      Action: ["sqs:SendMessage"],
      NotResource: targets.map(({ environment }) => arns.queue(witnessQueue(environment))),
    },
    deny(
      "NeverWitness",
      [
        // What is remembered, and which of what was.
        "ssm:Delete*",
        "ssm:Label*",
        "ssm:Put*",
        "ssm:Unlabel*",
      ],
      [arns.parameter(witnessParameter("*"))],
    ),
  ];
}

/** A release carries out decisions and makes none: it approves, registers and trains nothing. It may refuse. */
function neverDecide(targets: readonly Scope[]): Statement[] {
  return [
    // Signs no decision: nothing but the targets' logs. A key without an alias is none of theirs.
    deny("SignLogsOnly", ["kms:Sign"], ["*"], {
      "ForAllValues:StringNotEquals": { "kms:ResourceAliases": targets.map(({ logKeyAlias }) => logKeyAlias) },
    }),
    // A request without a status changes the package otherwise, and is refused as well: a key that is absent is not
    // equal.
    deny("NeverApprove", ["sagemaker:UpdateModelPackage"], ["*"], {
      StringNotEquals: { "sagemaker:ModelApprovalStatus": "Rejected" },
    }),
    deny(
      "NeverDecide",
      [
        // Makes no candidate, and takes none away.
        "sagemaker:CreateModelPackage*",
        "sagemaker:CreatePipeline",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DeleteModelPackage*",
        "sagemaker:StartPipelineExecution",
        "sagemaker:UpdatePipeline",
      ],
      ["*"],
    ),
  ];
}
