import type { Scope } from "../../scope";
import { ciRoles } from "./ci";
import { attachStop, stopLaunches } from "../documents/spending";
import { experimentRoles } from "./experiments";
import { humanRoles } from "./people";
import { operationsRoles } from "./operations";
import { type RoleDescription, serviceRoles } from "./services";
import { studioRoles } from "./studio";

/**
 * Roles that a spent budget stops: whoever is allowed anything that the stop denies, found in their policies. Release builds are left out, since
 * a rollback may have to make what serves again, and so is the schedule that brings back by day what it took down at night.
 */
export function launchingRoles(scope: Scope): string[] {
  const stopped = stopLaunches().flatMap(({ Action }) => Action);
  const roles: Readonly<Record<string, RoleDescription | undefined>> = {
    ...serviceRoles(scope),
    ...humanRoles(scope),
    ...operationsRoles(scope),
    ...studioRoles(scope),
    ...experimentRoles(scope),
    ...ciRoles(scope),
  };
  const launches = ({ duties }: RoleDescription): boolean =>
    Object.values(duties)
      .flat()
      .some(
        ({ Effect, Action }) =>
          Effect === "Allow" && Action.some((action) => stopped.some((stop) => overlap(action, stop))),
      );
  return Object.entries(roles).flatMap(([name, role]) => (role && launches(role) ? [name] : []));
}

/** Whether two patterns of actions have an action in common, as far as `*` stands at their ends, as it does in all of ours. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((pattern) => pattern.toLowerCase().replace(/\*$/, "")) as [string, string];
  if (one.endsWith("*") && other.endsWith("*")) return a.startsWith(b) || b.startsWith(a);
  if (one.endsWith("*")) return b.startsWith(a);
  return other.endsWith("*") ? a.startsWith(b) : a === b;
}

/** The role of the budget action. It changes roles, which the environment's boundary forbids, so it has a boundary of its own: this one thing. */
export function budgetRole(scope: Scope): RoleDescription | undefined {
  if (scope.settings.cost.stop === "off") return undefined;
  return {
    description: "Stops new launches when the budget is spent",
    trusted: { service: "budgets.amazonaws.com" },
    duties: { stop: attachStop(scope, launchingRoles(scope)) },
  };
}
