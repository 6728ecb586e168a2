import type { MlflowRun } from "../../aws/mlflow";
import { type Expression, ExpressionError, type FactName, type Literal, type Operator } from "./expression";
import { Catalogue, type Fact, type MetricOf, moments, UnknownFact, type Value, valueOf } from "./facts";

export type Matches = (run: MlflowRun) => boolean;

/**
 * What decides whether a run is asked for. A comparison with what a run does not have is false, whatever it compares;
 * `is missing` asks for that. Texts that are numbers are compared with numbers as numbers.
 * @param text where the expression was read, for messages.
 * @throws ExpressionError for names that no run has, patterns that are none, and comparisons that make no sense.
 */
export function filterOf(expression: Expression, text: string, catalogue: Catalogue, metricOf: MetricOf): Matches {
  const find = (fact: FactName): Fact => {
    try {
      return catalogue.find(fact);
    } catch (error) {
      if (error instanceof UnknownFact) throw new ExpressionError(text, fact.at, error.message);
      throw error;
    }
  };
  const compile = (part: Expression): Matches => {
    switch (part.type) {
      case "or": {
        const sides = part.sides.map(compile);
        return (run) => sides.some((side) => side(run));
      }
      case "and": {
        const sides = part.sides.map(compile);
        return (run) => sides.every((side) => side(run));
      }
      case "not": {
        const side = compile(part.side);
        return (run) => !side(run);
      }
      case "known": {
        const fact = find(part.fact);
        return (run) => (valueOf(run, fact, metricOf) !== undefined) === part.known;
      }
      case "in": {
        const fact = find(part.fact);
        const tests = part.literals.map((literal) => comparison("=", fact, literal, text));
        return (run) => {
          const value = valueOf(run, fact, metricOf);
          return value !== undefined && tests.some((test) => test(value)) !== part.not;
        };
      }
      case "compare": {
        const fact = find(part.fact);
        const test = comparison(part.operator, fact, part.literal, text);
        return (run) => {
          const value = valueOf(run, fact, metricOf);
          return value !== undefined && test(value);
        };
      }
    }
  };
  return compile(expression);
}

/** Names of the metrics that an expression asks about. */
export function metricsIn(expression: Expression, catalogue: Catalogue): string[] {
  switch (expression.type) {
    case "or":
    case "and":
      return expression.sides.flatMap((side) => metricsIn(side, catalogue));
    case "not":
      return metricsIn(expression.side, catalogue);
    default: {
      const { kind, key } = catalogue.find(expression.fact);
      return kind === "metrics" ? [key] : [];
    }
  }
}

function comparison(
  operator: Operator,
  fact: Fact,
  { value: wanted, at }: Literal,
  text: string,
): (value: Value) => boolean {
  if (operator === "~" || operator === "!~") {
    const pattern = patternOf(String(wanted), at, text);
    return (value) => pattern.test(String(value)) === (operator === "~");
  }
  if (fact.kind === "run" && moments.has(fact.key)) return moment(operator, wanted, at, text);
  if (typeof wanted === "string") {
    if (fact.kind === "metrics" || (fact.kind === "run" && fact.key === "seconds"))
      throw new ExpressionError(text, at, `${fact.key} is a number, and '${wanted}' is a text`);
    // By the order of letters, as versions and dates in texts have it.
    return ordered<string>(operator, wanted, String);
  }
  return ordered<number>(operator, wanted, (value) => (value === "" ? Number.NaN : Number(value)));
}

function ordered<Kind extends Value>(
  operator: Operator,
  wanted: Kind,
  read: (value: Value) => Kind,
): (value: Value) => boolean {
  return (found) => {
    const value = read(found);
    switch (operator) {
      case "=":
        return value === wanted;
      case "!=":
        return value !== wanted;
      case "<":
        return value < wanted;
      case "<=":
        return value <= wanted;
      case ">":
        return value > wanted;
      default:
        return value >= wanted;
    }
  };
}

/** A day without a time is its midnight in UTC. */
function moment(operator: Operator, wanted: Value, at: number, text: string): (value: Value) => boolean {
  const ms =
    typeof wanted === "string" && /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(wanted)
      ? Date.parse(wanted)
      : Number.NaN;
  if (Number.isNaN(ms))
    throw new ExpressionError(text, at, "expected a day or a moment, such as '2026-11-30' or '2026-11-30T08:00:00Z'");
  return ordered<number>(operator, ms, Number);
}

function patternOf(wanted: string, at: number, text: string): RegExp {
  try {
    return new RegExp(wanted, "iu");
  } catch (error) {
    throw new ExpressionError(text, at, `'${wanted}' is no regular expression: ${(error as Error).message}`);
  }
}
