import type { Scope } from "../../infra/scope";
import type { Statement } from "../../infra/identity/document";
import { type FoundationRole, foundationRoles } from "../../infra/identity/foundation-roles";
import { type HumanRole, humanRoles } from "../../infra/identity/human-roles";
import { type ReleaseRole, releaseRoles } from "../../infra/identity/release-roles";
import { type RoleDescription, type ServiceRole, serviceRoles } from "../../infra/identity/roles";
import { type StudioRole, studioRoles } from "../../infra/identity/studio-roles";

export type RoleName = HumanRole | StudioRole | ServiceRole | FoundationRole | ReleaseRole;

/** Every role of an environment by its name: people's first, then Studio's, services' and release builds'. */
export function allRoles(scope: Scope): Partial<Record<RoleName, RoleDescription>> {
  return { ...humanRoles(scope), ...studioRoles(scope), ...serviceRoles(scope), ...foundationRoles(scope), ...releaseRoles(scope) };
}

/** What a role's inline policy says. */
export function statementsOf({ duties }: RoleDescription): Statement[] {
  return Object.values(duties).flat();
}
