import type { AwsSession } from "../../aws/session";
import { callerIdentity, canTakeRole, ownName } from "../../aws/sts";
import type { CheckResult } from "../../lifecycle/health/finding";
import { humanRoles, judgeTrust } from "../../lifecycle/health/people";

export interface Trust {
  /** ARNs of all roles of the environment, by name. */
  readonly roleArns: Readonly<Record<string, string>>;
  readonly requireMfa: boolean;
  /** `name=role` of everybody who is listed. */
  readonly people: readonly string[];
}

/** Whether who asks can take the roles of people that are theirs, and no other. */
export async function trustCheck(session: AwsSession, { roleArns, requireMfa, people }: Trust): Promise<CheckResult> {
  const me = ownName((await callerIdentity(session)).arn);
  const roles = humanRoles.filter((role) => roleArns[role]);
  const answers = await Promise.all(roles.map((role) => canTakeRole(session, roleArns[role]!, me)));
  const assumable = new Set(roles.filter((_, index) => answers[index]));
  return judgeTrust({ person: me.sessionName, roles, assumable, people, requireMfa });
}
