import { witnessedBy } from "../../contract/witness";
import type { Scope } from "../scope";
import type { Statement } from "./document";
import { permissionsBoundary } from "./documents/boundary";
import { deployerBoundary } from "./documents/deployer-boundary";
import { healBoundary } from "./documents/heal-boundary";
import { releaseTargets } from "./documents/release";
import { releaseBoundary } from "./documents/release-boundary";
import { witnessBoundary } from "./documents/witness-boundary";
import { handedRoles } from "./roles/deployer";
import type { BoundaryName } from "./roles/role-definition";

/** A permissions boundary of the environment: what it is for and what it says. */
export interface Boundary {
  readonly description: string;
  readonly statements: readonly Statement[];
}

/** All permissions boundaries of the environment; every role has one of them. */
export function boundaries(scope: Scope): Partial<Record<BoundaryName, Boundary>> {
  const targets = releaseTargets(scope);
  return {
    boundary: { description: "What no role of the environment can exceed", statements: permissionsBoundary(scope) },
    ...(targets.length > 0
      ? {
          "release-boundary": {
            description: "What release builds cannot exceed",
            statements: releaseBoundary(scope, targets),
          },
        }
      : {}),
    ...(scope.settings.remediation.mode === "off"
      ? {}
      : {
          "heal-boundary": {
            description: "What the function that heals cannot exceed",
            statements: healBoundary(scope),
          },
        }),
    ...(witnessedBy(scope.environment).length === 0
      ? {}
      : {
          "witness-boundary": {
            description: "What the function that witnesses logs cannot exceed",
            statements: witnessBoundary(scope),
          },
        }),
    "deployer-boundary": {
      description: "What deployers cannot exceed",
      statements: deployerBoundary(scope, handedRoles),
    },
  };
}
