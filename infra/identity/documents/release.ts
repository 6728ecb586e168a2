import { tokenVariable } from "../../../lifecycle/trial";
import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../prefixes";
import { readDataset } from "./data";
import { sagemakerDetails, sagemakerLists } from "./people";

/** SageMaker's records of what an endpoint serves. */
const served = ["model", "endpoint-config", "endpoint"] as const;

/** Reads approved packages of the registry with their evidence, and lays down the champion that the next candidate is compared with. */
export function readCandidates({ arns, artifactsBucket, modelPackageGroup }: Scope): Statement[] {
  const { champion, runs, sources } = prefixes;
  return [
    allow(
      "ReadCandidates",
      ["sagemaker:DescribeModelPackage"],
      [arns.sagemaker(`model-package/${modelPackageGroup}/*`)],
    ),
    allow(
      "ReadEvidence",
      ["s3:GetObject", "s3:GetObjectVersion"],
      [champion, runs, sources].map((prefix) => arns.object(artifactsBucket, `${prefix}*`)),
    ),
    allow("CrownChampion", ["s3:PutObject", "s3:AbortMultipartUpload"], [arns.object(artifactsBucket, `${champion}*`)]),
  ];
}

/** Makes, changes and deletes what the targets' endpoints run, and calls the endpoints. */
export function changeEndpoints(targets: readonly Scope[]): Statement[] {
  const things = targets.flatMap(({ arns, names }) =>
    served.map((type) => arns.sagemaker(`${type}/${names.prefix}-*`)),
  );
  const actions = [
    "CreateModel",
    "DeleteModel",
    "CreateEndpointConfig",
    "DeleteEndpointConfig",
    "CreateEndpoint",
    "UpdateEndpoint",
    "DeleteEndpoint",
    "UpdateEndpointWeightsAndCapacities",
    "InvokeEndpoint",
    "AddTags",
    "DeleteTags",
  ];
  const roles = targets.map((target) => target.roleArn("endpoint-execution"));
  return [
    allow(
      "ChangeEndpoints",
      actions.map((name) => `sagemaker:${name}`),
      things,
    ),
    allow("PassEndpointRoles", ["iam:PassRole"], roles, {
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    }),
    allow(
      "ScaleEndpoints",
      [
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        "PutScheduledAction",
        "DeleteScheduledAction",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
      ].map((name) => `application-autoscaling:${name}`),
      [targets[0]!.arns.scalableTargets],
    ),
  ];
}

/** Alarms, dashboards and log groups that come and go with the targets' endpoints. */
export function changeWatches(targets: readonly Scope[]): Statement[] {
  const each = (arn: (target: Scope) => string[]) => targets.flatMap(arn);
  return [
    allow(
      "ChangeAlarms",
      ["PutMetricAlarm", "DeleteAlarms", "TagResource", "UntagResource", "ListTagsForResource"].map(
        (name) => `cloudwatch:${name}`,
      ),
      each(({ arns, names }) => [
        arns.alarm(names.of("alarm", "detector-*")),
        // Application Auto Scaling makes its own with the rights of its caller.
        arns.alarm(`TargetTracking-endpoint/${names.prefix}-*`),
      ]),
    ),
    allow(
      "ChangeDashboards",
      ["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard"],
      each(({ arns, names }) => [arns.dashboard(names.of("dashboard", "detector"))]),
    ),
    allow(
      "ChangeLogGroups",
      [
        "CreateLogGroup",
        "DeleteLogGroup",
        "PutRetentionPolicy",
        "DeleteRetentionPolicy",
        "AssociateKmsKey",
        "DisassociateKmsKey",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
      ].map((name) => `logs:${name}`),
      each(({ arns, endpointName }) => {
        // With and without the ":*" that stands for a group's streams.
        return [arns.logGroup(`/aws/sagemaker/Endpoints/${endpointName}*`)];
      }),
    ),
  ];
}

