import type { Statement } from "../../../infra/identity/document";
import { trackerOf, trackingDuties } from "../../../infra/identity/tracking-duties";
import type { Scope } from "../../../infra/scope";
import { probeApp } from "../matrix/target";

/**
 * What `infra/tracking/` adds to a role by a policy of its own, about an MLflow App that stands for the environment's.
 * @param role name without the environment's prefix.
 */
export function trackingOf(role: string, scope: Scope): Statement[] {
  const use = trackerOf(role);
  return use ? trackingDuties(use, scope.settings.tracking.mode, probeApp(scope)) : [];
}
