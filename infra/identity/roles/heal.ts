import { factsKeys, remediationEntriesPrefix, remediationStateKey } from "../../../contract/remediation";
import { lockKey, prefixes } from "../../../contract/places";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { writeLogs } from "../documents/functions";
import { define } from "./role-definition";

/**
 * The function that puts right what was changed by hand. Each right is one action on the environment's own things, and
 * leads back to what the desired facts say: it writes no policy of a role, no code, no key policy, and approves
 * nothing. Its boundary says the same, since the others' deny nearly all of it. No deployer hands it over.
 */
export const heal = define({
  name: "heal",
  kind: "service",
  description: "Puts right what was changed after its deployment",
  trusted: { service: "lambda.amazonaws.com" },
  boundary: "heal-boundary",
  managed: true,
  writes: ["remediation"],
  // What is violated is put right, however much was spent.
  outlivesBudget: true,
  expected: { spec: "test/infra/identity/roles/heal.spec.ts" },
  exists: ({ settings }) => settings.remediation.mode !== "off",
  duties: (scope) => ({
    see: see(scope),
    keep: keep(scope),
    repair: [...repairAccount(scope), ...repairWatches(scope)],
    key: useKey(scope),
  }),
});

function see({ arns, artifactsBucket, endpointName, modelPackageGroup, names, trailName }: Scope): Statement[] {
  return [
    allow(
      "SeeFacts",
      ["s3:GetObject"],
      [
        ...Object.values(factsKeys).map((key) => arns.object(artifactsBucket, key)),
        arns.object(artifactsBucket, lockKey),
        arns.object(artifactsBucket, `${prefixes.approvals}*`),
      ],
    ),
    allow(
      "SeeBuckets",
      [
        // Settings that are compared; listing tells a missing object from a forbidden one.
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:ListBucket",
      ],
      [arns.bucket(`${names.prefix}-*`)],
    ),
    allow(
      "SeeAccount",
      [
        // Lists know no resource.
        "events:ListRules",
        "iam:GetAccountAuthorizationDetails",
        "logs:DescribeLogGroups",
      ],
      ["*"],
    ),
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm("*")]),
    allow("SeeCode", ["lambda:GetFunctionConfiguration"], [arns.lambda(`${names.prefix}-*`)]),
    allow("SeeTrail", ["cloudtrail:GetTrailStatus"], [arns.trail(trailName)]),
    allow("SeeSchedules", ["scheduler:GetSchedule"], [arns.scheduler(`schedule/${names.prefix}-*`)]),
    allow(
      "SeeServing",
      [
        // The endpoint with its tags.
        "sagemaker:DescribeEndpoint",
        "sagemaker:ListTags",
      ],
      [arns.sagemaker(`endpoint/${endpointName}`)],
    ),
    // The reference lists packages by their own ARN; that a list is asked of the group's is believed.
    allow("SeeApprovals", ["sagemaker:ListModelPackages"], [arns.sagemaker(`model-package*/${modelPackageGroup}*`)]),
  ];
}

/** What it did, whom it tells, and its log. */
function keep(scope: Scope): Statement[] {
  const { arns, artifactsBucket, deadLetterQueue, names } = scope;
  return [
    allow(
      "KeepState",
      [
        // Read, and replaced where nobody else wrote since.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, remediationStateKey)],
    ),
    allow("KeepEntries", ["s3:PutObject"], [arns.object(artifactsBucket, `${remediationEntriesPrefix}*`)]),
    allow("Tell", ["events:PutEvents"], [arns.events(`event-bus/${names.of("eventBus", "events")}`)]),
    allow("KeepDeadLetters", ["sqs:SendMessage"], [arns.queue(deadLetterQueue)]),
    writeLogs(scope, "heal"),
  ];
}

/** Back to the limits that an administrator set: what was added goes, what was switched off comes back. */
function repairAccount(scope: Scope): Statement[] {
  const { arns, endpointName, environment, modelPackageGroup, names, rolePath, trailName } = scope;
  const roles = [arns.role(rolePath, "*")];
  return [
    allow(
      "CloseBuckets",
      [
        // As the facts say, which an administrator alone writes.
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
      ],
      [arns.bucket(`${names.prefix}-*`)],
    ),
    allow(
      "TakeAwayPolicies",
      [
        // Takes away, and gives nothing.
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
      ],
      roles,
    ),
    allow("BindRoles", ["iam:PutRolePermissionsBoundary"], roles, {
      ArnLike: { "iam:PermissionsBoundary": arns.policy(rolePath, `${names.prefix}-*boundary`) },
    }),
    allow("StartTrail", ["cloudtrail:StartLogging"], [arns.trail(trailName)]),
    allow(
      "KeepKeys",
      [
        // A key that was had back is disabled.
        "kms:CancelKeyDeletion",
        "kms:DescribeKey",
        "kms:EnableKey",
      ],
      [arns.key("*")],
      { StringEquals: { "aws:ResourceTag/environment": environment } },
    ),
    allow("TagEndpoint", ["sagemaker:AddTags"], [arns.sagemaker(`endpoint/${endpointName}`)]),
    allow(
      "ServeAgain",
      ["sagemaker:UpdateEndpoint"],
      [arns.sagemaker(`endpoint/${endpointName}`), arns.sagemaker(`endpoint-config/${names.prefix}-*`)],
    ),
    // It can never approve: whoever would have it, is asked again.
    allow("AskAgain", ["sagemaker:UpdateModelPackage"], [arns.sagemaker(`model-package/${modelPackageGroup}/*`)], {
      StringEquals: { "sagemaker:ModelApprovalStatus": "PendingManualApproval" },
    }),
  ];
}

/** Roles of schedules that start something; that of the nights deletes the endpoint, and is nobody's to hand over. */
function startRoles({ retrainsHere, settings }: Scope): string[] {
  return [
    "forecast-start",
    "publish-kpis-start",
    ...(settings.report.schedule === "off" ? [] : ["report-start"]),
    ...(settings.experiments.everyMinutes > 0 ? ["look-at-experiment-start"] : []),
    ...(settings.monitoring.mode === "off" ? [] : ["monitoring-start"]),
    ...(retrainsHere ? ["new-data-start"] : []),
  ];
}

function repairWatches(scope: Scope): Statement[] {
  const { arns, names } = scope;
  return [
    allow("PutAlarms", ["cloudwatch:PutMetricAlarm"], [arns.alarm(`${names.prefix}-*`)]),
    allow(
      "EndLogs",
      ["logs:PutRetentionPolicy"],
      [
        arns.logGroup(`/aws/lambda/${names.prefix}-*`),
        arns.logGroup(`/aws/sagemaker/Endpoints/${names.prefix}-*`),
        arns.logGroup(`/aws/codebuild/${names.prefix}-*`),
        arns.logGroup(`${scope.rolePath}*`),
      ],
    ),
    allow(
      "EnableRules",
      ["events:EnableRule"],
      [arns.eventRule(`${names.prefix}-*`), arns.eventRule(`${names.of("eventBus", "events")}/${names.prefix}-*`)],
    ),
    // A schedule is written as a whole, with the role that it had.
    allow("EnableSchedules", ["scheduler:UpdateSchedule"], [arns.scheduler(`schedule/${names.prefix}-*`)]),
    allow(
      "PassStartRoles",
      ["iam:PassRole"],
      startRoles(scope).map((role) => scope.roleArn(role)),
      {
        StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" },
      },
    ),
  ];
}
