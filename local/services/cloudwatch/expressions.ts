import { AwsError } from "../../errors";

/** A time series: value by epoch milliseconds. */
export type Values = ReadonlyMap<number, number>;
type Operand = number | Values | readonly Values[];

export interface ExpressionScope {
  /** The series of a query id. */
  series(id: string): Values;
  /** Ids of all queries that are metrics, for `METRICS()`. */
  metricIds(): readonly string[];
  readonly periodSeconds: number;
  /** Start of the first period. */
  readonly startMs: number;
  readonly endMs: number;
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => number>> = {
  "<": (a, b) => Number(a < b),
  ">": (a, b) => Number(a > b),
  "<=": (a, b) => Number(a <= b),
  ">=": (a, b) => Number(a >= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
};
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
  "||": (a, b) => Number(a !== 0 || b !== 0),
  "&&": (a, b) => Number(a !== 0 && b !== 0),
  ...COMPARE,
};
const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["<", ">", "<=", ">=", "==", "!="],
  ["+", "-"],
  ["*", "/"],
  ["^"],
];

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", `Error in expression: ${message}`);
}

/**
 * Computes a metric-math expression ("Using metric math"): numbers, query ids, arithmetic, comparisons, and the
 * functions ABS, AVG, CEIL, DIFF, FILL, FLOOR, IF, MAX, METRICS, MIN, PERIOD, RATE, RUNNING_SUM, SUM.
 * @throws ValidationError for anything else.
 */
export function evaluateExpression(text: string, scope: ExpressionScope): Values {
  const parser = new Parser(tokens(text), scope);
  const result = parser.parse();
  if (typeof result === "number") return new Map(ticks(scope).map((ms) => [ms, result]));
  if (result instanceof Map) return result as Values;
  throw invalid(`the result of '${text}' is a list of metrics; reduce it with SUM, AVG, MIN or MAX`);
}

/** Query ids that an expression names. */
export function idsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w"'])[a-z]\w*(?!\w|\s*\()/g)].map(([id]) => id);
}

function ticks({ startMs, endMs, periodSeconds }: ExpressionScope): number[] {
  const period = periodSeconds * 1000;
  const found: number[] = [];
  for (let ms = startMs; ms < endMs; ms += period) found.push(ms);
  return found;
}

function tokens(text: string): string[] {
  const found =
    text.match(/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|"[^"]*"|'[^']*'|<=|>=|==|!=|\|\||&&|[-+*/^<>(),[\]]/g) ??
    [];
  if (found.join("") !== text.replace(/\s+/g, "")) throw invalid(`'${text}' cannot be read`);
  return found;
}

class Parser {
  private at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly scope: ExpressionScope,
  ) {}

  parse(): Operand {
    const value = this.level(0);
    if (this.at < this.tokens.length) throw invalid(`unexpected '${this.tokens[this.at]}'`);
    return value;
  }

  private level(depth: number): Operand {
    const operators = LEVELS[depth];
    if (!operators) return this.unary();
    let left = this.level(depth + 1);
    for (
      let operator = this.tokens[this.at];
      operator !== undefined && operators.includes(operator);
      operator = this.tokens[this.at]
    ) {
      this.at++;
      left = combine(ARITHMETIC[operator]!, left, this.level(depth + 1));
    }
    return left;
  }

  private unary(): Operand {
    if (this.tokens[this.at] === "-") {
      this.at++;
      return combine((a, b) => a - b, 0, this.unary());
    }
    const token = this.tokens[this.at++];
    if (token === undefined) throw invalid("it ends too early");
    if (token === "(") return this.closed(this.level(0), ")");
    if (token === "[") return this.closed(this.list("]").flatMap(seriesOf), undefined);
    if (/^\d/.test(token)) return Number(token);
    if (this.tokens[this.at] === "(") {
      this.at++;
      return this.call(token.toUpperCase());
    }
    if (/^[a-z]\w*$/.test(token)) return this.scope.series(token);
    throw invalid(`unexpected '${token}'`);
  }

  private closed<T>(value: T, end: string | undefined): T {
    if (end !== undefined && this.tokens[this.at++] !== end) throw invalid(`'${end}' is missing`);
    return value;
  }

  private list(end: string): Operand[] {
    const items: Operand[] = [];
    if (this.tokens[this.at] !== end) {
      do items.push(this.level(0));
      while (this.tokens[this.at] === "," && ++this.at);
    }
    return this.closed(items, end);
  }

  private call(name: string): Operand {
    if (name === "FILL") return this.fill();
    if (name === "METRICS") {
      const label = this.tokens[this.at]?.startsWith('"') ? this.tokens[this.at++]!.slice(1, -1) : "";
      return this.closed(
        this.scope
          .metricIds()
          .filter((id) => id.includes(label))
          .map((id) => this.scope.series(id)),
        ")",
      );
    }
    const items = this.list(")");
    const [first, second, third] = items;
    if (first === undefined) throw invalid(`${name} needs an argument`);
    switch (name) {
      case "SUM":
      case "AVG":
      case "MIN":
      case "MAX":
        return reduce(name, items);
      case "ABS":
        return each(first, Math.abs);
      case "CEIL":
        return each(first, Math.ceil);
      case "FLOOR":
        return each(first, Math.floor);
      case "PERIOD":
        return this.scope.periodSeconds;
      case "IF": {
        if (second === undefined) throw invalid("IF needs a value");
        return choose(first, second, third);
      }
      case "DIFF":
        return running(first, (value, previous) => (previous === undefined ? undefined : value - previous.value));
      case "RATE":
        return running(first, (value, previous, ms) =>
          previous === undefined ? undefined : (value - previous.value) / ((ms - previous.ms) / 1000),
        );
      case "RUNNING_SUM": {
        let sum = 0;
        return running(first, (value) => (sum += value));
      }
      default:
        throw invalid(`function ${name} is not implemented by the local cloud`);
    }
  }

  private fill(): Values {
    const values = seriesOf(this.level(0))[0];
    if (!values || this.tokens[this.at++] !== ",") throw invalid("FILL needs a metric and a value");
    const token = this.tokens[this.at];
    const repeat = token === "REPEAT";
    const by = repeat ? (this.at++, 0) : this.level(0);
    this.closed(undefined, ")");
    let last: number | undefined;
    const filled = new Map<number, number>();
    for (const ms of ticks(this.scope)) {
      const value = values.get(ms) ?? (repeat ? last : typeof by === "number" ? by : seriesOf(by)[0]?.get(ms));
      if (value === undefined) continue;
      filled.set(ms, value);
      last = value;
    }
    return filled;
  }
}

