import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";

/**
 * What ends when the budget is spent: everything that starts to cost. Updates of endpoints stay allowed, because a rollback is
 * one, and so does stopping, deleting and looking. No action here starts a model package or a registration.
 */
export function stopLaunches(): Statement[] {
  const starts = [
    "CreateTrainingJob",
    "CreateProcessingJob",
    "CreateTransformJob",
    "CreateHyperParameterTuningJob",
    "CreateAutoMLJob*",
    "CreateLabelingJob",
    "CreateCompilationJob",
    "CreateInferenceRecommendationsJob",
    "StartPipelineExecution",
    "RetryPipelineExecution",
    "CreateEndpoint",
    "CreateInferenceComponent",
    "CreateApp",
    "CreateSpace",
    "CreateNotebookInstance",
    "StartNotebookInstance",
    "CreateCluster",
    "CreateMlflowTrackingServer",
    "StartMlflowTrackingServer",
  ];
  return [
    deny(
      "BudgetSpent",
      starts.map((name) => `sagemaker:${name}`),
      ["*"],
    ),
  ];
}

/** Attaches the one policy that stops launches, and takes it off again. */
export function attachStop(scope: Scope, roles: readonly string[]): Statement[] {
  return [
    allow(
      "StopLaunches",
      ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
      roles.map((role) => scope.roleArn(role)),
      { ArnEquals: { "iam:PolicyARN": scope.stopPolicyArn } },
    ),
  ];
}

/** Takes the endpoint down in the evening and makes it again in the morning. */
export function closeAtNight({ arns, endpointName, names, deadLetterQueue }: Scope): Statement[] {
  return [
    allow(
      "CloseAtNight",
      ["sagemaker:DeleteEndpoint", "sagemaker:CreateEndpoint", "sagemaker:AddTags"],
      [arns.sagemaker(`endpoint/${endpointName}`)],
    ),
    // Creating an endpoint is checked against its configuration as well.
    allow("UseConfigurations", ["sagemaker:CreateEndpoint"], [arns.sagemaker(`endpoint-config/${names.prefix}-*`)]),
    allow("KeepFailures", ["sqs:SendMessage"], [arns.queue(deadLetterQueue)]),
  ];
}
