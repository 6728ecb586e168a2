import type { Scope } from "../../scope";
import { keepTags, stayInEnvironment } from "../documents/apart";
import { seeImages, verifying } from "../documents/approval";
import { readArtifacts, useKey, writeArtifacts } from "../documents/data";
import { seeEnvironment } from "../documents/people";
import { allow, deny, type Statement } from "../document";
import { prefixes } from "../../../contract/places";
import { define } from "./role-definition";

export const approver = define({
  name: "approver",
  kind: "person",
  description: "Approves or rejects candidates; may not train",
  trusted: "people",
  writes: ["approvals"],
  expected: { column: "APP" },
  duties: (scope) => ({
    see: seeEnvironment(scope),
    decide: decideCandidates(scope),
    evidence: signDecisions(scope),
    limits: [...stayInEnvironment(scope), ...keepTags(scope), ...neverTrain()],
    key: useKey(scope),
  }),
});

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
 * Decides about candidates: approved or rejected, and none of what the pipeline said of them. For archive and image IAM
 * has no condition key: those the signed decision binds.
 */
function decideCandidates({ arns, modelPackageGroup }: Scope): Statement[] {
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

/**
 * Signs decisions by the environment's approval key, found by its alias, and lays them down beside the evidence that
 * they are about.
 */
function signDecisions(scope: Scope): Statement[] {
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

/** Who approves a model may not have made it. */
function neverTrain(): Statement[] {
  return [
    deny(
      "NeverTrain",
      [
        // No job, model or endpoint is made.
        "sagemaker:Create*",
        // No candidate comes about, and none is served.
        "sagemaker:RetryPipelineExecution",
        "sagemaker:StartPipelineExecution",
        "sagemaker:UpdateEndpoint*",
        "sagemaker:UpdatePipeline",
      ],
      ["*"],
    ),
  ];
}
