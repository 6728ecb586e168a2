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
import { trackerOf, trackingDuties } from "../../infra/identity/tracking-duties";
import { probeApp } from "./matrix/target";

/** Every role of an environment by its name: people's first, then Studio's, experiments', services', release builds' and, where the settings name a repository, workflows'. */
export function allRoles(scope: Scope): Readonly<Record<string, RoleDescription>> {
  return {
    ...humanRoles(scope),
    ...studioRoles(scope),
    ...experimentRoles(scope),
    ...serviceRoles(scope),
    ...foundationRoles(scope),
    ...operationsRoles(scope),
    ...releaseRoles(scope),
    ...ciRoles(scope),
  };
}

/** What a role's inline policy says. */
export function statementsOf({ duties }: RoleDescription): Statement[] {
  return Object.values(duties).flat();
}

/** What `infra/tracking/` adds to a role by a policy of its own. @param role name without the environment's prefix. */
export function trackingOf(role: string, scope: Scope): Statement[] {
  const tracker = trackerOf(role);
  return tracker ? trackingDuties(tracker, scope.settings.tracking.mode, probeApp(scope)) : [];
}
