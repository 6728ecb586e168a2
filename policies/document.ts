/** A statement of a policy document, as far as rules look at it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
}

/** The statements of a policy document given as JSON text or as an object; none when it cannot be read. */
export function statementsOf(document: unknown): Statement[] {
  const read = typeof document === "string" ? parse(document) : document;
  const statement = (read as { Statement?: unknown } | undefined)?.Statement;
  return statement === undefined
    ? []
    : Array.isArray(statement)
      ? (statement as Statement[])
      : [statement as Statement];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An element that may be one value or a list, as a list of text. */
export function valuesOf(element: unknown): string[] {
  if (element === undefined || element === null) return [];
  return Array.isArray(element) ? element.map(String) : [String(element)];
}

/**
 * Whether a pattern of an `Action` or `Resource` element (`*` any text, `?` one character) matches. Actions ignore
 * case.
 */
export function matches(pattern: string, text: string, ignoreCase = false): boolean {
  if (!/[*?]/.test(pattern)) return ignoreCase ? pattern.toLowerCase() === text.toLowerCase() : pattern === text;
  const key = `${ignoreCase}${pattern}`;
  let expression = expressions.get(key);
  if (!expression) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    expression = new RegExp(`^${source}$`, ignoreCase ? "is" : "s");
    expressions.set(key, expression);
  }
  return expression.test(text);
}

/** Patterns as expressions: a stack's policies ask for the same few with many actions. */
const expressions = new Map<string, RegExp>();

/** Whether some text matches both patterns. Policy variables (`${aws:username}`) may be any text. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((pattern) => pattern.replace(/\$\{[^}]*\}/g, "*")) as [string, string];
  // Places in `b` that a text can have come to, which has come to the present place in `a`.
  let places = closure(new Set([0]), b);
  for (const char of a) {
    const next = new Set<number>(char === "*" ? places : []);
    if (char === "*") for (let place = Math.min(...places); place <= b.length; place += 1) next.add(place);
    else
      for (const place of places) {
        if (b[place] === "*") next.add(place);
        else if (place < b.length && (char === "?" || b[place] === "?" || b[place] === char)) next.add(place + 1);
      }
    places = closure(next, b);
    if (places.size === 0) return false;
  }
  return places.has(b.length);
}

/** With those that are reached by letting a `*` stand for nothing. */
function closure(places: Set<number>, pattern: string): Set<number> {
  for (const place of places) if (pattern[place] === "*") places.add(place + 1);
  return places;
}

/**
 * Whether every text that matches the inner pattern matches the outer one. A policy variable of the outer pattern
 * counts as it is written.
 */
export function includes(outer: string, inner: string): boolean {
  const expression = outer
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", "[^*]");
  return new RegExp(`^${expression}$`, "s").test(inner);
}

/** Whether a statement speaks about an action, by `Action` or by `NotAction`. */
export function covers(statement: Statement, action: string): boolean {
  if (statement.NotAction !== undefined)
    return !valuesOf(statement.NotAction).some((pattern) => matches(pattern, action, true));
  return valuesOf(statement.Action).some((pattern) => matches(pattern, action, true));
}

/** Types whose inputs hold policy documents of identities, and where. */
export const identityPolicies: Readonly<Record<string, (props: Record<string, unknown>) => unknown[]>> = {
  "aws:iam/policy:Policy": (props) => [props["policy"]],
  "aws:iam/rolePolicy:RolePolicy": (props) => [props["policy"]],
  "aws:iam/userPolicy:UserPolicy": (props) => [props["policy"]],
  "aws:iam/groupPolicy:GroupPolicy": (props) => [props["policy"]],
  "aws:iam/role:Role": (props) =>
    ((props["inlinePolicies"] as { policy?: unknown }[] | undefined) ?? []).map(({ policy }) => policy),
};
