import { buildVariable } from "../../../contract/variables";
import { requestVariables } from "../../../contract/release-request";
import type { Scope } from "../../scope";
import { startBuilds } from "../documents/builds";
import { endTrials, releaseTargets } from "../documents/release";
import { allow, type Statement } from "../document";
import { releaseBuild } from "./release-build";
import { define, type RoleDescription, rolesOf } from "./role-definition";
import { writeLogs } from "../documents/functions";

export type ReleaseRole = (typeof releaseDefinitions)[number]["name"];

const releaseRequest = define({
  name: "release-request",
  kind: "service",
  description: "Starts the release build of an approved package, or that an ML engineer asked for",
  trusted: { service: "lambda.amazonaws.com" },
  boundary: "release-boundary",
  expected: { spec: "test/infra/identity/roles/release.spec.ts" },
  exists: (scope) => releaseTargets(scope).length > 0,
  duties: (scope) => ({ requests: startRequests(scope, releaseTargets(scope)) }),
});

const stagingTrial = define({
  name: "staging-trial",
  kind: "service",
  description: "Starts a build that tries a candidate in staging; ends the pipeline's step when the build cannot",
  trusted: { service: "lambda.amazonaws.com" },
  boundary: "release-boundary",
  expected: { spec: "test/infra/identity/roles/release.spec.ts" },
  exists: ({ triesInStaging }) => triesInStaging,
  duties: (scope) => ({ trials: [...startTrials(scope), ...endTrials(scope)] }),
});

/** Roles of release builds, and of what starts them. None where people release. */
export const releaseDefinitions = [releaseBuild, releaseRequest, stagingTrial] as const;

export function releaseRoles(scope: Scope): Partial<Record<ReleaseRole, RoleDescription>> {
  return rolesOf<ReleaseRole>(releaseDefinitions, scope);
}

/**
 * Takes approvals, and requests of people for releases and rollbacks, from their queues and starts a build for each.
 */
export function startRequests(scope: Scope, targets: readonly Scope[]): Statement[] {
  const { arns, releaseProject } = scope;
  return [
    allow(
      "TakeRequests",
      [
        // What a function's mapping to a queue asks for (Lambda developer guide, "Using Lambda with Amazon SQS").
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
      ],
      [scope.approvalQueue, ...targets.map((target) => target.requestQueue)].map((name) => arns.queue(name)),
    ),
    allow(
      "SeeBuilds",
      [
        // Whether a build runs for the same package already.
        "codebuild:BatchGetBuilds",
        "codebuild:ListBuildsForProject",
      ],
      [arns.buildProject(releaseProject)],
    ),
    startBuilds("StartRequested", scope, releaseProject, requestVariables),
    writeLogs(scope, "start-release"),
  ];
}

/** Takes requests for trials from their queue, starts a build for each and stops one that is not wanted any more. */
function startTrials(scope: Scope): Statement[] {
  const { arns, releaseProject, trialQueue } = scope;
  return [
    allow(
      "TakeRequests",
      [
        // What a function's mapping to a queue asks for (Lambda developer guide, "Using Lambda with Amazon SQS").
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
      ],
      [arns.queue(trialQueue)],
    ),
    startBuilds("StartTrials", scope, releaseProject, [
      buildVariable.modelPackageArn,
      buildVariable.targets,
      buildVariable.callbackToken,
    ]),
    allow(
      "SeeTrials",
      [
        // Finds the build of a trial, and stops it.
        "codebuild:BatchGetBuilds",
        "codebuild:ListBuildsForProject",
        "codebuild:StopBuild",
      ],
      [arns.buildProject(releaseProject)],
    ),
    writeLogs(scope, "deploy-candidate", "end-trial"),
  ];
}
