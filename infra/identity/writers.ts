import type { Scope } from "../scope";
import type { Statement } from "./document";
import { prefixes } from "../../contract/places";

/**
 * Who writes what in the artifacts bucket. What lies there is run, loaded or believed by somebody, so who writes it is as trusted as
 * who reads it: each prefix has exactly the writers it needs. The roles' own policies allow no more than this table (tested), and
 * the bucket's policy refuses everybody else, whatever a later policy allows. Empty: the administrator's alone.
 */
export const writers: Readonly<Record<keyof typeof prefixes, readonly string[]>> = {
  runs: ["training-execution", "processing-execution"],
  checkpoints: ["training-execution"],
  weights: [],
  champion: ["release-build"],
  releases: ["release-build"],
  ledger: ["release-build"],
  approvals: ["approver"],
  sources: [],
  users: ["data-scientist", "ml-engineer", "studio-*", "experiment-*"],
  capture: ["endpoint-execution"],
  mlflow: ["mlflow", "training-execution", "processing-execution"],
  definitions: ["deployer", "ci-deployer"],
  studio: [],
  monitoring: ["monitoring-execution"],
};

/** Every way to change, replace or take away an object, or to let its lock go. */
const changes = [
  "s3:PutObject*",
  "s3:DeleteObject*",
  "s3:RestoreObject",
  "s3:ReplicateObject",
  "s3:ReplicateDelete",
  "s3:AbortMultipartUpload",
  "s3:BypassGovernanceRetention",
];

/** Who a bucket is, what it keeps how long, and who may come near it. */
export const bucketSettings = [
  "s3:DeleteBucket*",
  "s3:PutBucket*",
  "s3:PutLifecycleConfiguration",
  "s3:PutEncryptionConfiguration",
  "s3:PutReplicationConfiguration",
  "s3:PutAccessPointPolicy",
  "s3:CreateAccessPoint",
  "s3:PutInventoryConfiguration",
  "s3:PutAnalyticsConfiguration",
];

/** Roles of ours, of any environment; what is not among them is the account's administrator. */
export const ourRoles = ({ arns }: Scope): string => arns.role("/peregrine/*", "");

/**
 * ARN of a writer, or a pattern. A release build is the registry's and writes in all environments, so it is known by its name: roles of
 * that name are reserved to the administrator in each of them.
 */
function writerArn(scope: Scope, role: string): string {
  return role === "release-build" ? scope.arns.role("/peregrine/*/", "peregrine-*-release-build") : scope.roleArn(role);
}

/** Statements of the artifacts bucket's policy: each prefix for its writers alone, the bucket's settings for none of our roles. */
export function writersOnly(scope: Scope): Statement[] {
  const { arns, artifactsBucket } = scope;
  const guarded = (Object.keys(writers) as (keyof typeof prefixes)[]).map((name): Statement => {
    const allowed = writers[name].map((role) => writerArn(scope, role));
    return {
      Sid: `WritersOf${name[0]!.toUpperCase()}${name.slice(1)}`,
      Effect: "Deny",
      Principal: "*",
      Action: changes,
      Resource: [arns.object(artifactsBucket, `${prefixes[name]}*`)],
      Condition: {
        ArnLike: { "aws:PrincipalArn": ourRoles(scope) },
        ...(allowed.length > 0 ? { ArnNotLike: { "aws:PrincipalArn": allowed } } : {}),
      },
    };
  });
  return [...guarded, settingsStay(scope, arns.bucket(artifactsBucket))];
}

/** None of our roles changes a bucket's settings, its policy before all: that is the administrator's. */
export function settingsStay(scope: Scope, bucketArn: string): Statement {
  return {
    Sid: "SettingsStay",
    Effect: "Deny",
    Principal: "*",
    Action: bucketSettings,
    Resource: [bucketArn],
    Condition: { ArnLike: { "aws:PrincipalArn": ourRoles(scope) } },
  };
}
