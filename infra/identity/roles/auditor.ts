import type { Scope } from "../../scope";
import { keepTags, stayInEnvironment } from "../documents/apart";
import { seeImages, verifyDecisions, verifying } from "../documents/approval";
import { useKey } from "../documents/data";
import { seeEnvironment } from "../documents/people";
import { allow, deny, type Statement } from "../document";
import { manifestName } from "../../../contract/dataset-manifest";
import { archiveName, evaluationName, prefixes } from "../../../contract/places";
import { define } from "./role-definition";
import { askWitness } from "./witness-log";

export const auditor = define({
  name: "auditor",
  kind: "person",
  description: "Reads trails, records, permissions, configurations and costs; writes nothing",
  trusted: "people",
  expected: { column: "AUD" },
  duties: (scope) => ({
    see: seeEnvironment(scope),
    audit: [...audit(scope), ...readTrail(scope), ...auditDecisions(scope), verifyLog(scope), askWitness([scope])],
    lineage: walkLineage(scope),
    costs: [readCosts()],
    limits: [...stayInEnvironment(scope), ...keepTags(scope), ...writeNothing()],
    key: useKey(scope),
  }),
});

/**
 * Reads what an audit needs: trails, records of releases, configurations and permissions; not the images and
 * predictions.
 */
function audit(scope: Scope): Statement[] {
  const { arns, artifactsBucket, names, parameterPath, rolePath } = scope;
  const ledger = `${prefixes.ledger}*`;
  return [
    allow(
      "ReadTrails",
      [
        // Which trails there are, what the last 90 days hold, and the keys of their digests; none knows a resource.
        "cloudtrail:DescribeTrails",
        "cloudtrail:ListPublicKeys",
        "cloudtrail:ListTrails",
        "cloudtrail:LookupEvents",
      ],
      ["*"],
    ),
    allow(
      "ReadTrail",
      [
        // Whether a trail records, and what it leaves out.
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListTags",
      ],
      [arns.trail(`${names.prefix}-*`)],
    ),
    allow(
      "ListPermissions",
      [
        // Which roles and policies there are.
        "iam:GetAccountSummary",
        "iam:ListPolicies",
        "iam:ListRoles",
      ],
      ["*"],
    ),
    allow(
      "ReadRoles",
      [
        // What a role may do: its policies one by one, and all together in the simulator.
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:ListRoleTags",
        "iam:SimulatePrincipalPolicy",
      ],
      [arns.role(rolePath, "*")],
    ),
    allow(
      "ReadPolicies",
      [
        // What a managed policy says, what it said before, and who has it.
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:ListEntitiesForPolicy",
        "iam:ListPolicyVersions",
      ],
      [arns.policy(rolePath, "*")],
    ),
    allow(
      "ReadBucketSettings",
      [
        // Who may come near a bucket, and how long it keeps what.
        "s3:GetBucket*",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
      ],
      [arns.bucket(`${names.prefix}-*`)],
    ),
    allow(
      "ListLedger",
      [
        // Entries, and versions that somebody wrote over them.
        "s3:ListBucket",
        "s3:ListBucketVersions",
      ],
      [arns.bucket(artifactsBucket)],
      {
        StringLike: { "s3:prefix": ledger },
      },
    ),
    allow(
      "ReadLedger",
      [
        // Entries with what keeps them from being deleted.
        "s3:GetObject",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersion",
      ],
      [arns.object(artifactsBucket, ledger)],
    ),
    allow(
      "ReadReleases",
      [
        // What is to be served, and what was.
        "ssm:GetParameter",
        "ssm:GetParameterHistory",
        "ssm:GetParameters",
      ],
      [arns.parameter(`${parameterPath}*`)],
    ),
  ];
}

/**
 * An auditor changes nothing, whatever a later policy says. Identities and trails are kept by the permissions boundary.
 */
