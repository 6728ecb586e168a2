import type { Scope } from "../../scope";
import { verifyDecisions } from "../documents/approval";
import { examineAccount } from "../documents/doctor";
import {
  changeEndpoints,
  changeWatches,
  endTrials,
  keepReleases,
  keepState,
  readCandidates,
  readReleased,
  readTestImages,
  rejectCandidates,
  startRequests,
  startTrials,
  writeBuildLog,
} from "../documents/release";
import { tellGoldenFailures } from "../documents/golden";
import type { RoleDescription } from "./services";

/** `staging-trial` exists where candidates are tried in staging. */
export type ReleaseRole = "release-build" | "release-request" | "staging-trial";

/** The environments that approved packages go to by themselves: names and ARNs of each, in order. */
export function releaseTargets(scope: Scope): Scope[] {
  return scope.settings.delivery.targets.map((target) => scope.sibling(target));
}

/** Log group of the builds, by CodeBuild's convention. */
export function releaseLogGroup({ releaseProject }: Scope): string {
  return `/aws/codebuild/${releaseProject}`;
}

/**
 * Roles of release builds. They hold what a release changes in the targets, and nothing that infrastructure, identities or
 * approvals need (and their boundary keeps them from those): a build whose source asks for more fails at IAM. @returns none where people release.
 */
export function releaseRoles(scope: Scope): Partial<Record<ReleaseRole, RoleDescription>> {
  const targets = releaseTargets(scope);
  if (targets.length === 0) return {};
  return {
    "release-build": {
      description: "Releases approved models; changes no infrastructure and approves nothing",
      trusted: { service: "codebuild.amazonaws.com" },
      boundary: "release-boundary",
      managed: true,
      duties: {
        registry: [
          ...readCandidates(scope),
          ...verifyDecisions(scope),
          ...readTestImages(scope, targets),
          ...examineAccount(scope),
        ],
        serving: [...changeEndpoints(targets), ...changeWatches(targets), ...tellGoldenFailures(targets)],
        records: [
          ...keepReleases(targets),
          ...keepState(scope, [scope, ...targets]),
          ...writeBuildLog(scope, releaseLogGroup(scope)),
        ],
        stacks: readReleased(targets),
        ...(scope.triesInStaging ? { trials: [...endTrials(scope), ...rejectCandidates(scope)] } : {}),
      },
    },
    "release-request": {
      description: "Starts the release build of an approved package, or that an ML engineer asked for",
      trusted: { service: "lambda.amazonaws.com" },
      boundary: "release-boundary",
      duties: { requests: startRequests(scope, targets) },
    },
    ...(scope.triesInStaging
      ? {
          "staging-trial": {
            description:
              "Starts a build that tries a candidate in staging; ends the pipeline's step when the build cannot",
            trusted: { service: "lambda.amazonaws.com" },
            boundary: "release-boundary",
            duties: { trials: [...startTrials(scope), ...endTrials(scope)] },
          },
        }
      : {}),
  };
}
