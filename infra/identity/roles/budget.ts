import type { Scope } from "../../scope";
import { attachStop, stopLaunches } from "../documents/spending";
import { allRoles, statementsOf } from "./all-roles";
import { define, type RoleDescription, rolesOf } from "./role-definition";

/**
 * The role of the budget action. It changes roles, which the environment's boundary forbids, so it has a boundary of
 * its own: this one thing (`budgetBoundary`). It is made from what all others are allowed, and therefore is not among
 * them.
 */
const budgetAction = define({
  name: "budget-action",
  kind: "service",
  description: "Stops new launches when the budget is spent",
  trusted: { service: "budgets.amazonaws.com" },
  expected: { spec: "test/infra/cost/cost.spec.ts" },
  exists: ({ settings: { cost } }) => cost.stop !== "off",
  duties: (scope) => ({ stop: attachStop(scope, launchingRoles(scope)) }),
});

export function budgetRole(scope: Scope): RoleDescription | undefined {
  return rolesOf([budgetAction], scope)["budget-action"];
}

/**
 * Roles that a spent budget stops: whoever is allowed anything that the stop denies, found in their policies, but for
 * those that outlive the budget.
 */
export function launchingRoles(scope: Scope): string[] {
  const stopped = stopLaunches().flatMap(({ Action }) => Action);
  const launches = (role: RoleDescription): boolean =>
    statementsOf(role).some(
      ({ Effect, Action }) =>
        Effect === "Allow" && Action.some((action) => stopped.some((stop) => overlap(action, stop))),
    );
  return Object.entries(allRoles(scope)).flatMap(([name, role]) =>
    !role.outlivesBudget && launches(role) ? [name] : [],
  );
}

/**
 * Whether two patterns of actions have an action in common, as far as `*` stands at their ends, as it does in all of
 * ours.
 */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((pattern) => pattern.toLowerCase().replace(/\*$/, "")) as [string, string];
  if (one.endsWith("*") && other.endsWith("*")) return a.startsWith(b) || b.startsWith(a);
  if (one.endsWith("*")) return b.startsWith(a);
  return other.endsWith("*") ? a.startsWith(b) : a === b;
}
