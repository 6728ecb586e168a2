import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../../../contract/places";

/** What it takes to verify a signature, inside of KMS or outside. */
export const verifying = [
  // KMS answers `Verify` itself; with the public key anybody else can.
  "kms:DescribeKey",
  "kms:GetPublicKey",
  "kms:Verify",
];

/** Which image is behind the tag that a package names. */
export function seeImages({ arns, imageAccount, imageRepository }: Scope): Statement {
  return allow("SeeImages", ["ecr:DescribeImages"], [arns.repository(imageRepository, imageAccount)]);
}

/** Verifies decisions of the given registries. */
export function verifyDecisions({ arns, approvalKeyAlias, artifactsBucket }: Scope): Statement[] {
  return [
    allow("ListDecisions", ["s3:ListBucket"], [arns.bucket(artifactsBucket)], {
      StringLike: { "s3:prefix": `${prefixes.approvals}*` },
    }),
    allow(
      "ReadDecisions",
      [
        // Each as it is, and as it was before somebody wrote over it.
        "s3:GetObject",
        "s3:GetObjectVersion",
      ],
      [arns.object(artifactsBucket, `${prefixes.approvals}*`)],
    ),
    allow("VerifyDecisions", verifying, [arns.key("*")], {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": approvalKeyAlias },
    }),
  ];
}

/**
 * Forbids to decide about model packages: no update at all, no package that is born approved. IAM has no condition key
 * for most of what an update changes (archive, image), so an update that may change anything may change that; and what
 * the pipeline registered and staging tried is what an approver decides about.
 */
export function neverApprove(): Statement[] {
  return [
    deny(
      "NeverDecideCandidates",
      [
        // The status of a package, and the signature under a decision.
        "kms:Sign",
        "sagemaker:UpdateModelPackage",
      ],
      ["*"],
    ),
    deny("NeverRegisterApproved", ["sagemaker:CreateModelPackage"], ["*"], {
      StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
    }),
  ];
}

/**
 * Approval is the approver's alone, for the permissions boundary: whoever makes roles under the boundary makes none
 * that approves, signs, or changes what was approved.
 */
export function onlyApproverApproves(scope: Scope): Statement[] {
  const others = { ArnNotEquals: { "aws:PrincipalArn": scope.roleArn("approver") } };
  return [
    // The status of a package.
    deny("OnlyApproverDecides", ["sagemaker:UpdateModelPackage"], ["*"], others),
    // The signature under a decision; the log's checkpoints have a key of their own, whose policy says who signs them.
    deny("OnlyApproverSigns", ["kms:Sign"], ["*"], {
      ...others,
      "ForAllValues:StringNotEquals": { "kms:ResourceAliases": scope.logKeyAlias },
    }),
    deny("NoneBornApproved", ["sagemaker:CreateModelPackage"], ["*"], {
      StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
    }),
  ];
}
