import assert from "node:assert/strict";
import { allRoles, statementsOf } from "../../infra/identity/roles/all-roles";
import type { Scope } from "../../infra/scope";

/** What a role is allowed: action to the resources of all statements that allow it. */
export function allowedTo(role: string, scope: Scope): Record<string, string[]> {
  const found = allRoles(scope)[role];
  assert.ok(found, role);
  const rights: Record<string, string[]> = {};
  for (const { Action, Effect, Resource = [] } of statementsOf(found))
    if (Effect === "Allow") for (const action of Action) (rights[action] ??= []).push(...Resource);
  return rights;
}
