import { parsePolicy, type PolicyKind, type PrincipalElement, type Statement } from "./document";
import { compileCondition, type ConditionTest } from "./operators";
import { compilePattern, type Lookup, type Matcher } from "./pattern";

/** A statement ready to be asked; its action is matched by the policy's index. */
export interface CompiledStatement {
  readonly effect: "Allow" | "Deny";
  /** The Sid, or `statement 2` where there is none: for explanations. */
  readonly label: string;
  readonly principal: PrincipalElement | undefined;
  readonly notPrincipal: boolean;
  /** Keys of its conditions, as they are written. */
  readonly conditionKeys: readonly string[];
  matchesResource(resource: string, lookup: Lookup): boolean;
  holds(lookup: Lookup): boolean;
}

/** The statements of one policy that speak of one action. */
export interface StatementsOfAction {
  readonly denies: readonly CompiledStatement[];
  readonly allows: readonly CompiledStatement[];
}

/**
 * More actions than any account uses; beyond it the index is built anew, so that invented action names cannot fill
 * memory.
 */
export const maxIndexedActions = 5000;

/** A policy document compiled once: patterns to matchers, statements indexed by action. */
export class CompiledPolicy {
  private readonly statements: {
    readonly compiled: CompiledStatement;
    readonly matchesAction: (action: string) => boolean;
  }[];
  private readonly index = new Map<string, StatementsOfAction>();

  constructor(
    readonly text: string,
    kind: PolicyKind,
  ) {
    const document = parsePolicy(text, kind);
    const variables = document.version === "2012-10-17";
    this.statements = document.statements.map((statement, at) => ({
      compiled: compileStatement(statement, at + 1, variables),
      matchesAction: compileActions(statement),
    }));
  }

  /** @param action in lower case: IAM's action names ignore it. */
  statementsOf(action: string): StatementsOfAction {
    const known = this.index.get(action);
    if (known) return known;
    if (this.index.size >= maxIndexedActions) this.index.clear();
    const matching = this.statements
      .filter((statement) => statement.matchesAction(action))
      .map((statement) => statement.compiled);
    const found = {
      denies: matching.filter((statement) => statement.effect === "Deny"),
      allows: matching.filter((statement) => statement.effect === "Allow"),
    };
    this.index.set(action, found);
    return found;
  }
}

const compiledByText: Readonly<Record<PolicyKind, Map<string, CompiledPolicy>>> = {
  identity: new Map(),
  trust: new Map(),
  resource: new Map(),
};
/** Sessions bring policies of their own text; the cache starts anew rather than grow with them. */
const maxCompiled = 2000;

/**
 * The compiled form of a document, from the cache when the same text was compiled before.
 * @throws AwsError MalformedPolicyDocument.
 */
export function compilePolicy(text: string, kind: PolicyKind): CompiledPolicy {
  const cache = compiledByText[kind];
  const known = cache.get(text);
  if (known) return known;
  if (cache.size >= maxCompiled) cache.clear();
  const compiled = new CompiledPolicy(text, kind);
  cache.set(text, compiled);
  return compiled;
}

function compileActions(statement: Statement): (action: string) => boolean {
  const patterns = statement.actions.map((action) =>
    compilePattern(action.toLowerCase(), { wildcards: true, variables: false }),
  );
  return (action) => anyMatches(patterns, action, () => undefined) !== statement.notAction;
}

function compileStatement(statement: Statement, number: number, variables: boolean): CompiledStatement {
  const resources = statement.resources.map((resource) =>
    compilePattern(resource, { wildcards: true, variables, arn: "resource" }),
  );
  const { notResource } = statement;
  // A trust policy has no Resource: it speaks of the role it belongs to.
  const anyResource = resources.length === 0;
  const conditions: readonly ConditionTest[] = statement.conditions.map(({ operator, key, values }) =>
    compileCondition(operator, key, values, variables),
  );
  return {
    effect: statement.effect,
    label: statement.sid || `statement ${number}`,
    principal: statement.principal,
    notPrincipal: statement.notPrincipal,
    conditionKeys: statement.conditions.map(({ key }) => key),
    matchesResource: (resource, lookup) => anyResource || anyMatches(resources, resource, lookup) !== notResource,
    holds: (lookup) => {
      for (const condition of conditions) if (!condition(lookup)) return false;
      return true;
    },
  };
}

function anyMatches(matchers: readonly Matcher[], text: string, lookup: Lookup): boolean {
  for (const matches of matchers) if (matches(text, lookup)) return true;
  return false;
}
