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
  /** Wildcards of the first five parts of an ARN do not cross a colon. */
  readonly arn?: boolean;
}

type Piece = { readonly literal: string } | { readonly wildcard: "*" | "?" } | { readonly key: string; readonly fallback: string | undefined };

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Compiles a pattern. Without variables it becomes a comparison, a prefix test or one regular expression; with them the expression is
 * built per request, since the values come from it. A variable without value and default matches nothing (IAM: "effectively null").
 */
export function compilePattern(pattern: string, options: PatternOptions): Matcher {
  const pieces = splitPattern(pattern, options);
  if (pieces.some((piece) => "key" in piece)) {
    return (text, lookup) => {
      const bound = pieces.map((piece) => ("key" in piece ? bind(piece, lookup) : piece));
      if (bound.includes(undefined)) return false;
      return toMatcher(bound as Piece[], options)(text);
    };
  }
  return toMatcher(pieces, options);
}

function bind(piece: { key: string; fallback: string | undefined }, lookup: Lookup): Piece | undefined {
  const values = lookup(piece.key);
  // A variable stands for one value: a key with several has none.
  const value = values?.length === 1 ? values[0] : piece.fallback;
  return value === undefined ? undefined : { literal: value };
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
  if (!options.ignoreCase) {
    if (pieces.length === 0) return (text) => text === "";
    if (pieces.every((piece) => "literal" in piece)) {
      const whole = pieces.map((piece) => ("literal" in piece ? piece.literal : "")).join("");
      return (text) => text === whole;
    }
    if (pieces.length === 1 && first && "wildcard" in first && first.wildcard === "*") return () => true;
    if (pieces.length === 2 && first && "literal" in first && "wildcard" in pieces[1]! && pieces[1].wildcard === "*") {
      const { literal } = first;
      if (!options.arn || literal.split(":").length > 5) return (text) => text.startsWith(literal);
    }
  }
  const colons = pieces.reduce((sum, piece) => sum + ("literal" in piece ? piece.literal.split(":").length - 1 : 0), 0);
  const short = options.arn === true && colons < 5;
  // Of an ARN with fewer than six parts only a `*` at its end (`arn:aws:s3:*`) can stand for those that are missing.
  const last = pieces[pieces.length - 1];
  if (short && !(last && "wildcard" in last && last.wildcard === "*")) return () => false;
  const expression = new RegExp(`^${source(pieces, options.arn === true && !short)}$`, options.ignoreCase ? "is" : "s");
  return (text) => expression.test(text);
}

function source(pieces: readonly Piece[], byParts: boolean): string {
  let seen = byParts ? 0 : 5;
  let regexp = "";
  for (const piece of pieces) {
    if ("literal" in piece) {
      seen += piece.literal.split(":").length - 1;
      regexp += escape(piece.literal);
    } else if ("wildcard" in piece) {
      const any = seen < 5 ? "[^:]" : ".";
      regexp += piece.wildcard === "*" ? `${any}*` : any;
    }
  }
  return regexp;
}