/** What each target remembers: the desired release, archives, the ledger and its head, the lock; and whom it tells about failures. */
export function keepReleases(targets: readonly Scope[]): Statement[] {
  const objects = (...keys: string[]) =>
    targets.flatMap(({ arns, artifactsBucket }) => keys.map((key) => arns.object(artifactsBucket, key)));
  const { releases, ledger } = prefixes;
  return [
    allow(
      "DesireReleases",
      ["ssm:PutParameter", "ssm:DeleteParameter", "ssm:AddTagsToResource", "ssm:GetParameter"],
      targets.flatMap(({ arns, releaseParameter, ledgerHeadParameter }) =>
        [releaseParameter, ledgerHeadParameter].map((name) => arns.parameter(name)),
      ),
    ),
    allow(
      "KeepReleases",
      ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
      objects(`${releases}*`, `${ledger}*`),
    ),
    allow("FreeLock", ["s3:DeleteObject"], objects(`${releases}lock.json`)),
    allow(
      "TellPeople",
      ["sns:Publish"],
      targets.flatMap(({ arns, names }) =>
        ["critical", "warning"].map((severity) => arns.topic(names.of("topic", `alerts-${severity}`))),
      ),
    ),
  ];
}

const scalingLooks = [
  "DescribeScalableTargets",
  "DescribeScalingActivities",
  "DescribeScalingPolicies",
  "DescribeScheduledActions",
].map((name) => `application-autoscaling:${name}`);

/** Reads what releases change in the targets' stacks, what they are to serve, and whether an object is there. No data of others, no secrets. */
export function readReleased(targets: readonly Scope[]): Statement[] {
  const each = (arn: (target: Scope) => string[]) => targets.flatMap(arn);
  return [
    allow("SeeLists", [...sagemakerLists, ...scalingLooks, "logs:DescribeLogGroups", "kms:ListAliases"], ["*"]),
    allow("SeeMetrics", ["cloudwatch:GetMetricData"], ["*"]),
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"], [targets[0]!.arns.alarm("*")]),
    allow(
      "SeeEnvironments",
      sagemakerDetails,
      each(({ arns, names }) => [arns.sagemaker(`*/${names.prefix}-*`)]),
    ),
    allow(
      "SeeParameters",
      ["ssm:GetParametersByPath"],
      each(({ arns, parameterPath }) => [arns.parameter(parameterPath), arns.parameter(`${parameterPath}*`)]),
    ),
    allow(
      "SeeBuckets",
      ["s3:ListBucket"],
      each(({ arns, artifactsBucket }) => [arns.bucket(artifactsBucket)]),
    ),
  ];
}

