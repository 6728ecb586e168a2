import type { Policy, Role, Statement } from "../../../lifecycle/access/model";
import { boundaries } from "../../../infra/identity/boundaries";
import { budgetBoundary } from "../../../infra/identity/documents/spending";
import { trustOf } from "../../../infra/identity/trust";
import { budgetRole, launchingRoles } from "../../../infra/identity/roles/budget";
import type { RoleDescription } from "../../../infra/identity/roles/role-definition";
import type { Scope } from "../../../infra/scope";
import { allRoles } from "../../../infra/identity/roles/all-roles";
import { trackingOf } from "./tracking";

/** Every role of an environment with its policies, trust and boundary, as the program renders them. */
export function rolesOf(scope: Scope): Role[] {
  const limits = Object.fromEntries(
    Object.entries(boundaries(scope)).map(([name, { statements }]) => [name, boundaryOf(scope, name, statements)]),
  );
  const roles = Object.entries<RoleDescription>(allRoles(scope)).map(([name, description]) =>
    roleOf(scope, name, description, limits[description.boundary ?? "boundary"]!),
  );
  const budget = budgetRole(scope);
  return budget
    ? [
        ...roles,
        roleOf(
          scope,
          "budget-action",
          budget,
          boundaryOf(scope, "budget-boundary", budgetBoundary(scope, launchingRoles(scope))),
        ),
      ]
    : roles;
}

function boundaryOf(scope: Scope, name: string, statements: readonly Statement[]): Policy & { arn: string } {
  return { name, arn: scope.arns.policy(scope.rolePath, scope.names.of("policy", name)), statements };
}

function roleOf(scope: Scope, name: string, description: RoleDescription, boundary: Policy & { arn: string }): Role {
  const { duties, managed } = description;
  const named = (duty: string, statements: readonly Statement[]): Policy => ({
    name: scope.arns.policy(scope.rolePath, scope.names.of("policy", name, duty)),
    statements,
  });
  const tracking = trackingOf(name, scope);
  const policies = [
    ...(managed
      ? Object.entries(duties).map(([duty, statements]) => named(duty, statements))
      : [{ name: "duties", statements: Object.values(duties).flat() }]),
    ...(tracking.length > 0 ? [named("track", tracking)] : []),
  ];
  const trust = JSON.parse(trustOf(description, scope, name)) as { Statement: Statement[] };
  return {
    arn: scope.roleArn(name),
    name,
    kind: description.kind,
    account: scope.place.accountId,
    environment: scope.environment,
    trust: { name: "trust policy", statements: trust.Statement },
    policies,
    boundary,
  };
}
