import { matches } from "../../lifecycle/access/glob";
import type { RoleDescription } from "../../infra/identity/roles/role-definition";
import type { Scope } from "../../infra/scope";
import { columns, type MatrixRole } from "../../automation/roles/matrix/expected";
import { cellsOf } from "../../automation/roles/matrix/rows";
import { allRoles, statementsOf } from "../../infra/identity/roles/all-roles";
import { trackingOf } from "../../automation/roles/world/tracking";
import { keptRights } from "./kept";
import type { Kept } from "./kept/entry";
import { type Used, usedByRole } from "./used";

/** A right that a role has: an action, as its policy writes it, in a statement. */
export interface Right {
  readonly role: string;
  readonly statement: string;
  readonly action: string;
}

/** A right and what became of it. */
export interface Judged extends Right {
  readonly used: boolean;
  /** Nobody used it, and the role matrix gives the role such a call by name. */
  readonly asked: boolean;
  /** Why it is kept though nobody used it and the matrix does not ask for it. */
  readonly why?: string;
}

/** Every right of every role, in whatever environment has it. */
export function grantedRights(scopes: readonly Scope[]): Right[] {
  const found = new Map<string, Right>();
  for (const scope of scopes)
    for (const [role, description] of Object.entries<RoleDescription>(allRoles(scope)))
      for (const { Effect, Sid, Action } of [...statementsOf(description), ...trackingOf(role, scope)])
        if (Effect === "Allow")
          for (const action of Action) found.set(`${role} ${Sid} ${action}`, { role, statement: Sid, action });
  return [...found.values()];
}

const fits = (pattern: string, text: string): boolean => matches(pattern.toLowerCase(), text.toLowerCase());

/**
 * Each right as used, asked for by the matrix, kept for a reason, or none of these. A right counts as used when its
 * statement allowed such a call.
 */
export function judge(rights: readonly Right[], used: Used, kept: readonly Kept[] = keptRights): Judged[] {
  return rights.map((right) => {
    const calls = Object.entries(used[right.role] ?? {});
    const isUsed = calls.some(
      ([action, statements]) => fits(right.action, action) && statements.includes(right.statement),
    );
    const asked = !isUsed && askedByMatrix(right);
    return { ...right, used: isUsed, asked, ...(isUsed || asked ? {} : { why: reasonOf(right, kept)?.why }) };
  });
}

/**
 * Whether the matrix says of the role that it may make such a call: then the call is made in rehearsals and tests, as
 * the role.
 */
function askedByMatrix({ role, action }: Pick<Right, "role" | "action">): boolean {
  return (
    Object.values<string>(columns).includes(role) &&
    cellsOf([role as MatrixRole]).some(({ expected, row }) => expected === "allowed" && fits(action, row.action))
  );
}

/** The entry that keeps a right. */
export function reasonOf(right: Right, kept: readonly Kept[] = keptRights): Kept | undefined {
  return kept.find(
    ({ roles, rights }) =>
      roles.some((role) => fits(role, right.role)) &&
      rights.some((pattern) => fits(pattern, right.action) || fits(pattern, right.statement)),
  );
}

/** Rights that nobody used and nothing justifies, in words. */
export function unjustified(judged: readonly Judged[]): string[] {
  return judged
    .filter(({ used, asked, why }) => !used && !asked && why === undefined)
    .map(({ role, statement, action }) => `${role}: ${action} (${statement})`);
}

/** Entries that keep nothing: what they name is used by now, or granted no longer. */
export function idle(judged: readonly Judged[], kept: readonly Kept[] = keptRights): string[] {
  const needed = new Set(judged.filter(({ used, asked }) => !used && !asked).map((right) => reasonOf(right, kept)));
  return kept
    .filter((entry) => !needed.has(entry))
    .map(({ roles, rights }) => `${roles.join(", ")}: ${rights.join(", ")}`);
}

/** Entries that say more than a right or a statement: `*` stands for no reason. */
export function sweeping(kept: readonly Kept[] = keptRights): string[] {
  return kept
    .filter(({ roles, rights }) => [...roles, ...rights].some((pattern) => /^(\w+:)?\*$/.test(pattern)))
    .map(({ roles, rights }) => `${roles.join(", ")}: ${rights.join(", ")}`);
}

/** Calls that no right of the role explains: the record is of another program. */
export function unexplained(rights: readonly Right[], used: Used): string[] {
  return Object.entries(used).flatMap(([role, actions]) =>
    Object.entries(actions).flatMap(([action, statements]) =>
      statements
        .filter((statement) => !granted(rights, role, action, statement))
        .map((statement) => `${role}: ${action} (${statement})`),
    ),
  );
}

/** A record without what the program grants no longer. */
export function stillGranted(rights: readonly Right[], used: Used): Used {
  const roles = Object.entries(used).map(([role, actions]) => {
    const kept = Object.entries(actions).map(
      ([action, statements]) =>
        [action, statements.filter((statement) => granted(rights, role, action, statement))] as const,
    );
    return [role, Object.fromEntries(kept.filter(([, statements]) => statements.length > 0))] as const;
  });
  return Object.fromEntries(roles.filter(([, actions]) => Object.keys(actions).length > 0));
}

function granted(rights: readonly Right[], role: string, action: string, statement: string): boolean {
  return rights.some((right) => right.role === role && right.statement === statement && fits(right.action, action));
}

/**
 * What a rehearsal's own record says against the program: a used right that is granted nowhere, and a granted one that
 * is neither used nor justified.
 * @internal the rehearsal's test asks it.
 */
export function contradictions(rights: readonly Right[], fresh: Used, recorded: Used): string[] {
  return [
    ...unexplained(rights, fresh).map((call) => `used and granted nowhere: ${call}`),
    ...unjustified(judge(rights, usedByRole(recorded, fresh))).map((right) => `neither used nor justified: ${right}`),
  ];
}
