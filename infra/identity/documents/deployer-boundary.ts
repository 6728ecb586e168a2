import { environmentPath } from "../../../contract/names";
import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { stayInEnvironment } from "./apart";
import { stayInRegion } from "./boundary-denials";
import { instructing } from "./deployment/instructing";
import { neverWriteDataset } from "./data";
import { neverOpen } from "./jobs";

/**
 * What deployers cannot exceed. They build infrastructure, and cannot become, imitate, instruct or silence anybody: a
 * trust policy knows no condition on whom it may name, so whoever makes a role opens it to whom they like. Deployers
 * therefore make none, and hand over only what the environment's services have already.
 * @param handed roles that they hand over.
 */
export function deployerBoundary(scope: Scope, handed: readonly string[]): Statement[] {
  const built = [
    // What is built, as far as the denials below leave it.
    "application-autoscaling:*",
    "budgets:*",
    "cloudwatch:*",
    "ec2:*",
    "events:*",
    "lambda:*",
    "logs:*",
    "sagemaker:*",
    "scheduler:*",
    "sns:*",
    "sqs:*",
    "tag:*",
  ];
  const seen = [
    // What is not built is only looked at.
    "cloudtrail:Describe*",
    "cloudtrail:Get*",
    "cloudtrail:List*",
    "codebuild:BatchGet*",
    "codebuild:Describe*",
    "codebuild:Get*",
    "codebuild:List*",
    "ecr:BatchGet*",
    "ecr:Describe*",
    "ecr:Get*",
    "ecr:List*",
    "iam:Describe*",
    "iam:Get*",
    "iam:List*",
    "kms:Describe*",
    "kms:Get*",
    "kms:List*",
    "s3:Describe*",
    "s3:Get*",
    "s3:List*",
    "ssm:Describe*",
    "ssm:Get*",
    "ssm:List*",
  ];
  const objects = [
    // The state of stacks, and definitions of pipelines.
    "s3:DeleteObject",
    "s3:PutObject",
    "s3:PutObjectTagging",
  ];
  return [
    // What is not here, no role under this boundary can: roles, policies, keys, buckets, trails, parameters, images,
    // build projects, other roles' sessions.
    allow(
      "Services",
      [
        ...built,
        ...seen,
        ...objects,
        // Secrets of the state.
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        // Handed roles, image builds, and whose session it is.
        "codebuild:StartBuild",
        "iam:PassRole",
        "sts:GetCallerIdentity",
      ],
      ["*"],
    ),
    {
      Sid: "PassHandedRolesOnly",
      Effect: "Deny",
      Action: ["iam:PassRole"],
      // Roles of schedules by the end of their names, since a policy has 6,144 characters.
      NotResource: [...new Set(handed.map((role) => scope.roleArn(role.endsWith("-start") ? "*-start" : role)))],
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

/**
 * Who deploys runs nothing and decides nothing: no training, no registration, no approval, no model, nobody's
 * workplace; and changes no endpoint beside the release path.
 */
function neverOperate(): Statement[] {
  return [
    deny(
      "NeverOperate",
      [
        // Training, candidates and models; nobody's presigned URL.
        "sagemaker:CreateModel",
        "sagemaker:CreateModelPackage",
        "sagemaker:CreatePresigned*",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DeleteModelPackage",
        "sagemaker:InvokeEndpoint",
        "sagemaker:RetryPipelineExecution",
        "sagemaker:StartPipelineExecution",
        "sagemaker:UpdateModelPackage",
        // Workplaces.
        "sagemaker:CreateApp",
        "sagemaker:CreateDomain",
        "sagemaker:CreateNotebook*",
        "sagemaker:CreateSpace",
        "sagemaker:CreateStudio*",
        "sagemaker:CreateUser*",
        "sagemaker:UpdateDomain",
        "sagemaker:UpdateSpace",
        "sagemaker:UpdateUser*",
        // What serves.
        "sagemaker:CreateEndpoint*",
        "sagemaker:DeleteEndpoint*",
        "sagemaker:UpdateEndpoint*",
      ],
      ["*"],
    ),
  ];
}

/**
 * What starts, makes and ends releases, and what builds run: no code, settings, message or event of a deployer's
 * reaches it. By the names that `infra/delivery` gives; the whole path is an administrator's.
 */
function neverInstruct({
  arns,
  names,
  releaseFunctions,
  releaseProject,
  releaseQueues,
  trialQueue,
}: Scope): Statement[] {
  const rules = ["release-*", "trial-ended"].map((name) => arns.eventRule(names.of("eventRule", name)));
  return [
    deny("ReleasePath", instructing, [
      ...releaseFunctions.map((name) => arns.lambda(`${name}*`)),
      ...[trialQueue, releaseQueues].map((name) => arns.queue(name)),
      ...rules,
    ]),
    deny("ReleaseBuilds", ["codebuild:StartBuild"], [arns.buildProject(releaseProject)]),
    deny(
      "OtherCode",
      [
        // Code that runs beside a function's own, what a function is fed from, and who may read or write logs.
        "lambda:*Layer*",
        "lambda:CreateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
        "lambda:UpdateEventSourceMapping",
        "logs:PutResourcePolicy",
      ],
      ["*"],
    ),
  ];
}

/** Logs of the trail, the network and builds stay: a log group's end is the end of what it told. */
function neverSilence({ arns, environment, names }: Scope): Statement[] {
  const groups = [`${environmentPath(environment)}*`, `/aws/codebuild/${names.prefix}-*`].map((group) =>
    arns.logGroup(group),
  );
  return [
    deny(
      "EvidenceStays",
      [
        // What ends a log, shortens it, sends it elsewhere or makes it unreadable.
        "logs:Delete*",
        "logs:DisassociateKmsKey",
        "logs:PutDataProtectionPolicy",
        "logs:PutRetentionPolicy",
        "logs:PutSubscriptionFilter",
      ],
      groups,
    ),
  ];
}
