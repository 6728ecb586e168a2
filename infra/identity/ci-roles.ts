import type { Scope } from "../scope";
import { allow } from "./document";
import { neverWriteDataset } from "./documents/data";
import { keepState, readStack, startBuilds } from "./documents/release";
import { humanRoles } from "./human-roles";
import type { RoleDescription } from "./roles";

export type CiRole = "ci-deployer" | "ci-preview";

/** GitHub's token issuer, without its scheme: the provider's name in IAM and the prefix of its claims in conditions. */
export const githubIssuer = "token.actions.githubusercontent.com";

/** The provider that vouches for workflows: the one that exists, else ours. */
export function oidcProviderArn({ place: { accountId, partition }, settings: { deployer } }: Scope): string {
  return deployer.oidcProviderArn ?? `arn:${partition}:iam::${accountId}:oidc-provider/${githubIssuer}`;
}

/**
 * Roles of GitHub's workflows, by OpenID Connect: no access key lies anywhere. The deployer does what a person who deploys does, from
 * one branch or one protected GitHub environment. The preview role reads, so that a pull request can show what it would
 * change. @returns none where no repository is named.
 */
export function ciRoles(scope: Scope): Partial<Record<CiRole, RoleDescription>> {
  const { repository, branch, environment } = scope.settings.deployer;
  if (!repository) return {};
  // With an environment GitHub's claim names that and no longer the branch (GitHub docs, "OpenID Connect reference"): the environment's rules say which branches.
  const deploys = environment
    ? `repo:${repository}:environment:${environment}`
    : `repo:${repository}:ref:refs/heads/${branch}`;
  const person = humanRoles(scope).deployer!;
  return {
    "ci-deployer": {
      ...person,
      description: `Runs pulumi up in workflows of ${repository}`,
      trusted: { provider: oidcProviderArn(scope), issuer: githubIssuer, subjects: [deploys] },
      duties: {
        ...person.duties,
        images: [
          startBuilds("BuildImages", scope, scope.imageProject, []),
          allow("SeeImageBuilds", ["codebuild:BatchGetBuilds"], [scope.arns.buildProject(scope.imageProject)]),
        ],
      },
    },
    "ci-preview": {
      description: `Runs pulumi preview for pull requests of ${repository}; changes nothing`,
      trusted: {
        provider: oidcProviderArn(scope),
        issuer: githubIssuer,
        subjects: [`repo:${repository}:pull_request`],
      },
      boundary: "deployer-boundary",
      duties: {
        stack: readStack(scope),
        network: [
          allow("SeeNetwork", ["ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeAvailabilityZones"], ["*"]),
        ],
        state: keepState(scope).map((statement) => ({
          ...statement,
          Action: statement.Action.filter((action) => /:(Get|List|Decrypt|DescribeKey)/.test(action)),
        })),
        limits: neverWriteDataset(scope),
      },
    },
  };
}
