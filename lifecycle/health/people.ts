import { splitPeople } from "../people";
import { type CheckResult, failed, ok, warning } from "./finding";

/** Roles that people take; the others are taken by AWS services. */
export const humanRoles = ["data-scientist", "ml-engineer", "approver", "auditor", "deployer"] as const;

/** Who asks, which roles there are, and who they are for. */
export interface TrustFacts {
  /** Session name of who asks. */
  readonly person: string;
  /** Roles of people that the environment has. */
  readonly roles: readonly string[];
  /** Those that the person can take, by the roles' trust policies and the person's own. */
  readonly assumable: ReadonlySet<string>;
  /** `name=role` of everybody who is listed. */
  readonly people: readonly string[];
  readonly requireMfa: boolean;
}

/**
 * Whether somebody can take the roles that are theirs, and no other. A role that nobody is listed for is everybody's.
 */
export function judgeTrust({ person, roles, assumable, people, requireMfa }: TrustFacts): CheckResult {
  const listed = people.map((entry) => entry.split("="));
  const mine = (role: string): boolean =>
    listed.some(([name, one]) => one === role && name === person) || !listed.some(([, one]) => one === role);
  const foreign = roles.filter((role) => assumable.has(role) && !mine(role));
  if (foreign.length > 0)
    return failed(
      `you (${person}) can take ${foreign.join(", ")}, which the settings give to others`,
      "Bring the stack up again, so that its trust policies say what its settings say.",
    );
  const refused = roles.filter((role) => !assumable.has(role) && mine(role));
  if (refused.length === 0)
    return ok(
      assumable.size > 0
        ? `you (${person}) can take ${[...assumable].join(", ")}`
        : `no role of people is yours (${person}), and you can take none`,
    );
  return warning(
    `you (${person}) cannot take ${refused.join(", ")}${requireMfa ? "; users of IAM need a second factor" : ""}`,
    requireMfa
      ? "Sign in with your second factor: aws sts get-session-token --serial-number DEVICE --token-code CODE"
      : "When you should: be named in peregrine:trustedPrincipals where that is set, and be allowed sts:AssumeRole and sts:SetSourceIdentity.",
  );
}

/** Whether everybody has the same role in all environments. @param people `name=role` entries by environment. */
export function judgePeople(people: Readonly<Record<string, readonly string[]>>): CheckResult {
  const split = splitPeople(people);
  if (split.length > 0)
    return failed(
      split.map(({ name, roles }) => `${name} is ${placesOf(roles)}`).join("; "),
      "Give each person one role, the same in every Pulumi.<stack>.yaml (peregrine:people).",
    );
  const entries = Object.values(people).flat();
  const names = new Set(entries.map((entry) => entry.split("=")[0]!.toLowerCase()));
  return ok(`${names.size} people, each with one role in all environments`);
}

function placesOf(roles: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(roles)
    .map(([role, environments]) => `${role} in ${environments.join(" and ")}`)
    .join(", ");
}
