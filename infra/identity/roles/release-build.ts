import { servingLogGroup } from "../../../contract/answer-tally";
import { experimentsPrefix } from "../../../contract/experiment";
import { goldenMetric } from "../../../contract/golden-metric";
import type { Scope } from "../../scope";
import { verifyDecisions } from "../documents/approval";
import { releaseLogGroup, writeBuildLog } from "../documents/builds";
import { keepDisks, readDataset } from "../documents/data";
import { endTrials, readReleased, releaseTargets } from "../documents/release";
import { keepState } from "../documents/state";
import { allow, type Statement } from "../document";
import { logPrefix, prefixes } from "../../../contract/places";
import { lockLog } from "./lock-log";
import { showLog } from "./witness-log";
import { define } from "./role-definition";

/**
 * Holds what a release changes in the targets, and nothing that infrastructure, identities or approvals need (and its
 * boundary keeps it from those): a build whose source asks for more fails at IAM.
 */
export const releaseBuild = define({
  name: "release-build",
  kind: "service",
  description: "Releases approved models; changes no infrastructure and approves nothing",
  trusted: { service: "codebuild.amazonaws.com" },
  boundary: "release-boundary",
  managed: true,
  writes: ["champion", "releases", "ledger", "servingFacts", "watchFacts"],
  // A rollback may have to make what serves again, however much was spent.
  outlivesBudget: true,
  expected: { spec: "test/infra/identity/roles/release.spec.ts" },
  exists: (scope) => releaseTargets(scope).length > 0,
  duties: (scope) => {
    const targets = releaseTargets(scope);
    return {
      registry: [
        ...readCandidates(scope),
        ...verifyDecisions(scope),
        ...readTestImages(scope, targets),
        ...examineAccount(scope),
      ],
      serving: [...changeEndpoints(targets), ...changeWatches(targets), ...compareFleets(targets)],
      records: [
        ...keepReleases(targets),
        ...signLog(targets),
        ...showLog(targets),
        ...lockLog(targets),
        ...keepState(scope, [scope, ...targets]),
        ...writeBuildLog(scope, releaseLogGroup(scope)),
      ],
      stacks: readReleased(targets),
      ...(scope.triesInStaging ? { trials: [...endTrials(scope), ...rejectCandidates(scope)] } : {}),
    };
  },
});

/** SageMaker's records of what an endpoint serves. */
const served = ["model", "endpoint-config", "endpoint"] as const;

/**
 * Reads approved packages of the registry with their evidence, and lays down the champion that the next candidate is
 * compared with.
 */
function readCandidates({ arns, artifactsBucket, modelPackageGroup }: Scope): Statement[] {
  const { champion, runs, sources } = prefixes;
  return [
    allow(
      "ReadCandidates",
      ["sagemaker:DescribeModelPackage"],
      [arns.sagemaker(`model-package/${modelPackageGroup}/*`)],
    ),
    allow(
      "ReadEvidence",
      [
        // As it is, and as it was when it was decided about.
        "s3:GetObject",
        "s3:GetObjectVersion",
      ],
      [champion, runs, sources].map((prefix) => arns.object(artifactsBucket, `${prefix}*`)),
    ),
    allow(
      "CrownChampion",
      [
        // A large object is uploaded in parts, which are given up when one fails.
        "s3:AbortMultipartUpload",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, `${champion}*`)],
    ),
  ];
}

/** Makes, changes and deletes what the targets' endpoints run, and calls the endpoints. */
function changeEndpoints(targets: readonly Scope[]): Statement[] {
  const things = targets.flatMap(({ arns, names }) =>
    served.map((type) => arns.sagemaker(`${type}/${names.prefix}-*`)),
  );
  const actions = [
    // Models, configurations and endpoints, made with their tags.
    "sagemaker:AddTags",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateModel",
    "sagemaker:DeleteEndpoint",
    "sagemaker:DeleteEndpointConfig",
    "sagemaker:DeleteModel",
    "sagemaker:DeleteTags",
    "sagemaker:UpdateEndpoint",
    // Shifts traffic, and sends the golden images.
    "sagemaker:InvokeEndpoint",
    "sagemaker:UpdateEndpointWeightsAndCapacities",
  ];
  const roles = targets.map((target) => target.roleArn("endpoint-execution"));
  return [
    allow("ChangeEndpoints", actions, things),
    // Disks of instances that have none of their own.
    ...keepDisks(...(targets as [Scope, ...Scope[]])),
    allow("PassEndpointRoles", ["iam:PassRole"], roles, {
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    }),
    allow(
      "ScaleEndpoints",
      [
        // Scaling stands still during a rollout, and is made anew with the endpoint.
        "application-autoscaling:DeleteScalingPolicy",
        "application-autoscaling:DeleteScheduledAction",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:ListTagsForResource",
        "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:PutScheduledAction",
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
        "application-autoscaling:UntagResource",
      ],
      [targets[0]!.arns.scalableTargets],
    ),
  ];
}

