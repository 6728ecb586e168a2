import { type Token, tokensOf } from "./tokens";

/** Kinds of facts that a run has. */
export const factKinds = ["metrics", "params", "tags", "run"] as const;
export type FactKind = (typeof factKinds)[number];

/** A fact by its name; without a kind the runs decide which one is meant. */
export interface FactName {
  readonly kind?: FactKind;
  readonly name: string;
  /** Where it stands in the expression, from 0. */
  readonly at: number;
}

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~";

export interface Literal {
  readonly value: number | string;
  readonly at: number;
}

export type Expression =
  | { readonly type: "or" | "and"; readonly sides: readonly Expression[] }
  | { readonly type: "not"; readonly side: Expression }
  | { readonly type: "compare"; readonly fact: FactName; readonly operator: Operator; readonly literal: Literal }
  | { readonly type: "in"; readonly fact: FactName; readonly literals: readonly Literal[]; readonly not: boolean }
  | { readonly type: "known"; readonly fact: FactName; readonly known: boolean };

export interface Order {
  readonly fact: FactName;
  readonly ascending: boolean;
}

/** An expression that cannot be read, with the place of what is wrong. */
export class ExpressionError extends Error {
  constructor(
    readonly expression: string,
    /** From 0. */
    readonly at: number,
    readonly problem: string,
  ) {
    super(`${problem}, at character ${at + 1}:\n  ${shown(expression)}\n  ${" ".repeat(at)}^`);
    this.name = "ExpressionError";
  }
}

/** Deeper ones are no question that a person asks. */
const maxDepth = 100;

/**
 * Reads a question about runs, such as `map50 > 0.5 and (model = 'yolo11n' or tags.reason ~ 'drift')`. `not` binds
 * closest, then `and`, then `or`.
 * @throws ExpressionError.
 */
export function parseExpression(text: string): Expression {
  return new Parser(text).whole();
}

/** Reads names of facts, such as `start, map50, params."learning rate"`. @throws ExpressionError. */
export function parseFactNames(text: string): FactName[] {
  return new Parser(text).orders(false).map(({ fact }) => fact);
}