/** Reads a whole stack, for previews of changes to it. No data of others, no secrets. */
export function readStack(scope: Scope): Statement[] {
  const { arns, artifactsBucket, keyAlias, approvalKeyAlias, names, rolePath } = scope;
  const roles = [
    "GetRole*",
    "ListRolePolicies",
    "ListAttachedRolePolicies",
    "ListInstanceProfilesForRole",
    "ListRoleTags",
  ].map((name) => `iam:${name}`);
  const policies = ["GetPolicy*", "ListPolicy*"].map((name) => `iam:${name}`);
  const functions = [
    "GetFunction*",
    "GetPolicy",
    "ListFunctionEventInvokeConfigs",
    "ListVersionsByFunction",
    "ListTags",
  ].map((name) => `lambda:${name}`);
  const rules = ["events:DescribeRule", "events:ListTargetsByRule", "events:ListTagsForResource"];
  const messages = [
    "sns:GetTopicAttributes",
    "sns:GetSubscriptionAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
  ];
  return [
    ...readReleased([scope]).filter(({ Sid }) => Sid !== "SeeBuckets"),
    allow(
      "SeeBuckets",
      ["s3:ListBucket", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration"],
      [arns.bucket(artifactsBucket)],
    ),
    allow(
      "SeeObjects",
      ["s3:GetObject", "s3:GetObjectTagging"],
      [arns.object(artifactsBucket, `${prefixes.champion}*`)],
    ),
    allow("SeeRoles", [...roles, ...policies], [arns.role(rolePath, "*"), arns.policy(rolePath, "*")]),
    allow(
      "SeeKeys",
      ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
      [arns.key("*")],
      { "ForAnyValue:StringEquals": { "kms:ResourceAliases": [keyAlias, approvalKeyAlias] } },
    ),
    allow(
      "SeeReactions",
      [...functions, ...rules, ...messages],
      [
        arns.lambda(`${names.prefix}-*`),
        arns.eventRule(`${names.prefix}-*`),
        arns.topic(`${names.prefix}-*`),
        arns.queue(`${names.prefix}-*`),
      ],
    ),
  ];
}

/**
 * Keeps the state of stacks, where that is a bucket: each stack's own files of Pulumi's backend (`.pulumi/<kind>/<project>/<stack>`), and the
 * secrets in it by each stack's own key, known by its alias. A state holds what its stack's secrets are: none is read for another's sake.
 */
export function keepState(scope: Scope, stacks: readonly Scope[] = [scope]): Statement[] {
  const {
    arns,
    settings: { delivery },
  } = scope;
  const [, bucket, path = ""] = /^s3:\/\/([^/?]+)\/?([^?]*)/.exec(delivery.backendUrl ?? "") ?? [];
  if (!bucket) return [];
  const at = (key: string) => arns.object(bucket, [path.replace(/\/$/, ""), ".pulumi", key].filter(Boolean).join("/"));
  const files = stacks.flatMap(({ environment }) =>
    [
      `stacks/peregrine/${environment}.*`,
      ...["locks/organization/peregrine", "history/peregrine", "backups/peregrine"].map(
        (kind) => `${kind}/${environment}/*`,
      ),
    ].map(at),
  );
  return [
    allow("FindState", ["s3:ListBucket", "s3:GetBucketLocation"], [arns.bucket(bucket)]),
    allow("ReadBackend", ["s3:GetObject"], [at("meta.yaml"), at("Pulumi.yaml")]),
    allow("KeepState", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], files),
    allow("KeepSecrets", ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], [arns.key("*")], {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": stacks.map(({ stateKeyAlias }) => stateKeyAlias) },
    }),
  ];
}

/** Test images of the dataset, and the keys of the registry's and the targets' data. */
export function readTestImages(registry: Scope, targets: readonly Scope[]): Statement[] {
  const aliases = [registry, ...targets].map(({ keyAlias }) => keyAlias);
  return [
    ...readDataset(registry),
    allow("FindEvidence", ["s3:ListBucket", "s3:GetBucketLocation"], [registry.arns.bucket(registry.artifactsBucket)]),
    allow("UseKeys", ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], [registry.arns.key("*")], {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases },
    }),
  ];
}

/** Ends steps of the training pipeline that wait for a trial. */
export function endTrials({ arns, pipelineName }: Scope): Statement[] {
  return [
    allow(
      "EndTrials",
      ["sagemaker:SendPipelineExecutionStep*"],
      [arns.sagemaker(`pipeline/${pipelineName}/execution/*`)],
    ),
  ];
}

/** Rejects what failed its trial; with any other status the request is refused. */
export function rejectCandidates({ arns, modelPackageGroup }: Scope): Statement[] {
  return [
    allow(
      "RejectCandidates",
      ["sagemaker:UpdateModelPackage"],
      [arns.sagemaker(`model-package/${modelPackageGroup}/*`)],
      { StringEquals: { "sagemaker:ModelApprovalStatus": "Rejected" } },
    ),
  ];
}

/**
 * Starts builds that are what their project says: the given variables may be set, and nothing else of a build. (A source's version
 * has no condition key: `sourceVersion` chooses among what the administrator laid down.)
 */
export function startBuilds(sid: string, { arns }: Scope, project: string, variables: readonly string[]): Statement {
  const overrides = [
    "source",
    "source.buildspec",
    "source.location",
    "secondarySources",
    "artifacts",
    "secondaryArtifacts",
    "serviceRole",
    "cache",
    "encryptionKey",
    "logsConfig",
    ...[
      "certificate",
      "computeType",
      "fleet.fleetArn",
      "image",
      "imagePullCredentialsType",
      "privilegedMode",
      "registryCredential",
      "type",
    ].map((member) => `environment.${member}`),
  ];
  return allow(sid, ["codebuild:StartBuild"], [arns.buildProject(project)], {
    Null: Object.fromEntries(overrides.map((key) => [`codebuild:${key}`, "true"])),
    "ForAllValues:StringEquals": { "codebuild:environment.environmentVariables.name": variables },
  });
}