/** Alarms, dashboards and log groups that come and go with the targets' endpoints. */
function changeWatches(targets: readonly Scope[]): Statement[] {
  const each = (arn: (target: Scope) => string[]) => targets.flatMap(arn);
  return [
    allow(
      "ChangeAlarms",
      [
        // Alarms with their tags.
        "cloudwatch:DeleteAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ],
      each(({ arns, names }) => [
        arns.alarm(names.of("alarm", "detector-*")),
        // Application Auto Scaling makes its own with the rights of its caller.
        arns.alarm(`TargetTracking-endpoint/${names.prefix}-*`),
      ]),
    ),
    allow(
      "ChangeDashboards",
      [
        // Dashboards are written as a whole.
        "cloudwatch:DeleteDashboards",
        "cloudwatch:GetDashboard",
        "cloudwatch:PutDashboard",
      ],
      each(({ arns, names }) => [arns.dashboard(names.of("dashboard", "detector"))]),
    ),
    allow(
      "ChangeLogGroups",
      [
        // Groups with their keys and how long they keep what.
        "logs:AssociateKmsKey",
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ],
      each(({ arns, endpointName }) => {
        // With and without the ":*" that stands for a group's streams.
        return [arns.logGroup(`/aws/sagemaker/Endpoints/${endpointName}*`)];
      }),
    ),
  ];
}

/**
 * What each target remembers: the desired release, archives, the ledger and the log with their heads, the lock; and
 * whom it tells about failures.
 */
function keepReleases(targets: readonly Scope[]): Statement[] {
  const objects = (...keys: string[]) =>
    targets.flatMap(({ arns, artifactsBucket }) => keys.map((key) => arns.object(artifactsBucket, key)));
  const { releases, ledger } = prefixes;
  return [
    allow(
      "DesireReleases",
      [
        // A parameter is made with its tags; a first release that failed leaves none behind.
        "ssm:AddTagsToResource",
        "ssm:DeleteParameter",
        "ssm:GetParameter",
        "ssm:PutParameter",
      ],
      targets.flatMap(({ arns, releaseParameter, ledgerHeadParameter, logHeadParameter }) =>
        [releaseParameter, ledgerHeadParameter, logHeadParameter].map((name) => arns.parameter(name)),
      ),
    ),
    allow(
      "KeepReleases",
      [
        // A large object is uploaded in parts, which are given up when one fails.
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:PutObject",
      ],
      objects(`${releases}*`, `${ledger}*`),
    ),
    allow(
      "SayWhatServes",
      [
        // What ought to be, compared with what the stack says, and written with its tags.
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:PutObject",
        "s3:PutObjectTagging",
      ],
      objects(`${prefixes.servingFacts}*`, `${prefixes.watchFacts}*`),
    ),
    // How an experiment ended: what won is released, and no other challenger.
    allow("ReadEndings", ["s3:GetObject"], objects(`${experimentsPrefix}*`)),
    allow("FreeLock", ["s3:DeleteObject"], objects(`${releases}lock.json`)),
    // Partial files of the log, once the full ones are there.
    allow("TidyLog", ["s3:DeleteObject"], objects(`${logPrefix}tile/*.p/*`)),
    allow(
      "TellPeople",
      ["sns:Publish"],
      targets.flatMap(({ arns, names }) =>
        ["critical", "warning"].map((severity) => arns.topic(names.of("topic", `alerts-${severity}`))),
      ),
    ),
  ];
}

/** What was written into a target's log is signed, after its last checkpoint was verified. */
function signLog(targets: readonly Scope[]): Statement[] {
  return [
    allow(
      "SignLog",
      [
        // The public half verifies what others signed before.
        "kms:GetPublicKey",
        "kms:Sign",
      ],
      [...new Set(targets.map(({ arns }) => arns.key("*")))],
      { "ForAnyValue:StringEquals": { "kms:ResourceAliases": targets.map(({ logKeyAlias }) => logKeyAlias) } },
    ),
  ];
}

/** Test images of the dataset, and the keys of the registry's and the targets' data, and of the targets' audits. */
function readTestImages(registry: Scope, targets: readonly Scope[]): Statement[] {
  const aliases = [
    ...[registry, ...targets].map(({ keyAlias }) => keyAlias),
    ...targets.map(({ auditKeyAlias }) => auditKeyAlias),
  ];
  return [
    ...readDataset(registry),
    allow(
      "FindEvidence",
      [
        // Listing tells a missing object from a forbidden one.
        "s3:GetBucketLocation",
        "s3:ListBucket",
      ],
      [registry.arns.bucket(registry.artifactsBucket)],
    ),
    allow(
      "UseKeys",
      [
        // Opens what is there, and encrypts what comes.
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
      ],
      [registry.arns.key("*")],
      {
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases },
      },
    ),
  ];
}

/** Rejects what failed its trial; with any other status the request is refused. */
function rejectCandidates({ arns, modelPackageGroup }: Scope): Statement[] {
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
 * Looks at what the account can have before an update begins: quotas know no resource, images are those that releases
 * run.
 */
function examineAccount(registry: Scope): Statement[] {
  const { arns, imageAccount, imageRepository } = registry;
  return [
    allow(
      "SeeQuotas",
      [
        // The account's own quotas, and AWS's where it has none of its own.
        "servicequotas:ListAWSDefaultServiceQuotas",
        "servicequotas:ListServiceQuotas",
      ],
      ["*"],
    ),
    allow("SeeImages", ["ecr:DescribeImages"], [arns.repository(imageRepository, imageAccount)]),
  ];
}

/**
 * Reads what both fleets of an update say of their answers, and tells the rollouts' alarms of the targets where the new
 * one is worse, or answers golden images wrongly. `PutMetricData` knows no resource, only the namespace.
 */
function compareFleets(targets: readonly Scope[]): Statement[] {
  const namespaces = targets.map(({ environment }) => goldenMetric(environment).namespace);
  const groups = targets.map(({ arns, endpointName }) => arns.logGroup(`${servingLogGroup(endpointName)}*`));
  return [
    // Containers count their answers in their logs.
    allow("ReadAnswers", ["logs:FilterLogEvents"], groups),
    allow("TellGoldenFailures", ["cloudwatch:PutMetricData"], ["*"], {
      StringEquals: { "cloudwatch:namespace": namespaces },
    }),
  ];
}
