import type { Scope } from "../../scope";
import type { Statement } from "../document";
import { ciDefinitions } from "./ci";
import { experimentDefinitions } from "./experiments";
import { foundationDefinitions } from "./foundation";
import { operationsDefinitions } from "./operations";
import { humanDefinitions } from "./people";
import { releaseDefinitions } from "./release";
import { type RoleDefinition, type RoleDescription, rolesOf } from "./role-definition";
import { serviceDefinitions } from "./services";
import { studioDefinitions } from "./studio";

/**
 * Every role that an environment can have but the budget action's (`budget.ts`), which is made from what these are
 * allowed.
 */
export const definitions: readonly RoleDefinition[] = [
  ...humanDefinitions,
  ...studioDefinitions,
  ...experimentDefinitions,
  ...serviceDefinitions,
  ...foundationDefinitions,
  ...operationsDefinitions,
  ...releaseDefinitions,
  ...ciDefinitions,
];

/** The definition of a role. @param role name without the environment's prefix. */
export function definitionOf(role: string): RoleDefinition | undefined {
  return definitions.find(({ name }) => (name.endsWith("*") ? role.startsWith(name.slice(0, -1)) : name === role));
}

/**
 * Every role of an environment by its name: people's first, then Studio's, experiments', services', release builds'
 * and, where the settings name a repository, workflows'.
 */
export function allRoles(scope: Scope): Readonly<Record<string, RoleDescription>> {
  return rolesOf(definitions, scope) as Record<string, RoleDescription>;
}

/** All that a role's policies say. */
export function statementsOf({ duties }: RoleDescription): Statement[] {
  return Object.values(duties).flat();
}
