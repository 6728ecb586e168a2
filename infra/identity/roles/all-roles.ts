import type { Scope } from "../../scope";
import type { Statement } from "../document";
import { ciRoles } from "./ci";
import { experimentRoles } from "./experiments";
import { foundationRoles } from "./foundation";
import { humanRoles } from "./people";
import { operationsRoles } from "./operations";
import { releaseRoles } from "./release";
import { type RoleDescription, serviceRoles } from "./services";
import { studioRoles } from "./studio";
import { trackerOf, trackingDuties } from "../tracking-duties";
import { probeApp } from "../../../automation/roles/matrix/target";

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
