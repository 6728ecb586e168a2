import { canAssume } from "../../aws/sts";
import type { AwsSession } from "../../aws/session";
import { type Found, ok, warning } from "./finding";

/** Roles that people take; the others are taken by AWS services. */
const human = ["data-scientist", "ml-engineer", "approver", "auditor"];

/** Whether the human roles of an environment can be taken by who asks. @param roleArns of all roles, by name. */
export async function trustLook(session: AwsSession, roleArns: Readonly<Record<string, string>>, requireMfa: boolean): Promise<Found> {
  const roles = human.filter((name) => roleArns[name]);
  const refused = (await Promise.all(roles.map(async (name) => ((await canAssume(session, roleArns[name]!)) ? [] : [name])))).flat();
  const mfa = requireMfa ? "; they need a second factor" : "";
  if (refused.length === 0) return ok(`${roles.join(", ")} can be taken${mfa}`);
  return warning(
    `you cannot take ${refused.join(", ")}${mfa}`,
    requireMfa ? "Sign in with your second factor (mfa_serial in the profile), or have somebody take them who has one." : "When you should: have your identity named in peregrine:trustedPrincipals, and allow it sts:AssumeRole.",
  );
}
