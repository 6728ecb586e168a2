import type { CompiledStatement } from "./policy";
import type { Principal } from "./principal";

/**
 * How a resource-based policy names a caller: `direct` (user, session, service, federated, everyone), `role` (the role behind
 * the session: boundary and session policies still limit it) or `account` (the account decides by its identity policies).
 */
export type Naming = "direct" | "role" | "account";

/** @returns how the statement's Principal element names the caller, undefined when it does not apply to it. */
export function namingOf(statement: CompiledStatement, principal: Principal): Naming | undefined {
  const { principal: element, notPrincipal } = statement;
  if (element === undefined) return "direct";
  const naming = element === "*" ? "direct" : strongest(element, principal);
  if (notPrincipal) return naming === undefined ? "direct" : undefined;
  return naming;
}

function strongest(element: Readonly<Record<string, readonly string[]>>, principal: Principal): Naming | undefined {
  if (principal.type === "service") return element.Service?.includes(principal.arn) || element.AWS?.includes("*") ? "direct" : undefined;
  if (principal.federatedProvider && element.Federated?.includes(principal.federatedProvider)) return "direct";
  const names = element.AWS;
  if (!names) return undefined;
  if (names.includes("*") || names.includes(principal.arn)) return "direct";
  if (principal.roleArn && names.includes(principal.roleArn)) return "role";
  const account = principal.accountId;
  const named = names.some((name) => name === account || (name.startsWith("arn:") && name.endsWith(`:iam::${account}:root`)));
  return named ? "account" : undefined;
}
