import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../../../contract/places";
import { readArtifacts, writeArtifacts } from "./data";

/** What it takes to verify a signature, inside of KMS or outside. */
const verifying = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Verify"];

/** What the pipeline says of a candidate in the registry (`infra/training`); the gate compares it with the evidence. */
const evidence = [
  "map50",
  "map50Gain",
  "modelSha256",
  "datasetDigest",
  "datasetUri",
  "modelVariant",
  "pipelineExecutionArn",
  "runReason",
  "licence",
];

/**
 * Decides about candidates: approved or rejected, and none of what the pipeline said of them. For archive and image IAM has no condition key: those the
 * signed decision binds.
 */
export function decideCandidates({ arns, modelPackageGroup }: Scope): Statement[] {
  return [
    allow(
      "DecideCandidates",
      ["sagemaker:UpdateModelPackage"],
      [arns.sagemaker(`model-package/${modelPackageGroup}/*`)],
      {
        StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] },
        Null: Object.fromEntries(
          [
            ...evidence.map((key) => `CustomerMetadataProperties/${key}`),
            "CustomerMetadataPropertiesToRemove",
            "ModelLifeCycle:Stage",
          ].map((key) => [`sagemaker:${key}`, "true"]),
        ),
      },
    ),
  ];
}

/** Signs decisions by the environment's approval key, found by its alias, and lays them down beside the evidence that they are about. */
export function signDecisions(scope: Scope): Statement[] {
  const { arns, approvalKeyAlias } = scope;
  return [
    ...readArtifacts(scope, [prefixes.runs, prefixes.approvals]),
    ...writeArtifacts(scope, [prefixes.approvals]),
    allow("SignDecisions", ["kms:Sign", ...verifying], [arns.key("*")], {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": approvalKeyAlias },
    }),
    seeImages(scope),
  ];
}

/**
 * Audits decisions: verifies them, and computes the digests that they bind again, from the evaluation and the archive themselves and the image's
 * name. Those two files of a run and no other: none of its images and predictions.
 */
export function auditDecisions(scope: Scope): Statement[] {
  const { arns, artifactsBucket } = scope;
  return [
    ...verifyDecisions(scope),
    allow(
      "ReadDecidedEvidence",
      ["s3:GetObject", "s3:GetObjectVersion"],
      ["evaluation.json", "model.tar.gz"].map((name) => arns.object(artifactsBucket, `${prefixes.runs}*/${name}`)),
    ),
    seeImages(scope),
  ];
}

/** Which image is behind the tag that a package names. */
function seeImages({ arns, imageAccount, imageRepository }: Scope): Statement {
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
      ["s3:GetObject", "s3:GetObjectVersion"],
      [arns.object(artifactsBucket, `${prefixes.approvals}*`)],
    ),
    allow("VerifyDecisions", verifying, [arns.key("*")], {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": approvalKeyAlias },
    }),
  ];
}

/**
 * Forbids to decide about model packages: no update at all, no package that is born approved. IAM has no condition key for most of what an
 * update changes (archive, image), so an update that may change anything may change that; and what the pipeline registered and
 * staging tried is what an approver decides about.
 */
export function neverApprove(): Statement[] {
  return [
    deny("NeverDecideCandidates", ["sagemaker:UpdateModelPackage", "kms:Sign"], ["*"]),
    deny("NeverRegisterApproved", ["sagemaker:CreateModelPackage"], ["*"], {
      StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
    }),
  ];
}

/**
 * Approval is the approver's alone, for the permissions boundary: whoever makes roles under the boundary makes none that approves, signs, or
 * changes what was approved.
 */
export function onlyApproverApproves(scope: Scope): Statement[] {
  return [
    deny("OnlyApproverDecides", ["sagemaker:UpdateModelPackage", "kms:Sign"], ["*"], {
      ArnNotEquals: { "aws:PrincipalArn": scope.roleArn("approver") },
    }),
    deny("NoneBornApproved", ["sagemaker:CreateModelPackage"], ["*"], {
      StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
    }),
  ];
}

/** Who approves a model may not have made it. */
export function neverTrain(): Statement[] {
  return [
    deny(
      "NeverTrain",
      [
        "sagemaker:Create*",
        "sagemaker:StartPipelineExecution",
        "sagemaker:RetryPipelineExecution",
        "sagemaker:UpdatePipeline",
        "sagemaker:UpdateEndpoint*",
      ],
      ["*"],
    ),
  ];
}
