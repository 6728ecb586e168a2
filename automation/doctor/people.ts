import type { AwsSession } from "../../aws/session";
import { callerIdentity, canTakeRole, ownName } from "../../aws/sts";
import { splitPeople } from "../../lifecycle/people";
import { failed, type Found, ok, warning } from "./checks";

/** Roles that people take; the others are taken by AWS services. */
const human = ["data-scientist", "ml-engineer", "approver", "auditor", "deployer"];

export interface Trust {
  /** ARNs of all roles of the environment, by name. */
  readonly roleArns: Readonly<Record<string, string>>;
  readonly requireMfa: boolean;
  /** `name=role` of everybody who is listed. */
  readonly people: readonly string[];
}

/** Whether who asks can take the roles of people that are theirs, and no other. A role that nobody is listed for is everybody's. */
export async function trustLook(session: AwsSession, { roleArns, requireMfa, people }: Trust): Promise<Found> {
  const me = ownName((await callerIdentity(session)).arn);
  const listed = people.map((entry) => entry.split("="));
  const roles = human.filter((role) => roleArns[role]);
  const mine = (role: string): boolean =>
    listed.some(([name, one]) => one === role && name === me.sessionName) || !listed.some(([, one]) => one === role);
  const taken = new Set(
    (
      await Promise.all(roles.map(async (role) => ((await canTakeRole(session, roleArns[role]!, me)) ? [role] : [])))
    ).flat(),
  );
  const foreign = roles.filter((role) => taken.has(role) && !mine(role));
  if (foreign.length > 0)
    return failed(
      `you (${me.sessionName}) can take ${foreign.join(", ")}, which the settings give to others`,
      "Bring the stack up again, so that its trust policies say what its settings say.",
    );
  const refused = roles.filter((role) => !taken.has(role) && mine(role));
  if (refused.length === 0)
    return ok(
      taken.size > 0
        ? `you (${me.sessionName}) can take ${[...taken].join(", ")}`
        : `no role of people is yours (${me.sessionName}), and you can take none`,
    );
  return warning(
    `you (${me.sessionName}) cannot take ${refused.join(", ")}${requireMfa ? "; users of IAM need a second factor" : ""}`,
    requireMfa
      ? "Sign in with your second factor: aws sts get-session-token --serial-number DEVICE --token-code CODE"
      : "When you should: be named in peregrine:trustedPrincipals where that is set, and be allowed sts:AssumeRole and sts:SetSourceIdentity.",
  );
}

/** Whether everybody is the same in all environments. @param people `name=role` entries by environment. */
export function onePersonOneRole(people: Readonly<Record<string, readonly string[]>>): Found {
  const split = splitPeople(people);
  if (split.length === 0)
    return ok(
      `${
        new Set(
          Object.values(people)
            .flat()
            .map((entry) => entry.split("=")[0]!.toLowerCase()),
        ).size
      } people, each with one role in all environments`,
    );
  const text = split.map(
    ({ name, roles }) =>
      `${name} is ${Object.entries(roles)
        .map(([role, environments]) => `${role} in ${environments.join(" and ")}`)
        .join(", ")}`,
  );
  return failed(
    text.join("; "),
    "Give each person one role, the same in every Pulumi.<stack>.yaml (peregrine:people).",
  );
}