/** Reads an order, such as `map50 desc, start asc`; what comes first is the highest where nothing is said. */
export function parseOrder(text: string): Order[] {
  return new Parser(text).orders(true);
}

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text, (at, problem) => this.fail(at, problem));
  }

  whole(): Expression {
    const found = this.or();
    this.end("and, or");
    return found;
  }

  orders(directed: boolean): Order[] {
    const found: Order[] = [];
    do {
      const fact = this.fact();
      const ascending = directed && this.takeWord("asc");
      if (directed && !ascending) this.takeWord("desc");
      found.push({ fact, ascending });
    } while (this.take(","));
    this.end("a comma");
    return found;
  }

  private or(): Expression {
    if (++this.depth > maxDepth) this.fail(this.token?.at ?? 0, `more than ${maxDepth} levels of parentheses`);
    const sides = [this.and()];
    while (this.takeWord("or")) sides.push(this.and());
    this.depth--;
    return sides.length === 1 ? sides[0]! : { type: "or", sides };
  }

  private and(): Expression {
    const sides = [this.not()];
    while (this.takeWord("and")) sides.push(this.not());
    return sides.length === 1 ? sides[0]! : { type: "and", sides };
  }

  private not(): Expression {
    let turned = false;
    while (this.takeWord("not")) turned = !turned;
    const side = this.primary();
    return turned ? { type: "not", side } : side;
  }

  private primary(): Expression {
    const opened = this.here();
    if (!this.take("(")) return this.comparison();
    const inside = this.or();
    if (!this.take(")")) this.fail(this.here(), `the parenthesis of character ${opened + 1} is not closed here`);
    return inside;
  }

  private comparison(): Expression {
    const fact = this.fact();
    const token = this.token;
    if (token?.kind === "operator") {
      this.next++;
      return { type: "compare", fact, operator: token.text as Operator, literal: this.literal() };
    }
    if (this.takeWord("is")) {
      const word = this.token;
      if (this.takeWord("missing")) return { type: "known", fact, known: false };
      if (this.takeWord("known")) return { type: "known", fact, known: true };
      return this.fail(word?.at ?? this.text.length, "expected missing or known after is");
    }
    const negated = this.takeWord("not");
    if (this.takeWord("in")) return { type: "in", fact, literals: this.list(), not: negated };
    return this.fail(
      this.here(),
      negated ? "expected in after not" : `expected a comparison (= != < <= > >= ~ !~, in, is) after ${fact.name}`,
    );
  }

  private list(): Literal[] {
    if (!this.take("(")) this.fail(this.here(), "expected a list in parentheses, such as ('a', 'b')");
    const literals = [this.literal()];
    while (this.take(",")) literals.push(this.literal());
    if (!this.take(")")) this.fail(this.here(), "expected a comma or the end of the list");
    return literals;
  }

  private fact(): FactName {
    const first = this.token;
    if (first?.kind === "string")
      this.fail(first.at, `'${first.text}' is a value; the name of a fact has no quotes, or double ones`);
    if (first?.kind !== "name") return this.fail(this.here(), "expected the name of a metric, parameter or tag");
    this.next++;
    if (first.quoted) return { name: first.text, at: first.at };
    const dot = first.text.indexOf(".");
    const prefix = first.text.slice(0, dot);
    const kind = kindOf(prefix);
    if (!kind) return { name: first.text, at: first.at };
    const rest = first.text.slice(dot + 1);
    // `tags."a name with spaces"`: the quoted part follows without a space.
    const quoted = this.token;
    if (rest === "" && quoted?.kind === "name" && quoted.quoted && quoted.at === first.at + first.text.length) {
      this.next++;
      return { kind, name: quoted.text, at: first.at };
    }
    if (rest === "") this.fail(first.at, `expected a name after ${prefix}.`);
    return { kind, name: rest, at: first.at };
  }

  private literal(): Literal {
    const token = this.token;
    if (token?.kind !== "string" && token?.kind !== "number")
      return this.fail(
        this.here(),
        token?.kind === "name"
          ? `texts need single quotes: '${token.text}'`
          : "expected a number, or a text in single quotes",
      );
    this.next++;
    return { value: token.kind === "number" ? Number(token.text) : token.text, at: token.at };
  }

  private take(kind: Token["kind"]): boolean {
    if (this.token?.kind !== kind) return false;
    this.next++;
    return true;
  }

  private takeWord(word: string): boolean {
    const token = this.token;
    if (token?.kind !== "name" || token.quoted || token.text.toLowerCase() !== word) return false;
    this.next++;
    return true;
  }

  private end(expected: string): void {
    const token = this.token;
    if (token) this.fail(token.at, `expected ${expected} or the end, and not ${token.text}`);
  }

  private get token(): Token | undefined {
    return this.tokens[this.next];
  }

  private here(): number {
    return this.token?.at ?? this.text.length;
  }

  private fail(at: number, problem: string): never {
    throw new ExpressionError(this.text, at, problem);
  }
}

/** `metric.`, `metrics.` and the like; `attributes.` is what MLflow calls a run's own facts. */
function kindOf(prefix: string): FactKind | undefined {
  const plural = {
    metric: "metrics",
    param: "params",
    parameter: "params",
    parameters: "params",
    tag: "tags",
  } as const;
  const kinds: Readonly<Record<string, FactKind>> = {
    ...plural,
    attribute: "run",
    attributes: "run",
    ...Object.fromEntries(factKinds.map((kind) => [kind, kind])),
  };
  return Object.hasOwn(kinds, prefix) ? kinds[prefix] : undefined;
}

/** What would move the marker away, or steer a terminal, is shown as one character. */
function shown(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
}
