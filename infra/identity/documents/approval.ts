import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";

/** Decides about candidates: approved or rejected, and nothing else about them. */
export function decideCandidates({ arns, modelPackageGroup }: Scope): Statement[] {
  return [
    allow("DecideCandidates", ["sagemaker:UpdateModelPackage"], [arns.sagemaker(`model-package/${modelPackageGroup}/*`)], {
      StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] },
    }),
  ];
}

/** Adds to what is said about candidates, and decides nothing: an update that names a status or a stage is not this one. */
export function annotateCandidates({ arns, modelPackageGroup }: Scope): Statement[] {
  return [
    allow("AnnotateCandidates", ["sagemaker:UpdateModelPackage"], [arns.sagemaker(`model-package/${modelPackageGroup}/*`)], {
      Null: { "sagemaker:ModelApprovalStatus": "true", "sagemaker:ModelLifeCycle:Stage": "true" },
    }),
  ];
}

/** Forbids to decide about model packages: no update that names a status, no package that is born approved. */
export function neverApprove(): Statement[] {
  return [
    deny("NeverDecideCandidates", ["sagemaker:UpdateModelPackage"], ["*"], { Null: { "sagemaker:ModelApprovalStatus": "false" } }),
    deny("NeverRegisterApproved", ["sagemaker:CreateModelPackage"], ["*"], { StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" } }),
  ];
}

/**
 * Approval is the approver's alone, for the permissions boundary: whoever may make roles under the boundary (the deployer) makes
 * none that approves.
 */
export function onlyApproverApproves(scope: Scope): Statement[] {
  return [
    deny("OnlyApproverApproves", ["sagemaker:UpdateModelPackage", "sagemaker:CreateModelPackage"], ["*"], {
      StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
      ArnNotEquals: { "aws:PrincipalArn": scope.roleArn("approver") },
    }),
  ];
}

/** Who approves a model may not have made it. */
export function neverTrain(): Statement[] {
  return [deny("NeverTrain", ["sagemaker:Create*", "sagemaker:StartPipelineExecution", "sagemaker:RetryPipelineExecution", "sagemaker:UpdatePipeline", "sagemaker:UpdateEndpoint*"], ["*"])];
}
