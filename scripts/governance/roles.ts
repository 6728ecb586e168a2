import type { Scope } from "../../infra/scope";
import type { Statement } from "../../infra/identity/document";
import { type CiRole, ciRoles } from "../../infra/identity/ci-roles";
import { type ExperimentRole, experimentRoles } from "../../infra/identity/experiment-roles";
import { type FoundationRole, foundationRoles } from "../../infra/identity/foundation-roles";
import { type HumanRole, humanRoles } from "../../infra/identity/human-roles";
import { type OperationsRole, operationsRoles } from "../../infra/identity/operations-roles";
import { type ReleaseRole, releaseRoles } from "../../infra/identity/release-roles";
import { type RoleDescription, type ServiceRole, serviceRoles } from "../../infra/identity/roles";
import { type StudioRole, studioRoles } from "../../infra/identity/studio-roles";

export type RoleName = HumanRole | StudioRole | ServiceRole | ExperimentRole | FoundationRole | OperationsRole | ReleaseRole | CiRole;

/** Every role of an environment by its name: people's first, then Studio's, services', release builds' and, where the settings name a repository, workflows'. */
export function allRoles(scope: Scope): Partial<Record<RoleName, RoleDescription>> {
  return { ...humanRoles(scope), ...studioRoles(scope), ...serviceRoles(scope), ...experimentRoles(scope), ...foundationRoles(scope), ...operationsRoles(scope), ...releaseRoles(scope), ...ciRoles(scope) };
}

/** What a role's inline policy says. */
export function statementsOf({ duties }: RoleDescription): Statement[] {
  return Object.values(duties).flat();
}
