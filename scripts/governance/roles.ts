import type { Scope } from "../../infra/scope";
import type { Statement } from "../../infra/identity/document";
import { ciRoles } from "../../infra/identity/ci-roles";
import { experimentRoles } from "../../infra/identity/experiment-roles";
import { foundationRoles } from "../../infra/identity/foundation-roles";
import { humanRoles } from "../../infra/identity/human-roles";
import { operationsRoles } from "../../infra/identity/operations-roles";
import { releaseRoles } from "../../infra/identity/release-roles";
import { type RoleDescription, serviceRoles } from "../../infra/identity/roles";
import { studioRoles } from "../../infra/identity/studio-roles";


/** Every role of an environment by its name: people's first, then Studio's, experiments', services', release builds' and, where the settings name a repository, workflows'. */
export function allRoles(scope: Scope): Readonly<Record<string, RoleDescription>> {
  return { ...humanRoles(scope), ...studioRoles(scope), ...experimentRoles(scope), ...serviceRoles(scope), ...foundationRoles(scope), ...operationsRoles(scope), ...releaseRoles(scope), ...ciRoles(scope) };
}

/** What a role's inline policy says. */
export function statementsOf({ duties }: RoleDescription): Statement[] {
  return Object.values(duties).flat();
}
