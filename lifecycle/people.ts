/** A person whom environments list with different roles. */
export interface SplitPerson {
  readonly name: string;
  /** Environments by the role that they list the person with. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

/**
 * People whom environments list with different roles: whoever is ML engineer in one and approver in another holds both
 * duties. Names count whatever their letter case, as those of IAM users do.
 * @param people `name=role` entries by environment.
 */
export function splitPeople(people: Readonly<Record<string, readonly string[]>>): SplitPerson[] {
  const known = new Map<string, { name: string; roles: Record<string, string[]> }>();
  for (const [environment, entries] of Object.entries(people))
    for (const entry of entries) {
      const [name = "", role = ""] = entry.split("=");
      const person = known.get(name.toLowerCase()) ?? { name, roles: {} };
      known.set(name.toLowerCase(), person);
      (person.roles[role] ??= []).push(environment);
    }
  return [...known.values()].filter(({ roles }) => Object.keys(roles).length > 1);
}
