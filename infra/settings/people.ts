import type { Reader } from "./reader";

/** What people are. A person is one of these, everywhere. */
export const personRoles = ["data-scientist", "ml-engineer", "approver", "auditor", "deployer"] as const;
export type PersonRole = (typeof personRoles)[number];

/** Somebody who works with Peregrine. */
export interface Person {
  /** The source identity of their sessions: the name of their IAM user, or the one that their identity provider vouches for. */
  readonly name: string;
  readonly role: PersonRole;
}

export interface PeopleSettings {
  readonly alertEmail: string | undefined;
  /** ARNs of who may take the roles of people; none trusts the account. */
  readonly trustedPrincipals: readonly string[];
  readonly requireMfa: boolean;
  /** Everybody, once. A role that nobody is listed for can be taken by whoever is trusted. */
  readonly members: readonly Person[];
}

const entry = new RegExp(`^([^=]*)=(${personRoles.join("|")})$`);
/** What a source identity may hold (STS API, SourceIdentity), without `=`, which ends a name here. */
const sourceIdentity = /^[\w+,.@-]{2,64}$/;
/**
 * Who works in Studio has a profile of that name (SageMaker API, UserProfileName: 63), with `-lab` for its space. In lower case, since SageMaker
 * writes profiles so in its ARNs and IAM compares those exactly.
 */
const profileName = /^[a-z0-9](?:-*[a-z0-9]){0,58}$/;
/** `peregrine-dev-experiment-<name>` is a role's name (IAM API, RoleName: 64). */
const experimenterLength = 39;
/** Under `users/`, beside people's own folders: notebooks that are shared with their outputs. */
export const sharedOutputs = "shared";

/** Characters of a trust policy (IAM quotas: 2,048), less those that ours has whoever is listed and trusted. */
const trustRoom = 2_048 - 1_120;

/** Who works with Peregrine as what, and what they need to show. */
export function readPeople(read: Reader): PeopleSettings {
  const people = {
    alertEmail: read.optional("peregrine:alertEmail", /^[^@\s]+@[^@\s]+$/, "an e-mail address"),
    trustedPrincipals: read.list(
      "peregrine:trustedPrincipals",
      /^arn:aws[a-z-]*:(iam|sts)::\d{12}:[^*?]+$/,
      "ARNs of users or roles, without wildcards",
    ),
    requireMfa: read.boolean("peregrine:requireMfa"),
    members: readMembers(read),
  };
  for (const role of personRoles) {
    // Three statements say who is trusted, one says twice who is listed.
    const needed =
      3 * JSON.stringify(people.trustedPrincipals).length + 2 * JSON.stringify(namesOf(people.members, role)).length;
    if (needed > trustRoom)
      read.problem(
        "peregrine:people",
        `has too many ${role}s (or peregrine:trustedPrincipals too many ARNs) for one trust policy: ${needed} of ${trustRoom} characters`,
      );
  }
  return people;
}

function readMembers(read: Reader): Person[] {
  const key = "peregrine:people";
  const entries = read.list(
    key,
    entry,
    `a person and a role, such as anna=data-scientist (roles: ${personRoles.join(", ")})`,
  );
  // IAM tells users apart without regard to case.
  const names = entries.map((text) => entry.exec(text)?.[1]?.toLowerCase());
  return entries.flatMap((text, index): Person[] => {
    const [, name, role] = entry.exec(text) ?? [];
    if (name === undefined) return [];
    const person = { name, role: role as PersonRole };
    const wrong =
      problemOf(person) ??
      (names.indexOf(name.toLowerCase()) < index ? `${name} occurs twice; a person has one role` : undefined);
    if (wrong) read.problem(`${key}[${index}]`, wrong);
    return [person];
  });
}

function problemOf({ name, role }: Person): string | undefined {
  if (name.toLowerCase() === sharedOutputs)
    return `${name} is where Studio puts shared notebooks (users/${sharedOutputs}/), nobody's name`;
  if (role === "data-scientist" || role === "ml-engineer") {
    if (!profileName.test(name))
      return `${JSON.stringify(name)} cannot name a profile of Studio; expected up to 59 lower-case letters, digits and single hyphens`;
    if (role === "data-scientist" && name.length > experimenterLength)
      return `${name} is too long for the name of a role of experiments; expected up to ${experimenterLength} characters`;
  }
  return sourceIdentity.test(name)
    ? undefined
    : `${JSON.stringify(name)} cannot be a source identity; expected 2 to 64 letters, digits and _+,.@-`;
}

/** Names of those who have a role. */
export function namesOf(members: readonly Person[], role: PersonRole): string[] {
  return members.filter((person) => person.role === role).map(({ name }) => name);
}
