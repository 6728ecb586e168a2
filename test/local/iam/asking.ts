import { fixedContext } from "../../../local/iam/context";
import { evaluate, type Decision, type NamedPolicy, type PolicySet, type Question } from "../../../local/iam/evaluate";
import { compilePolicy } from "../../../local/iam/policy";
import type { Principal } from "../../../local/iam/principal";
import { document } from "./account";

export const account = "111122223333";
export const user: Principal = userNamed("ann");
export const session: Principal = sessionOf("dev", "s");
export const root: Principal = { type: "root", arn: `arn:aws:iam::${account}:root`, accountId: account, id: account };

export function userNamed(name: string, accountId = account): Principal {
  return { type: "user", arn: `arn:aws:iam::${accountId}:user/${name}`, accountId, id: `AIDA${name.toUpperCase()}` };
}

export function sessionOf(role: string, name: string, accountId = account): Principal {
  return {
    type: "role",
    arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`,
    accountId,
    id: `AROA${role.toUpperCase()}:${name}`,
    roleArn: `arn:aws:iam::${accountId}:role/${role}`,
  };
}

export const identity = (...statements: object[]): NamedPolicy => ({
  name: "identity",
  policy: compilePolicy(document(...statements), "identity"),
});
export const resource = (...statements: object[]): NamedPolicy => ({
  name: "resource",
  policy: compilePolicy(document(...statements), "resource"),
});

/** One question: policies, and what is asked where it is not `s3:GetObject` on an object by `user`. */
export interface Case extends Partial<PolicySet> {
  readonly action?: string;
  readonly on?: string;
  readonly by?: Principal;
  readonly context?: Record<string, string | string[]>;
  readonly owner?: string;
  readonly mustAllow?: boolean;
}

export function decide({
  action = "s3:GetObject",
  on = "arn:aws:s3:::b/k",
  by = user,
  context = {},
  owner,
  mustAllow,
  ...policies
}: Case): Decision {
  const question: Question = {
    action,
    resource: on,
    principal: by,
    lookup: fixedContext(context),
    resourceAccount: owner,
    resourceMustAllow: mustAllow,
  };
  return evaluate(question, { identity: [], ...policies });
}

/** The verdict in words: allowed, denied by a Deny, or not allowed for want of an Allow, and by which layer. */
export function verdict(one: Case): string {
  const { allowed, explicit, layer } = decide(one);
  return `${allowed ? "allowed" : explicit ? "denied" : "not allowed"} by ${layer}`;
}
