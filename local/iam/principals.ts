import type { PrincipalElement } from "./document";
import type { CompiledStatement } from "./policy";
import type { Principal } from "./principal";

/**
 * How a resource-based policy names a caller: `direct` (user, session, service, federated, everyone), `role` (the role
 * behind the session: boundary and session policies still limit it) or `account` (the account decides by its identity
 * policies).
 */
export type Naming = "direct" | "role" | "account";

/**
 * @param bounded whether the caller has a permissions boundary: a Deny with NotPrincipal hits all who have one, whoever
 * it excepts (IAM user guide, NotPrincipal).
 * @returns how the statement's Principal element names the caller, undefined when it does not apply to it.
 */
export function namingOf(
  { principal: element, notPrincipal, effect }: CompiledStatement,
  caller: Principal,
  bounded: boolean,
): Naming | undefined {
  if (element === undefined) return "direct";
  if (notPrincipal) return isExcepted(element, caller) && !(bounded && effect === "Deny") ? undefined : "direct";
  return element === "*" ? "direct" : strongest(element, caller);
}

function strongest(element: Readonly<Record<string, readonly string[]>>, caller: Principal): Naming | undefined {
  if (caller.type === "service")
    return element.Service?.includes(caller.arn) || element.AWS?.includes("*") ? "direct" : undefined;
  if (caller.federatedProvider && element.Federated?.includes(caller.federatedProvider)) return "direct";
  const names = element.AWS;
  if (!names) return undefined;
  if (names.includes("*") || names.includes(caller.arn)) return "direct";
  if (caller.type === "user" && names.includes(caller.id)) return "direct";
  if (caller.roleArn && (names.includes(caller.roleArn) || names.includes(roleId(caller)))) return "role";
  if (!namesAccount(names, caller.accountId)) return undefined;
  return caller.type === "root" ? "direct" : "account";
}

/**
 * Whom NotPrincipal leaves out. Naming the account alone leaves nobody out but its root user, since AWS looks at the
 * account first and then at the user, or the role and its session.
 */
function isExcepted(element: PrincipalElement, caller: Principal): boolean {
  const naming = element === "*" ? "direct" : strongest(element, caller);
  return naming === "direct" || naming === "role";
}

/**
 * What IAM shows in place of a role that is gone, and what it remembers the role by: the part of the session's id
 * before the colon.
 */
function roleId({ id }: Principal): string {
  const colon = id.indexOf(":");
  return colon < 0 ? id : id.slice(0, colon);
}

function namesAccount(names: readonly string[], account: string): boolean {
  return names.some((name) => name === account || (name.startsWith("arn:") && name.endsWith(`:iam::${account}:root`)));
}
