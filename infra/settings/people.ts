import type { Demand } from "./problems";
import { flag, list, optional, type Values } from "./setting";

/** What people are. A person is one of these, everywhere. */
export const personRoles = ["data-scientist", "ml-engineer", "approver", "auditor", "deployer"] as const;
export type PersonRole = (typeof personRoles)[number];

const entry = new RegExp(`^([^=]*)=(${personRoles.join("|")})$`);

export const peopleSettings = {
  alertEmail: optional(/^[^@\s]+@[^@\s]+$/, "an e-mail address", {
    meaning: "Address that gets critical and warning alerts; empty subscribes nobody.",
    example: "team@example.org",
  }),
  trustedPrincipals: list(/^arn:aws[a-z-]*:(iam|sts)::\d{12}:[^*?]+$/, "ARNs of users or roles, without wildcards", {
    meaning:
      "ARNs of users or roles that may assume the human roles; empty trusts the account, whose IAM policies then decide.",
    example: "arn:aws:iam::123456789012:role/sso",
  }),
  people: list(entry, `a person and a role, such as anna=data-scientist (roles: ${personRoles.join(", ")})`, {
    meaning:
      "Everybody who works with Peregrine, each once as `name=role`, role data-scientist, ml-engineer, approver, auditor or deployer. The name is that of the person's IAM user, or the source identity that your identity provider sets, or the user name of IAM Identity Center. A role is taken by the people listed for it alone; where nobody is listed, by whoever is trusted, under their own name. Data scientists (in dev only) and ML engineers get a profile and a private space in Studio, and each data scientist a role for experiments. List a person with the same role in every stack.",
    example: "anna=data-scientist",
  }),
  requireMfa: flag({
    meaning:
      "IAM users can take human roles only with multi-factor authentication; the role of approvers in any case. Sessions of an identity provider bring its own second factor.",
    default: "false",
  }),
};
type PeopleValues = Values<typeof peopleSettings>;

/** What a source identity may hold (STS API, SourceIdentity), without `=`, which ends a name here. */
const sourceIdentity = /^[\w+,.@-]{2,64}$/;
/**
 * Who works in Studio has a profile of that name (SageMaker API, UserProfileName: 63), with `-lab` for its space. In
 * lower case, since SageMaker writes profiles so in its ARNs and IAM compares those exactly.
 */
const profileName = /^[a-z0-9](?:-*[a-z0-9]){0,58}$/;
/** `peregrine-dev-experiment-<name>` is a role's name (IAM API, RoleName: 64). */
const experimenterLength = 39;
/** Under `users/`, beside people's own folders: notebooks that are shared with their outputs. */
export const sharedOutputs = "shared";

/** Characters of a trust policy (IAM quotas: 2,048), less those that ours has whoever is listed and trusted. */
const trustRoom = 2_048 - 1_120;

export const peopleDemands: readonly Demand<PeopleValues>[] = [
  {
    of: ["people"],
    *clashes({ people }) {
      // IAM tells users apart without regard to case.
      const names = people.map((text) => personOf(text)?.name.toLowerCase());
      for (const [index, text] of people.entries()) {
        const person = personOf(text);
        if (!person) continue;
        const twice = names.indexOf(person.name.toLowerCase()) < index;
        const reason = problemOf(person) ?? (twice ? `${person.name} occurs twice; a person has one role` : undefined);
        if (reason) yield { name: "people", index, reason };
      }
    },
  },
  {
    of: ["people", "trustedPrincipals"],
    *clashes({ people, trustedPrincipals }) {
      const members = membersOf(people);
      for (const role of personRoles) {
        // Three statements say who is trusted, one says twice who is listed.
        const needed = 3 * JSON.stringify(trustedPrincipals).length + 2 * JSON.stringify(namesOf(members, role)).length;
        if (needed > trustRoom)
          yield {
            name: "people",
            reason: `has too many ${role}s (or peregrine:trustedPrincipals too many ARNs) for one trust policy: ${needed} of ${trustRoom} characters`,
          };
      }
    },
  },
];

/** Somebody who works with Peregrine. */
export interface Person {
  /**
   * The source identity of their sessions: the name of their IAM user, or the one that their identity provider vouches
   * for.
   */
  readonly name: string;
  readonly role: PersonRole;
}

/** Who works with Peregrine as what, and what they need to show. */
export interface PeopleSettings {
  readonly alertEmail: string | undefined;
  /** ARNs of who may take the roles of people; none trusts the account. */
  readonly trustedPrincipals: readonly string[];
  readonly requireMfa: boolean;
  /** Everybody, once. A role that nobody is listed for can be taken by whoever is trusted. */
  readonly members: readonly Person[];
}

export function peopleOf({ alertEmail, trustedPrincipals, requireMfa, people }: PeopleValues): PeopleSettings {
  return { alertEmail, trustedPrincipals, requireMfa, members: membersOf(people) };
}

function membersOf(people: readonly string[]): Person[] {
  return people.flatMap((text) => personOf(text) ?? []);
}

/** Undefined for what is no entry of the list. */
function personOf(text: string): Person | undefined {
  const [, name, role] = entry.exec(text) ?? [];
  return name === undefined ? undefined : { name, role: role as PersonRole };
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
