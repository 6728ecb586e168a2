import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../../../contract/places";

/** Reads what an audit needs: trails, records of releases, configurations and permissions; not the images and predictions. */
export function audit(scope: Scope): Statement[] {
  const { arns, artifactsBucket, names, parameterPath, rolePath } = scope;
  const ledger = `${prefixes.ledger}*`;
  return [
    allow(
      "ReadTrails",
      ["cloudtrail:LookupEvents", "cloudtrail:DescribeTrails", "cloudtrail:ListTrails", "cloudtrail:ListPublicKeys"],
      ["*"],
    ),
    allow(
      "ReadTrail",
      ["GetTrail", "GetTrailStatus", "GetEventSelectors", "GetInsightSelectors", "ListTags"].map(
        (name) => `cloudtrail:${name}`,
      ),
      [arns.trail(`${names.prefix}-*`)],
    ),
    allow("ListPermissions", ["iam:ListRoles", "iam:ListPolicies", "iam:GetAccountSummary"], ["*"]),
    allow(
      "ReadRoles",
      [
        "GetRole",
        "GetRolePolicy",
        "ListRolePolicies",
        "ListAttachedRolePolicies",
        "ListRoleTags",
        "SimulatePrincipalPolicy",
      ].map((name) => `iam:${name}`),
      [arns.role(rolePath, "*")],
    ),
    allow(
      "ReadPolicies",
      ["GetPolicy", "GetPolicyVersion", "ListPolicyVersions", "ListEntitiesForPolicy"].map((name) => `iam:${name}`),
      [arns.policy(rolePath, "*")],
    ),
    allow(
      "ReadBucketSettings",
      ["s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration"],
      [arns.bucket(`${names.prefix}-*`)],
    ),
    allow("ListLedger", ["s3:ListBucket", "s3:ListBucketVersions"], [arns.bucket(artifactsBucket)], {
      StringLike: { "s3:prefix": ledger },
    }),
    allow(
      "ReadLedger",
      ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention", "s3:GetObjectLegalHold"],
      [arns.object(artifactsBucket, ledger)],
    ),
    allow(
      "ReadReleases",
      ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory"],
      [arns.parameter(`${parameterPath}*`)],
    ),
  ];
}

/** An auditor changes nothing, whatever a later policy says. Identities and trails are kept by the permissions boundary. */
export function writeNothing(): Statement[] {
  const sagemaker = ["Add", "Create", "Delete", "Put", "Register", "Start", "Stop", "Update"].map(
    (verb) => `sagemaker:${verb}*`,
  );
  const others = [
    "s3:Put*",
    "s3:Delete*",
    "ssm:Put*",
    "ssm:Delete*",
    "lambda:Invoke*",
    "lambda:Update*",
    "events:Put*",
    "events:Delete*",
    "sns:Publish",
    "logs:Delete*",
    "logs:Put*",
  ];
  return [deny("WriteNothing", [...sagemaker, ...others], ["*"])];
}
