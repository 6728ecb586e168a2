import type { Person } from "../../../lifecycle/access/model";
import { humanRoleNames } from "../../../infra/identity/roles/people";
import type { Scope } from "../../../infra/scope";
import { allRoles } from "../../../infra/identity/roles/all-roles";

/** Who stands for a role that no setting names anybody for. */
const examplePeople: readonly (readonly [name: string, role: string])[] = [
  ["anna", "data-scientist"],
  ["ben", "ml-engineer"],
  ["cleo", "approver"],
  ["dora", "auditor"],
  ["emil", "deployer"],
];

/** Names and roles: those of the settings, and for each role that has nobody the cast's. */
function namesOf(scopes: readonly Scope[]): Map<string, string> {
  const listed = new Map(
    scopes.flatMap(({ settings }) => settings.people.members.map(({ name, role }) => [name, role as string] as const)),
  );
  const alone = (role: string): boolean => [...listed.values()].filter((other) => other === role).length === 0;
  for (const [name, role] of examplePeople) if (!listed.has(name) && alone(role)) listed.set(name, role);
  return listed;
}

/** People with the roles that are theirs to take: in each account one user, for the roles of the environments there. */
export function peopleOf(scopes: readonly Scope[]): Person[] {
  const accounts = [...new Set(scopes.map(({ place }) => place.accountId))];
  return [...namesOf(scopes)].flatMap(([name, role]) =>
    accounts.flatMap((account): Person[] => {
      if (!(humanRoleNames as readonly string[]).includes(role)) return [];
      const roles = scopes
        .filter((scope) => scope.place.accountId === account && role in allRoles(scope))
        .map((scope) => scope.roleArn(role));
      return roles.length > 0 ? [{ name, arn: `arn:aws:iam::${account}:user/${name}`, account, roles }] : [];
    }),
  );
}
