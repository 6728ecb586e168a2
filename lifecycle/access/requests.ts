import type { AllowedRequest, Evaluator, RequestPattern } from "./evaluator";
import { matches } from "./glob";
import { type Asset, list, type Session, type Statement } from "./model";
import { cannotBeAllowed, contextsFor, mayCover, resourcesFor } from "./request-candidates";
import { awsContext } from "./request-context";

/**
 * Finds a request that is allowed: on each resource that the session's own Allow statements and what is asked for have
 * in common, with each choice of what the caller chooses that the statements' conditions tell apart.
 */
export function findAllowedRequest(
  evaluator: Evaluator,
  session: Session,
  asset: Asset,
  asked: RequestPattern,
  region: string,
  freeTags = false,
): AllowedRequest | undefined {
  const action = asked.action;
  const { own, allows, bounds } = relevantStatements(session, action);
  if (allows.length === 0 && !asset.policy) return undefined;
  const ofResource = (asset.policy?.statements ?? []).filter((statement) => appliesTo(statement, action));
  const grants = ofResource.filter(({ Effect }) => Effect === "Allow");
  if (allows.length === 0 && grants.length === 0) return undefined;
  const fixed = { ...awsContext(session, asset, action, region, freeTags), ...lowerKeys(asked.context) };
  const statements = [...own, ...bounds, ...ofResource];
  for (const resource of resourcesFor(
    asked.pattern,
    {
      allows: [...allows, ...grants],
      bounds: bounds.filter(({ Effect }) => Effect === "Allow"),
      denies: statements.filter(({ Effect }) => Effect === "Deny"),
    },
    fixed,
  )) {
    if (cannotBeAllowed(resource, { own, bounds, grants }, session.boundary !== undefined, fixed)) continue;
    const about = statements.filter((statement) => mayCover(statement, resource, fixed));
    for (const context of contextsFor(about, fixed, freeTags)) {
      const verdict = evaluator.decide({
        session,
        action,
        resource,
        context,
        resourceAccount: asset.account,
        resourcePolicy: asset.policy,
        policyMustAllow: asset.policyMustAllow,
      });
      if (verdict.allowed)
        return {
          action,
          resource,
          context: choices(context, fixed),
          policy: verdict.policy ?? "?",
          statement: verdict.statement ?? "?",
        };
    }
  }
  return undefined;
}

function lowerKeys(context: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values]));
}

interface RelevantStatements {
  readonly own: readonly Statement[];
  readonly allows: readonly Statement[];
  readonly bounds: readonly Statement[];
}

const relevantBySession = new WeakMap<Session, Map<string, RelevantStatements>>();

/** The statements of a session's policies and boundary that are about an action. */
function relevantStatements(session: Session, action: string): RelevantStatements {
  let byAction = relevantBySession.get(session);
  if (!byAction) relevantBySession.set(session, (byAction = new Map()));
  let known = byAction.get(action);
  if (!known) {
    const own = session.policies.flatMap(({ statements }) =>
      statements.filter((statement) => appliesTo(statement, action)),
    );
    const bounds = (session.boundary?.statements ?? []).filter((statement) => appliesTo(statement, action));
    byAction.set(action, (known = { own, allows: own.filter(({ Effect }) => Effect === "Allow"), bounds }));
  }
  return known;
}

const appliesByStatement = new WeakMap<Statement, Map<string, boolean>>();

/** Whether a statement is about an action. */
function appliesTo(statement: Statement, action: string): boolean {
  let known = appliesByStatement.get(statement);
  if (!known) appliesByStatement.set(statement, (known = new Map()));
  let speaks = known.get(action);
  if (speaks === undefined) {
    const wanted = action.toLowerCase();
    const hit = list(statement.Action ?? statement.NotAction).some((pattern) => matches(pattern.toLowerCase(), wanted));
    known.set(action, (speaks = statement.NotAction ? !hit : hit));
  }
  return speaks;
}

/** What the caller chose, apart from what AWS sets. */
function choices(
  context: Readonly<Record<string, readonly string[]>>,
  fixed: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(context).filter(([key]) => !(key in fixed)));
}
