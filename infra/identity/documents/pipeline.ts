import type { Scope } from "../../scope";
import { allow, deny, type Statement } from "../document";
import { limitJobs } from "./jobs";

/**
 * Creates, watches and stops the jobs of the training pipeline. The limits on jobs sit here, because whoever may
 * start a pipeline chooses its parameters and `StartPipelineExecution` has no condition key for instance types.
 */
export function runPipelineJobs(scope: Scope, instanceTypes: readonly string[]): Statement[] {
  return [
    allow(
      "RunJobs",
      [
        "CreateTrainingJob",
        "DescribeTrainingJob",
        "StopTrainingJob",
        "CreateProcessingJob",
        "DescribeProcessingJob",
        "StopProcessingJob",
        "AddTags",
        "ListTags",
      ].map((name) => `sagemaker:${name}`),
      scope.pipelineJobs,
    ),
    ...limitJobs(scope, instanceTypes),
  ];
}

/** Registers models in the environment's group, but never as approved: that is a person's decision. */
export function registerModels({ arns, modelPackageGroup }: Scope): Statement[] {
  const group = [
    arns.sagemaker(`model-package-group/${modelPackageGroup}`),
    arns.sagemaker(`model-package/${modelPackageGroup}/*`),
  ];
  return [
    allow(
      "RegisterModels",
      [
        "sagemaker:CreateModelPackage",
        "sagemaker:DescribeModelPackage",
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:ListModelPackages",
        "sagemaker:AddTags",
      ],
      group,
    ),
    deny("NeverApprove", ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"], ["*"], {
      StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
    }),
  ];
}

/** Hands the named roles to SageMaker, and to nobody else. */
export function passRoles(scope: Scope, roles: readonly string[]): Statement[] {
  return [
    allow(
      "PassRoles",
      ["iam:PassRole"],
      roles.map((role) => scope.roleArn(role)),
      { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    ),
  ];
}

/** Asks for trials in staging. */
export function askForTrials({ arns, trialQueue }: Scope): Statement[] {
  return [allow("AskForTrials", ["sqs:SendMessage"], [arns.queue(trialQueue)])];
}

/** Calls one function of the environment. */
export function invokeFunction({ arns, names }: Scope, name: string): Statement[] {
  return [allow("InvokeFunction", ["lambda:InvokeFunction"], [arns.lambda(names.of("function", name))])];
}