function writeNothing(): Statement[] {
  const sagemaker = [
    // Every verb of SageMaker that changes something.
    "sagemaker:Add*",
    "sagemaker:Create*",
    "sagemaker:Delete*",
    "sagemaker:Put*",
    "sagemaker:Register*",
    "sagemaker:Start*",
    "sagemaker:Stop*",
    "sagemaker:Update*",
  ];
  const others = [
    // Files, parameters, code, events, messages and logs.
    "events:Delete*",
    "events:Put*",
    "lambda:Invoke*",
    "lambda:Update*",
    "logs:Delete*",
    "logs:Put*",
    "s3:Delete*",
    "s3:Put*",
    "sns:Publish",
    "ssm:Delete*",
    "ssm:Put*",
  ];
  return [deny("WriteNothing", [...sagemaker, ...others], ["*"])];
}

/**
 * Audits decisions: verifies them, and computes the digests that they bind again, from the evaluation and the archive
 * themselves and the image's name. Those two files of a run and no other: none of its images and predictions.
 */
function auditDecisions(scope: Scope): Statement[] {
  const { arns, artifactsBucket } = scope;
  return [
    ...verifyDecisions(scope),
    allow(
      "ReadDecidedEvidence",
      [
        // Each as it is, and as it was when it was decided about.
        "s3:GetObject",
        "s3:GetObjectVersion",
      ],
      [
        ...[evaluationName, archiveName].map((name) => arns.object(artifactsBucket, `${prefixes.runs}*/${name}`)),
        // What was released of them: each environment has a copy of its own.
        arns.object(artifactsBucket, `${prefixes.releases}*/${archiveName}`),
      ],
    ),
    seeImages(scope),
  ];
}

/**
 * Walks from a model to the versions of the images that it was trained on: their names, sizes and times, by S3's list and
 * by the manifests of data sets, and nothing of their contents.
 */
function walkLineage({ arns, artifactsBucket, settings: { dataset } }: Scope): Statement[] {
  return [
    allow("ListDatasetVersions", ["s3:ListBucketVersions"], [arns.bucket(dataset.bucket)]),
    allow(
      "ReadManifests",
      [
        // As they are, and as they were.
        "s3:GetObject",
        "s3:GetObjectVersion",
      ],
      [arns.object(artifactsBucket, `${prefixes.runs}*/${manifestName}`)],
    ),
    // By where artifacts come from; the walk from there is among the lists that all people have.
    allow("FindArtifacts", ["sagemaker:ListArtifacts"], ["*"]),
  ];
}

/** Reads the bill. Cost Explorer knows no resource and no tag to hold it to: it tells the whole account's costs. */
function readCosts(): Statement {
  return allow(
    "ReadCosts",
    [
      // What was paid, and by which tags that can be told apart.
      "ce:GetCostAndUsage",
      "ce:ListCostAllocationTags",
    ],
    ["*"],
  );
}

/** The log's files are among the ledger's; whether its checkpoint was signed, the key's public half tells. */
function verifyLog({ arns, logKeyAlias }: Scope): Statement {
  return allow("VerifyLog", verifying, [arns.key("*")], {
    "ForAnyValue:StringEquals": { "kms:ResourceAliases": logKeyAlias },
  });
}

/** Reads what the environment's trail recorded, in S3 and in CloudWatch Logs. None where no trail is ours. */
function readTrail({
  arns,
  auditBucketPattern,
  auditKeyAlias,
  trailLogGroup,
  settings: { audit },
}: Scope): Statement[] {
  if (audit.trail === "organization") return [];
  return [
    allow(
      "ReadTrailSettings",
      [
        // Who may come near the files, and how long they stay.
        "s3:GetBucket*",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:ListBucket",
      ],
      [arns.bucket(auditBucketPattern)],
    ),
    allow(
      "ReadTrailFiles",
      [
        // Files with what keeps them from being deleted.
        "s3:GetObject",
        "s3:GetObjectRetention",
        "s3:GetObjectVersion",
      ],
      [arns.object(auditBucketPattern, "*")],
    ),
    allow(
      "ReadTrailLog",
      [
        // Reads the log, and asks Logs Insights about it.
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:GetQueryResults",
        "logs:StartQuery",
      ],
      [arns.logGroup(trailLogGroup), arns.logGroup(`${trailLogGroup}:*`)],
    ),
    allow(
      "OpenTrailFiles",
      [
        // Files are encrypted by the trail's own key.
        "kms:Decrypt",
        "kms:DescribeKey",
      ],
      [arns.key("*")],
      {
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": auditKeyAlias },
      },
    ),
  ];
}
