import { matches } from "../../../lifecycle/access/glob";
import type { RoleDescription } from "../../../infra/identity/roles";
import type { Scope } from "../../../infra/scope";
import { allRoles, statementsOf, trackingOf } from "../roles";
import { keptRights, type Kept } from "./kept";
import type { Used } from "./used";

/** A right that a role has: an action, as its policy writes it, in a statement. */
export interface Right {
  readonly role: string;
  readonly statement: string;
  readonly action: string;
}

/** A right and what became of it. */
export interface Judged extends Right {
  readonly used: boolean;
  /** Why it is kept though nobody used it. */
  readonly why?: string;
}

/** Every right of every role, in whatever environment has it. */
export function grantedRights(scopes: readonly Scope[]): Right[] {
  const found = new Map<string, Right>();
  for (const scope of scopes)
    for (const [role, description] of Object.entries<RoleDescription>(allRoles(scope)))
      for (const { Effect, Sid, Action } of [...statementsOf(description), ...trackingOf(role, scope)])
        if (Effect === "Allow") for (const action of Action) found.set(`${role} ${Sid} ${action}`, { role, statement: Sid, action });
  return [...found.values()];
}

const fits = (pattern: string, text: string): boolean => matches(pattern.toLowerCase(), text.toLowerCase());

/** Each right as used, kept for a reason, or neither. A right counts as used when its statement allowed such a call. */
export function judge(rights: readonly Right[], used: Used, kept: readonly Kept[] = keptRights): Judged[] {
  return rights.map((right) => {
    const calls = Object.entries(used[right.role] ?? {});
    const isUsed = calls.some(([action, statements]) => fits(right.action, action) && statements.includes(right.statement));
    return { ...right, used: isUsed, ...(isUsed ? {} : { why: reasonOf(right, kept)?.why }) };
  });
}

/** The entry that keeps a right. */
export function reasonOf(right: Right, kept: readonly Kept[] = keptRights): Kept | undefined {
  return kept.find(({ roles, rights }) => roles.some((role) => fits(role, right.role)) && rights.some((pattern) => fits(pattern, right.action) || fits(pattern, right.statement)));
}

/** Rights that nobody used and nothing justifies, in words. */
export function unjustified(judged: readonly Judged[]): string[] {
  return judged.filter(({ used, why }) => !used && why === undefined).map(({ role, statement, action }) => `${role}: ${action} (${statement})`);
}

/** Entries that keep nothing: what they name is used by now, or granted no longer. */
export function idle(judged: readonly Judged[], kept: readonly Kept[] = keptRights): string[] {
  const needed = new Set(judged.filter(({ used }) => !used).map((right) => reasonOf(right, kept)));
  return kept.filter((entry) => !needed.has(entry)).map(({ roles, rights }) => `${roles.join(", ")}: ${rights.join(", ")}`);
}

/** Calls that no right of the role explains: the record is of another program. */
export function unexplained(rights: readonly Right[], used: Used): string[] {
  return Object.entries(used).flatMap(([role, actions]) => Object.keys(actions).filter((action) => !rights.some((right) => right.role === role && fits(right.action, action))).map((action) => `${role}: ${action}`));
}