/** Takes approvals, and requests of people for releases and rollbacks, from their queues and starts a build for each. */
export function startRequests(scope: Scope, targets: readonly Scope[]): Statement[] {
  const { arns, names, releaseProject } = scope;
  return [
    allow(
      "TakeRequests",
      ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      [scope.approvalQueue, ...targets.map((target) => target.requestQueue)].map((name) => arns.queue(name)),
    ),
    allow(
      "SeeBuilds",
      ["codebuild:ListBuildsForProject", "codebuild:BatchGetBuilds"],
      [arns.buildProject(releaseProject)],
    ),
    startBuilds("StartRequested", scope, releaseProject, [
      "RELEASE_TARGETS",
      "MODEL_PACKAGE_ARN",
      "ROLLBACK_TO",
      "REQUESTED_BY",
    ]),
    allow(
      "WriteLogs",
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      [arns.logGroup(`/aws/lambda/${names.of("function", "start-release")}:*`)],
    ),
  ];
}

/** Asks for releases and rollbacks in the environment. */
function askForReleases({ arns, requestQueue }: Scope): Statement[] {
  return [allow("AskForReleases", ["sqs:SendMessage", "sqs:GetQueueUrl"], [arns.queue(requestQueue)])];
}

/** What serves is changed by the release path alone: asks for releases and rollbacks, scales, calls and watches the endpoint. */
export function useReleasePath(scope: Scope): Statement[] {
  const { arns, environment, names } = scope;
  return [
    ...askForReleases(scope),
    allow("CallEndpoint", ["sagemaker:InvokeEndpoint"], [arns.sagemaker(`endpoint/${names.prefix}-*`)]),
    allow("ScaleEndpoint", ["application-autoscaling:RegisterScalableTarget"], [arns.scalableTargets], {
      StringEquals: {
        "aws:ResourceTag/environment": environment,
        "application-autoscaling:service-namespace": "sagemaker",
      },
    }),
    allow(
      "SeeScaling",
      [
        "DescribeScalableTargets",
        "DescribeScalingActivities",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
      ].map((name) => `application-autoscaling:${name}`),
      ["*"],
    ),
  ];
}

/** Takes requests for trials from their queue, starts a build for each and stops one that is not wanted any more. */
export function startTrials(scope: Scope): Statement[] {
  const { arns, names, releaseProject, trialQueue } = scope;
  return [
    allow(
      "TakeRequests",
      ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      [arns.queue(trialQueue)],
    ),
    startBuilds("StartTrials", scope, releaseProject, ["MODEL_PACKAGE_ARN", "RELEASE_TARGETS", tokenVariable]),
    allow(
      "SeeTrials",
      ["StopBuild", "ListBuildsForProject", "BatchGetBuilds"].map((name) => `codebuild:${name}`),
      [arns.buildProject(releaseProject)],
    ),
    allow(
      "WriteLogs",
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      ["deploy-candidate", "end-trial"].map((name) => arns.logGroup(`/aws/lambda/${names.of("function", name)}:*`)),
    ),
  ];
}

/** A release carries out decisions and makes none: it approves, registers and trains nothing. It may refuse. */
export function neverDecide(): Statement[] {
  return [
    // A request without a status changes the package otherwise, and is refused as well: a key that is absent is not equal.
    deny("NeverApprove", ["sagemaker:UpdateModelPackage"], ["*"], {
      StringNotEquals: { "sagemaker:ModelApprovalStatus": "Rejected" },
    }),
    deny(
      "NeverDecide",
      [
        "sagemaker:CreateModelPackage*",
        "sagemaker:DeleteModelPackage*",
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreatePipeline",
        "sagemaker:UpdatePipeline",
        "sagemaker:StartPipelineExecution",
        "kms:Sign",
      ],
      ["*"],
    ),
  ];
}

/** Writes the build's own log. */
export function writeBuildLog({ arns }: Scope, group: string): Statement[] {
  return [allow("WriteBuildLog", ["logs:CreateLogStream", "logs:PutLogEvents"], [arns.logGroup(`${group}:*`)])];
}
