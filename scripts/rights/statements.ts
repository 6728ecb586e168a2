import type { Statement } from "../../infra/identity/document";
import { matches, commonMatch } from "../../lifecycle/access/glob";
import { boundaries } from "../../infra/identity/boundaries";
import { budgetRole } from "../../infra/identity/roles/budget";
import type { RoleDescription } from "../../infra/identity/roles/role-definition";
import type { Scope } from "../../infra/scope";
import { columns, type MatrixRole } from "../../automation/roles/matrix/expected";
import { cellsOf } from "../../automation/roles/matrix/rows";
import { allRoles, statementsOf } from "../../infra/identity/roles/all-roles";
import { trackingOf } from "../../automation/roles/world/tracking";
import { judge, type Right } from "./compare";
import { keptDenials, keptStatements } from "./kept-statements";
import { keptRights } from "./kept";
import type { Kept } from "./kept/entry";
import type { Used } from "./used";

/** A statement of a role in one environment, beside the others of that role and of its boundary. */
export interface Stated {
  readonly role: string;
  readonly environment: string;
  readonly statement: Statement;
  readonly others: readonly Statement[];
  readonly boundary: readonly Statement[];
}

/** What fails when a statement is taken out of the program. */
export interface Notice {
  /**
   * `matrix`: a cell of the matrix, asked as the role. `record`: a recorded call that nothing else allows. `boundary`:
   * nothing, since the boundary says the same.
   */
  readonly by: "matrix" | "record" | "boundary" | "reason";
  readonly what: string;
}

const fits = (pattern: string, text: string): boolean => matches(pattern.toLowerCase(), text.toLowerCase());

/** Every statement of every role of some environments, the budget's role among them. */
export function statedIn(scopes: readonly Scope[]): Stated[] {
  return scopes.flatMap((scope) => {
    const budget = budgetRole(scope);
    const roles: Readonly<Record<string, RoleDescription>> = {
      ...allRoles(scope),
      ...(budget ? { "budget-action": budget } : {}),
    };
    return Object.entries(roles).flatMap(([role, description]) => {
      const all = [...statementsOf(description), ...trackingOf(role, scope)];
      const boundary = boundaries(scope)[description.boundary ?? "boundary"]?.statements ?? [];
      return all.map((statement) => ({
        role,
        environment: scope.environment,
        statement,
        others: all.filter((other) => other !== statement),
        boundary,
      }));
    });
  });
}

/** What would be noticed without a statement. @returns undefined where nothing would. */
export function noticeOf(stated: Stated, used: Used, kept: readonly Kept[] = keptRights): Notice | undefined {
  const { role, statement } = stated;
  if (statement.Effect === "Deny") return denialNotice(stated);
  const listed = keptStatements[`${role} ${statement.Sid}`];
  if (listed) return { by: "reason", what: listed };
  const cell = cellFor(stated, "allowed");
  if (cell) return { by: "matrix", what: cell };
  const call = tellingCall(stated, used);
  if (call) return { by: "record", what: call };
  const rights: Right[] = statement.Action.map((action) => ({ role, statement: statement.Sid, action }));
  const unused = judge(rights, used, kept);
  return unused.every(({ why }) => why !== undefined) ? { by: "reason", what: unused[0]!.why! } : undefined;
}

/**
 * The cell of the matrix that asks for what a statement says, in its environment.
 * `test/automation/roles/matrix.spec.ts` asks all; `test/truth/removals.spec.ts` asks those of `dev` after it took the
 * statement out.
 */
export function cellFor(
  { role, environment, statement: { Action } }: Pick<Stated, "role" | "environment" | "statement">,
  wanted: "allowed" | "denied",
): string | undefined {
  if (!Object.values<string>(columns).includes(role)) return undefined;
  const found = cellsOf([role as MatrixRole]).find(
    ({ row, from, to, expected }) =>
      from === environment &&
      to === environment &&
      expected === wanted &&
      Action.some((action) => fits(action, row.action)),
  );
  return found && `${found.row.action} ${found.row.what}`;
}

/**
 * A recorded call that this statement allowed and that no other of the role covers: without the statement it is
 * refused.
 */
function tellingCall({ role, statement, others }: Stated, used: Used): string | undefined {
  const calls = Object.entries(used[role] ?? {}).filter(
    ([action, statements]) =>
      statements.includes(statement.Sid) && statement.Action.some((pattern) => fits(pattern, action)),
  );
  return calls.find(
    ([action]) =>
      !others.some(
        (other) =>
          other.Effect === "Allow" &&
          other.Action.some((pattern) => fits(pattern, action)) &&
          overlap(other, statement),
      ),
  )?.[0];
}

/** Whether some resource is both statements'. Conditions are left out: the careful answer is yes. */
function overlap(one: Statement, other: Statement): boolean {
  return (one.Resource ?? ["*"]).some((a) => (other.Resource ?? ["*"]).some((b) => commonMatch(a, b) !== undefined));
}

/** A boundary that says the same holds the role all the same; limits on jobs are met by cells of the matrix. */
function denialNotice(stated: Stated): Notice | undefined {
  const { role, statement, boundary } = stated;
  const same = boundary.find((one) => one.Sid === statement.Sid && JSON.stringify(one) === JSON.stringify(statement));
  if (same)
    return { by: "boundary", what: `the boundary says the same (${same.Sid}): a role without it is held all the same` };
  const cell = cellFor(stated, "denied");
  const listed = keptDenials[statement.Sid];
  if (listed) return listed.roles.includes(role) ? { by: "reason", what: listed.why } : undefined;
  if (cell) return { by: "matrix", what: cell };
  const alone = keptStatements[`${role} ${statement.Sid}`];
  return alone === undefined ? undefined : { by: "reason", what: alone };
}
