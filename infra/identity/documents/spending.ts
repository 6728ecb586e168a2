import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";

/**
 * What ends when the budget is spent: everything that starts to cost. Updates of endpoints stay allowed, because a
 * rollback is one, and so does stopping, deleting and looking. No action here starts a model package or a registration.
 */
export function stopLaunches(): Statement[] {
  const starts = [
    // Jobs.
    "sagemaker:CreateAutoMLJob*",
    "sagemaker:CreateCompilationJob",
    "sagemaker:CreateHyperParameterTuningJob",
    "sagemaker:CreateInferenceRecommendationsJob",
    "sagemaker:CreateLabelingJob",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateTrainingJob",
    "sagemaker:CreateTransformJob",
    // Pipelines.
    "sagemaker:RetryPipelineExecution",
    "sagemaker:StartPipelineExecution",
    // What runs until somebody stops it.
    "sagemaker:CreateApp",
    "sagemaker:CreateCluster",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateInferenceComponent",
    "sagemaker:CreateMlflowTrackingServer",
    "sagemaker:CreateNotebookInstance",
    "sagemaker:CreateSpace",
    "sagemaker:StartMlflowTrackingServer",
    "sagemaker:StartNotebookInstance",
  ];
  return [deny("BudgetSpent", starts, ["*"])];
}

/** Attaches the one policy that stops launches, and takes it off again. */
export function attachStop(scope: Scope, roles: readonly string[]): Statement[] {
  return [
    allow(
      "StopLaunches",
      [
        // On when the money is spent, off when there is money again.
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
      ],
      roles.map((role) => scope.roleArn(role)),
      { ArnEquals: { "iam:PolicyARN": scope.stopPolicyArn } },
    ),
  ];
}

/**
 * What the budget action cannot exceed: attaching the one policy that stops launches to the roles that launch, and
 * taking it off.
 */
export function budgetBoundary(scope: Scope, roles: readonly string[]): Statement[] {
  return attachStop(scope, roles);
}
