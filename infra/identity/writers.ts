import { environmentPath, project, roleName } from "../../contract/names";
import type { Scope } from "../scope";
import type { Statement } from "./document";
import { prefixes } from "../../contract/places";
import { definitions } from "./roles/all-roles";
import type { Prefix } from "./roles/role-definition";

/**
 * Who writes under a prefix of the artifacts bucket, as the roles say it of themselves (`writes`). What lies there is
 * run, loaded or believed by somebody, so who writes it is as trusted as who reads it: each prefix has exactly the
 * writers it needs. The roles' own policies allow no more than this (tested), and the bucket's policy refuses everybody
 * else, whatever a later policy allows. Empty: the administrator's alone.
 */
export function writersOf(prefix: Prefix): string[] {
  const writing = definitions.filter(({ writes }) => writes?.includes(prefix));
  return [...new Set(writing.map(({ name, kind }) => (kind === "studio" ? "studio-*" : name)))];
}

/** Every way to change, replace or take away an object, or to let its lock go. */
const changes = [
  // Writes, replaces or deletes, the parts and copies of others included.
  "s3:AbortMultipartUpload",
  "s3:DeleteObject*",
  "s3:PutObject*",
  "s3:ReplicateDelete",
  "s3:ReplicateObject",
  "s3:RestoreObject",
  // Deletes what is locked.
  "s3:BypassGovernanceRetention",
];

/** Who a bucket is, what it keeps how long, and who may come near it. */
export const bucketSettings = [
  // The bucket itself, its policy, and doors into it.
  "s3:CreateAccessPoint",
  "s3:DeleteBucket*",
  "s3:PutAccessPointPolicy",
  "s3:PutBucket*",
  // What it keeps, copies and tells.
  "s3:PutAnalyticsConfiguration",
  "s3:PutEncryptionConfiguration",
  "s3:PutInventoryConfiguration",
  "s3:PutLifecycleConfiguration",
  "s3:PutReplicationConfiguration",
];

/** Roles of ours, of any environment; what is not among them is the account's administrator. */
export const ourRoles = ({ arns }: Scope): string => arns.role(`/${project}/*`, "");

/**
 * ARN of a writer, or a pattern. A release build is the registry's and writes in all environments, so it is known by
 * its name: roles of that name are reserved to the administrator in each of them.
 */
function writerArn(scope: Scope, role: string): string {
  return role === "release-build"
    ? scope.arns.role(environmentPath("*"), roleName("*", "release-build"))
    : scope.roleArn(role);
}

/** ARNs, or patterns, of the roles that write under a prefix. */
export function writerArns(scope: Scope, prefix: Prefix): string[] {
  return writersOf(prefix).map((role) => writerArn(scope, role));
}

/**
 * Statements of the artifacts bucket's policy: each prefix for its writers alone, the bucket's settings for none of our
 * roles.
 */
export function writersOnly(scope: Scope): Statement[] {
  const { arns, artifactsBucket } = scope;
  const guarded = (Object.keys(prefixes) as Prefix[]).map((name): Statement => {
    const allowed = writerArns(scope, name);
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

/**
 * None of our roles changes a bucket's settings, its policy before all: that is the administrator's. What heals puts
 * them back.
 */
export function settingsStay(scope: Scope, bucketArn: string): Statement {
  const healer = scope.settings.remediation.mode === "off" ? undefined : scope.roleArn("heal");
  return {
    Sid: "SettingsStay",
    Effect: "Deny",
    Principal: "*",
    Action: bucketSettings,
    Resource: [bucketArn],
    Condition: {
      ArnLike: { "aws:PrincipalArn": ourRoles(scope) },
      // Its own policy leaves it three of them, and it writes what the administrator's facts say.
      ...(healer === undefined ? {} : { ArnNotEquals: { "aws:PrincipalArn": healer } }),
    },
  };
}
