import type { Actor } from "../../../lifecycle/access/goal";
import { personSession, type RoleKind, sessionOf, type World } from "../../../lifecycle/access/model";

const kinds: readonly RoleKind[] = ["studio", "experiment", "workflow"];

/**
 * Everybody who starts somewhere: each role of people in each environment with one of its people, who signs in before,
 * and each person with all of their roles; notebooks, experiments and workflows with their role alone. Services start
 * nothing by themselves.
 */
export function actorsOf(world: World): Actor[] {
  const people = world.people.flatMap((person): Actor[] => {
    const roles = world.roles.filter(({ arn }) => person.roles.includes(arn));
    const alone = roles.map((role): Actor => ({
      name: `${person.name}, ${role.name} of ${role.environment}`,
      role: role.name,
      environments: [role.environment],
      person: person.name,
      starts: [personSession({ ...person, roles: [role.arn] })].map((session) => ({
        ...session,
        id: `${session.id}|${role.environment}`,
      })),
    }));
    const all: Actor[] =
      roles.length > 1
        ? [
            {
              name: `${person.name}, ${roles[0]!.name} of ${roles.map(({ environment }) => environment).join(", ")}`,
              role: roles[0]!.name,
              environments: roles.map(({ environment }) => environment),
              person: person.name,
              starts: [personSession(person)],
            },
          ]
        : [];
    return [...alone, ...all];
  });
  const others = world.roles
    .filter(({ kind }) => kinds.includes(kind))
    .map((role): Actor => {
      const owner = world.people.find(({ name, roles }) =>
        role.kind === "experiment"
          ? role.name === `experiment-${name}`
          : roles.some((arn) => world.roles.some((one) => one.arn === arn && `studio-${one.name}` === role.name)),
      );
      const person = role.kind === "workflow" ? undefined : owner?.name;
      return {
        name: `${role.name} of ${role.environment}`,
        role: role.name,
        environments: [role.environment],
        person,
        starts: [sessionOf(role, { identity: role.kind === "studio" ? person : undefined })],
      };
    });
  return [...dedupe(people), ...others];
}

/** One person of each role and environment stands for all of that role. */
function dedupe(actors: readonly Actor[]): Actor[] {
  const seen = new Set<string>();
  return actors.filter(({ role, environments }) => {
    const key = `${role} ${environments.join(",")}`;
    return !seen.has(key) && seen.add(key);
  });
}
