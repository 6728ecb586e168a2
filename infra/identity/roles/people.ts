import type { Scope } from "../../scope";
import { keepTags, stayInEnvironment } from "../documents/apart";
import { neverApprove } from "../documents/approval";
import { neverWriteDataset, readArtifacts, readDataset, useKey, writeArtifacts } from "../documents/data";
import { experiment, folderOf, oneself, operatePipelines, seeEnvironment } from "../documents/people";
import { passRoles } from "../documents/passing";
import { openStudio } from "../documents/studio";
import { allow, type Statement } from "../document";
import { prefixes } from "../../../contract/places";
import { approver } from "./approver";
import { auditor } from "./auditor";
import { deployer } from "./deployer";
import { giveFeedback } from "./feedback";
import { useFrontDoor } from "./front-door";
import { acknowledgeAlerts } from "./escalate";
import { define, type RoleDescription, rolesOf } from "./role-definition";

export type HumanRole = (typeof humanDefinitions)[number]["name"];

const { runs, champion, weights, users, mlflow } = prefixes;

const dataScientist = define({
  name: "data-scientist",
  kind: "person",
  description: "Explores the dataset and the development environment; decides and deploys nothing",
  trusted: "people",
  writes: ["users"],
  mlflow: "person",
  expected: { column: "DS" },
  // Elsewhere there is nothing to be allowed.
  exists: ({ environment }) => environment === "dev",
  duties: (scope) => ({
    dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
    see: seeEnvironment(scope),
    studio: openStudio(scope, "data-scientist"),
    artifacts: [
      ...readArtifacts(scope, [runs, champion, weights, users, mlflow]),
      ...writeArtifacts(scope, [folderOf(oneself)]),
    ],
    experiment: experiment(scope),
    limits: [...stayInEnvironment(scope), ...keepTags(scope), ...neverApprove()],
    key: useKey(scope),
  }),
});

const mlEngineer = define({
  name: "ml-engineer",
  kind: "person",
  description: "Builds pipelines and deploys models; does not approve them",
  trusted: "people",
  writes: ["users"],
  mlflow: "person",
  expected: { column: "MLE" },
  duties: (scope) => ({
    dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
    see: seeEnvironment(scope),
    studio: openStudio(scope, "ml-engineer"),
    pipelines: operatePipelines(scope),
    endpoints: useReleasePath(scope),
    feedback: [...giveFeedback(scope), ...useFrontDoor(scope)],
    "pass-roles": passRoles(scope, ["pipeline-execution"]),
    artifacts: [...readArtifacts(scope, [""]), ...writeArtifacts(scope, [folderOf(oneself)])],
    limits: [...stayInEnvironment(scope), ...keepTags(scope), ...neverApprove()],
    key: useKey(scope),
  }),
});

/** Roles that people take. */
export const humanDefinitions = [dataScientist, mlEngineer, approver, auditor, deployer] as const;

export const humanRoleNames: readonly HumanRole[] = humanDefinitions.map(({ name }) => name);

export function humanRoles(scope: Scope): Partial<Record<HumanRole, RoleDescription>> {
  return rolesOf<HumanRole>(humanDefinitions, scope);
}

/** Asks for releases and rollbacks in the environment. */
function askForReleases({ arns, requestQueue }: Scope): Statement[] {
  return [
    allow(
      "AskForReleases",
      [
        // The queue's URL is found by its name.
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
      ],
      [arns.queue(requestQueue)],
    ),
  ];
}

/** Proposes retrainings where they are decided. */
function proposeRetraining({ arns, retrainingQueue, retrainsHere }: Scope): Statement[] {
  if (!retrainsHere) return [];
  return [
    allow(
      "ProposeRetraining",
      [
        // The queue's URL is found by its name.
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
      ],
      [arns.queue(retrainingQueue)],
    ),
  ];
}

/**
 * What serves is changed by the release path alone: asks for releases and rollbacks, scales, calls and watches the
 * endpoint.
 */
function useReleasePath(scope: Scope): Statement[] {
  const { arns, environment, names } = scope;
  return [
    ...askForReleases(scope),
    ...acknowledgeAlerts(scope),
    ...proposeRetraining(scope),
    allow("CallEndpoint", ["sagemaker:InvokeEndpoint"], [arns.sagemaker(`endpoint/${names.prefix}-*`)]),
    allow("ScaleEndpoint", ["application-autoscaling:RegisterScalableTarget"], [arns.scalableTargets], {
      StringEquals: {
        "aws:ResourceTag/environment": environment,
        "application-autoscaling:service-namespace": "sagemaker",
      },
    }),
    allow(
      "SeeScaling",
      [
        // Application Auto Scaling knows no resource for its descriptions.
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingActivities",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:DescribeScheduledActions",
      ],
      ["*"],
    ),
  ];
}
