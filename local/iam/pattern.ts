/** What a condition key holds in one request. */
export type Values = readonly string[];

/** Looks a condition key up; keys are asked for in lower case. Undefined or empty: the key is not in the request. */
export type Lookup = (key: string) => Values | undefined;

/** A pattern of a policy, compiled: does it match `text` in this request? */
export type Matcher = (text: string, lookup: Lookup) => boolean;

export interface PatternOptions {
  /** `*` and `?` are wildcards. */
  readonly wildcards: boolean;
  /** `${key}` is replaced; only policies of version 2012-10-17 have variables. */
  readonly variables: boolean;
  readonly ignoreCase?: boolean;
  /**
   * The six parts of an ARN are matched one by one: wildcards of the first five do not cross a colon. Only the pattern
   * of a Resource element may leave parts out at its end (`arn:aws:sqs:*` is `arn:aws:sqs:*:*:*`, IAM user guide); any
   * other ARN pattern without six parts matches nothing.
   */
  readonly arn?: "resource" | "condition";
}

/** Bindings of one pattern that are kept compiled: callers of a role differ in few tags. */
const maxBindings = 100;

type Piece =
  | { readonly literal: string }
  | { readonly wildcard: "*" | "?" }
  | { readonly key: string; readonly fallback: string | undefined };

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Compiles a pattern. Without variables it becomes a comparison, a prefix test or one regular expression; with them the
 * expression is built per request, since the values come from it. A variable without value and default matches nothing
 * (IAM: "effectively null").
 */
export function compilePattern(pattern: string, options: PatternOptions): Matcher {
  const pieces = splitPattern(options.arn === "resource" ? completeArn(pattern) : pattern, options);
  return pieces.some((piece) => "key" in piece) ? toBinder(pieces, options) : toMatcher(pieces, options);
}

/** `arn:aws:sqs:*` with the parts that its last wildcard stands for. */
function completeArn(pattern: string): string {
  const missing = 6 - pattern.split(":").length;
  return pattern !== "*" && missing > 0 && pattern.endsWith("*") ? pattern + ":*".repeat(missing) : pattern;
}

function toBinder(pieces: readonly Piece[], options: PatternOptions): Matcher {
  const matchers = new Map<string, (text: string) => boolean>();
  return (text, lookup) => {
    const bound: Piece[] = [];
    let values = "";
    for (const piece of pieces) {
      if (!("key" in piece)) bound.push(piece);
      else {
        const literal = valueOf(piece, lookup);
        if (literal === undefined) return false;
        bound.push({ literal });
        values += `${literal.length}:${literal}`;
      }
    }
    let matches = matchers.get(values);
    if (!matches) {
      if (matchers.size >= maxBindings) matchers.clear();
      matchers.set(values, (matches = toMatcher(bound, options)));
    }
    return matches(text);
  };
}

/** A variable stands for one value: a key with several has none. */
function valueOf({ key, fallback }: { key: string; fallback: string | undefined }, lookup: Lookup): string | undefined {
  const values = lookup(key);
  return values?.length === 1 ? values[0] : fallback;
}

function splitPattern(pattern: string, options: PatternOptions): Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  const push = (piece: Piece): void => {
    if (literal) pieces.push({ literal });
    literal = "";
    pieces.push(piece);
  };
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    const variable = options.variables && char === "$" ? /^\$\{([^{}]*)\}/.exec(pattern.slice(at)) : null;
    if (variable) {
      at += variable[0].length - 1;
      const body = variable[1]!;
      // ${*}, ${?} and ${$} are the characters themselves.
      if (body === "*" || body === "?" || body === "$") literal += body;
      else {
        const parts = /^\s*([^,]+?)\s*(?:,\s*'(.*)'\s*)?$/.exec(body);
        push({ key: (parts?.[1] ?? body).toLowerCase(), fallback: parts?.[2] });
      }
    } else if (options.wildcards && (char === "*" || char === "?")) push({ wildcard: char });
    else literal += char;
  }
  if (literal) pieces.push({ literal });
  return pieces;
}

function toMatcher(pieces: readonly Piece[], options: PatternOptions): (text: string) => boolean {
  const first = pieces[0];
  if (options.arn && colonsIn(pieces) < 5 && !(options.arn === "resource" && isWildcard(first) && pieces.length === 1))
    return () => false;
  if (!options.ignoreCase) {
    if (pieces.length === 0) return (text) => text === "";
    if (pieces.every((piece) => "literal" in piece)) {
      const whole = pieces.map((piece) => ("literal" in piece ? piece.literal : "")).join("");
      return (text) => text === whole;
    }
    if (pieces.length === 1 && isWildcard(first)) return () => true;
    if (pieces.length === 2 && first && "literal" in first && isWildcard(pieces[1])) {
      const { literal } = first;
      if (!options.arn || colonsIn([first]) >= 5) return (text) => text.startsWith(literal);
    }
  }
  const expression = new RegExp(`^${source(pieces, options.arn !== undefined)}$`, options.ignoreCase ? "is" : "s");
  return (text) => expression.test(text);
}

function isWildcard(piece: Piece | undefined): boolean {
  return piece !== undefined && "wildcard" in piece && piece.wildcard === "*";
}

function colonsIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + ("literal" in piece ? piece.literal.split(":").length - 1 : 0), 0);
}

function source(pieces: readonly Piece[], byParts: boolean): string {
  let seen = byParts ? 0 : 5;
  let regexp = "";
  for (const piece of pieces) {
    if ("literal" in piece) {
      seen += colonsIn([piece]);
      regexp += escape(piece.literal);
    } else if ("wildcard" in piece) {
      const any = seen < 5 ? "[^:]" : ".";
      regexp += piece.wildcard === "*" ? `${any}*` : any;
    }
  }
  return regexp;
}
