import type { Scope } from "../../../scope";
import { allow, deny, type Statement } from "../../document";
import { instructing } from "./instructing";
import { prefixes } from "../../../../contract/places";
import { recorder } from "../../../../contract/trail";
import { witnessing } from "../../../../contract/witness";

/**
 * Looks at the environment's buckets, and lays down the pipeline's definition where that is too long for a request.
 * Buckets are made and set by the administrator.
 */
export function deployStorage({ arns, artifactsBucket, names }: Scope): Statement[] {
  // Not what release builds or Studio's apps run: whoever writes that acts in their names.
  const laidDown = [prefixes.definitions, prefixes.watchFacts].map((prefix) =>
    arns.object(artifactsBucket, `${prefix}*`),
  );
  return [
    allow(
      "SeeBuckets",
      [
        // What the provider reads of a bucket.
        "s3:GetAccelerateConfiguration",
        "s3:GetBucket*",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
      ],
      [arns.bucket(`${names.prefix}-*`)],
    ),
    allow(
      "SeeObjects",
      [
        // The provider compares content and tags.
        "s3:GetObject",
        "s3:GetObjectTagging",
      ],
      [prefixes.champion, prefixes.studio, prefixes.sources, prefixes.accountFacts, prefixes.servingFacts].map(
        (prefix) => arns.object(artifactsBucket, `${prefix}*`),
      ),
    ),
    allow(
      "DeployObjects",
      [
        // A definition is written, compared with what is there, and taken away.
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:PutObject",
        "s3:PutObjectTagging",
      ],
      laidDown,
    ),
  ];
}

/**
 * Looks at keys. They are made, named, lent and ended by the administrator: a name or a tag of a key decides who may
 * use it.
 */
export function seeKeys({ arns, environment }: Scope): Statement[] {
  return [
    allow(
      "SeeKeys",
      [
        // What the provider reads of a key that is in the state.
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:GetPublicKey",
        "kms:ListResourceTags",
      ],
      [arns.key("*")],
      { StringEquals: { "aws:ResourceTag/environment": environment } },
    ),
    allow("ListAliases", ["kms:ListAliases"], ["*"]),
  ];
}

/** Looks at roles and policies, and hands over exact roles to exactly their service. Makes and changes none. */
export function passServiceRoles(scope: Scope, servicesByRole: Readonly<Record<string, string>>): Statement[] {
  const passed = [...new Set(Object.values(servicesByRole))].sort();
  return [
    allow(
      "SeeRoles",
      [
        // What the provider reads of a role that is in the state.
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
        "iam:ListRoleTags",
      ],
      [scope.arns.role(scope.rolePath, "*")],
    ),
    allow(
      "SeePolicies",
      [
        // The same of a policy.
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:ListPolicyTags",
        "iam:ListPolicyVersions",
      ],
      [scope.arns.policy(scope.rolePath, "*")],
    ),
    ...passed.map((service) =>
      allow(
        `PassTo${service
          .split(".")
          .slice(0, -2)
          .join("")
          .replace(/[^a-z]/g, "")}`,
        ["iam:PassRole"],
        Object.keys(servicesByRole)
          .filter((role) => servicesByRole[role] === service)
          .map((role) => scope.roleArn(role)),
        {
          StringEquals: { "iam:PassedToService": service },
        },
      ),
    ),
  ];
}

/**
 * What records calls is the administrator's: its code could write what it likes into the log, and without its queue or
 * rule nothing would be recorded. So is who witnesses others' logs, whose queues are among those of requests. A denial of the role's own, since its boundary has no room for another one.
 */
export function neverRecord({ arns, names, trailFilesQueue }: Scope): Statement[] {
  return [
    deny("RecorderStays", instructing, [
      arns.lambda(`${names.of("function", recorder)}*`),
      arns.lambda(`${names.of("function", witnessing)}*`),
      arns.queue(trailFilesQueue),
      arns.eventRule(names.of("eventRule", "trail-*")),
    ]),
  ];
}
