import { onAws, type Kept } from "./entry";

/**
 * The deployer's updates. What the program consists of is made anew by `test/truth/deployer.spec.ts`, as far as the
 * local cloud asks for rights.
 */
export const usedByDeployers: readonly Kept[] = [
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["MakeNetwork", "TagNetwork", "DeployNetwork", "SeeNetwork", "PassTovpcflowlogs"],
    why: "makes, changes and looks at networks (`networkMode`, `flowLogs`); the local cloud remembers networks and asks nobody",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["DeployBudgets"],
    why: "makes and changes budgets (`monthlyBudgetUsd`), which the local cloud remembers",
  },
  {
    noticedBy: "test/infra/monitoring/monitoring.spec.ts",
    roles: ["deployer"],
    rights: ["sagemaker:*MonitoringSchedule"],
    why: "managed monitoring, where it is chosen",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["sagemaker:*MlflowTrackingServer"],
    why: "an MLflow server in place of the app, where it is chosen",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["DeployObjects"],
    why: "lays down the pipeline's definition where it is too long for a request",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["UseKey"],
    why: "topics, logs, apps and objects are encrypted with the environment's key, for which the service asks in the deployer's name",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: [
      "SeeBuckets",
      "SeeObjects",
      "SeeKeys",
      "SeeRoles",
      "SeePolicies",
      "SeeStudio",
      "SeeImages",
      "SeeTrail",
      "SeeTrails",
      "SeeRequests",
      "SeeSources",
    ],
    why: "calls of the real provider's refresh that the local cloud's provider does without: replication, rotation, versions, tags",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: [
      "*:ListTagsForResource",
      "sagemaker:ListTags",
      "lambda:ListTags",
      "lambda:ListVersionsByFunction",
      "lambda:GetFunctionCodeSigningConfig",
      "sns:GetSubscriptionAttributes",
      "sns:ListSubscriptionsByTopic",
      "sqs:GetQueueUrl",
      "sqs:ListQueueTags",
      "ssm:GetParameters",
    ],
    why: "the same for what the deployer makes",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: [
      "lambda:UpdateFunctionConfiguration",
      "scheduler:UpdateSchedule",
      "sagemaker:UpdateMlflowApp",
      "logs:*RetentionPolicy",
      "logs:*KmsKey",
    ],
    why: "changes of settings in place",
  },
  {
    ...onAws,
    roles: ["deployer"],
    rights: ["sagemaker:ListMlflowApps"],
    why: "an app that was made and whose number was lost is found by its name",
  },
];