function seriesOf(operand: Operand): Values[] {
  if (typeof operand === "number") return [];
  return operand instanceof Map ? [operand as Values] : [...(operand as readonly Values[])];
}

function combine(by: (a: number, b: number) => number, left: Operand, right: Operand): Operand {
  if (typeof left === "number" && typeof right === "number") return by(left, right);
  if (Array.isArray(left)) return seriesOf(left).map((one) => combine(by, one, right) as Values);
  if (Array.isArray(right)) return seriesOf(right).map((one) => combine(by, left, one) as Values);
  const out = new Map<number, number>();
  const [a, b] = [left as number | Values, right as number | Values];
  for (const ms of (typeof a === "number" ? (b as Values) : a).keys()) {
    const [x, y] = [typeof a === "number" ? a : a.get(ms), typeof b === "number" ? b : b.get(ms)];
    // CloudWatch leaves out points that have no finite value, such as a division by zero.
    if (x !== undefined && y !== undefined && Number.isFinite(by(x, y))) out.set(ms, by(x, y));
  }
  return out;
}

function each(operand: Operand, by: (value: number) => number): Operand {
  if (typeof operand === "number") return by(operand);
  if (operand instanceof Map) return new Map([...(operand as Values)].map(([ms, value]) => [ms, by(value)]));
  return (operand as readonly Values[]).map((one) => each(one, by) as Values);
}

function reduce(name: "SUM" | "AVG" | "MIN" | "MAX", operands: readonly Operand[]): Operand {
  const compute = (values: readonly number[]): number => {
    const sum = values.reduce((a, b) => a + b, 0);
    return name === "SUM"
      ? sum
      : name === "AVG"
        ? sum / values.length
        : name === "MIN"
          ? Math.min(...values)
          : Math.max(...values);
  };
  // Of one metric the function is a single number, of several one value per time.
  const [only] = operands;
  if (operands.length === 1 && only instanceof Map) return compute([...(only as Values).values()]);
  const all = operands.flatMap((operand) => (typeof operand === "number" ? [] : seriesOf(operand)));
  const times = [...new Set(all.flatMap((one) => [...one.keys()]))].sort((a, b) => a - b);
  return new Map(times.map((ms) => [ms, compute(all.flatMap((one) => one.get(ms) ?? []))]));
}

function choose(condition: Operand, yes: Operand, no: Operand | undefined): Operand {
  const pick = (operand: Operand | undefined, ms: number): number | undefined =>
    typeof operand === "number" || operand === undefined ? operand : seriesOf(operand)[0]?.get(ms);
  if (typeof condition === "number") return condition !== 0 ? yes : (no ?? new Map<number, number>());
  const out = new Map<number, number>();
  for (const [ms, value] of seriesOf(condition)[0] ?? []) {
    const chosen = pick(value !== 0 ? yes : no, ms);
    if (chosen !== undefined) out.set(ms, chosen);
  }
  return out;
}

function running(
  operand: Operand,
  by: (value: number, previous: { ms: number; value: number } | undefined, ms: number) => number | undefined,
): Values {
  const out = new Map<number, number>();
  let previous: { ms: number; value: number } | undefined;
  for (const [ms, value] of [...(seriesOf(operand)[0] ?? [])].sort(([a], [b]) => a - b)) {
    const result = by(value, previous, ms);
    if (result !== undefined) out.set(ms, result);
    previous = { ms, value };
  }
  return out;
}
