import { useKey } from "../documents/data";
import { deployStorage, neverRecord, passServiceRoles, seeKeys } from "../documents/deployment/administered";
import { deployNetwork } from "../documents/deployment/network";
import { deploySagemaker } from "../documents/deployment/platform";
import { deployReactions } from "../documents/deployment/reactions";
import { deployWatches } from "../documents/deployment/watches";
import { keepState } from "../documents/state";
import type { Scope } from "../../scope";
import { foundationDefinitions } from "./foundation";
import { operationsDefinitions } from "./operations";
import { define, type Duties, type RoleDefinition, rolesOf } from "./role-definition";
import { serviceDefinitions } from "./services";

export const deployer = define({
  name: "deployer",
  kind: "person",
  description: "Runs pulumi up for what serves, watches and reacts; makes no roles, keys or buckets",
  trusted: "people",
  boundary: "deployer-boundary",
  managed: true,
  writes: ["definitions", "watchFacts"],
  expected: { column: "DEP" },
  duties: deploy,
});

/** What a deployer does, whoever it is: a person, or a workflow (`ci.ts`). */
export function deploy(scope: Scope): Duties {
  return {
    foundation: [
      ...deployStorage(scope),
      ...neverRecord(scope),
      ...seeKeys(scope),
      ...useKey(scope),
      ...deployNetwork(scope),
      ...keepState(scope),
    ],
    roles: passServiceRoles(scope, servicesByRole(scope)),
    platform: deploySagemaker(scope),
    reactions: [...deployReactions(scope), ...deployWatches(scope)],
  };
}

const handed: readonly RoleDefinition[] = [
  ...serviceDefinitions,
  ...operationsDefinitions,
  ...foundationDefinitions,
].filter(({ handedByDeployers }: RoleDefinition) => handedByDeployers);

/** Roles that a deployer hands over, each to its service, as the roles say it themselves. */
export const handedRoles: readonly string[] = handed.map(({ name }) => name);

/** Service by role, for those of the handed roles that the environment has. */
function servicesByRole(scope: Scope): Record<string, string> {
  return Object.fromEntries(
    Object.entries(rolesOf(handed, scope)).flatMap(([name, role]) =>
      role && role.trusted !== "people" && "service" in role.trusted ? [[name, role.trusted.service]] : [],
    ),
  );
}
