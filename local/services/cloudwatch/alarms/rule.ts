import { AwsError } from "../../../errors";
import type { AlarmState } from "./state";

/** A composite alarm's rule, read. */
export interface AlarmRule {
  /** Names of the alarms it refers to. */
  readonly children: readonly string[];
  holds(stateOf: (alarmName: string) => AlarmState | undefined): boolean;
}

type Holds = AlarmRule["holds"];

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", `AlarmRule must not contain invalid expressions: ${message}`);
}

/**
 * Reads a rule such as `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA("c"))`; also `TRUE`, `FALSE`, `AT_LEAST(2,
 * ALARM, (a, b, c))`.
 * @throws ValidationError when it cannot be read.
 */
export function parseAlarmRule(text: string): AlarmRule {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[(),]|[^\s(),"]+/g) ?? [];
  const children: string[] = [];
  let at = 0;
  const peek = (): string => (tokens[at] ?? "").toUpperCase();
  const take = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined) throw invalid(`'${text}' ends too early`);
    if (expected !== undefined && token.toUpperCase() !== expected)
      throw invalid(`'${expected}' expected, '${token}' found`);
    return token;
  };
  const alarmName = (): string => {
    const token = take();
    const name = (token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, "$1") : token).replace(
      /^arn:[^:]*:cloudwatch:[^:]*:\d*:alarm:/,
      "",
    );
    children.push(name);
    return name;
  };
  const or = (): Holds => {
    const terms = [and()];
    while (peek() === "OR") {
      at++;
      terms.push(and());
    }
    return terms.length === 1 ? terms[0]! : (stateOf) => terms.some((term) => term(stateOf));
  };
  const and = (): Holds => {
    const terms = [not()];
    while (peek() === "AND") {
      at++;
      terms.push(not());
    }
    return terms.length === 1 ? terms[0]! : (stateOf) => terms.every((term) => term(stateOf));
  };
  const not = (): Holds => {
    if (peek() !== "NOT") return atom();
    at++;
    const inner = not();
    return (stateOf) => !inner(stateOf);
  };
  const atom = (): Holds => {
    const token = peek();
    if (token === "(") {
      at++;
      const inner = or();
      take(")");
      return inner;
    }
    at++;
    if (token === "TRUE") return () => true;
    if (token === "FALSE") return () => false;
    if (token === "AT_LEAST") return atLeast();
    if (token === "ALARM" || token === "OK" || token === "INSUFFICIENT_DATA") {
      take("(");
      const name = alarmName();
      take(")");
      return (stateOf) => stateOf(name) === token;
    }
    throw invalid(`'${tokens[at - 1] ?? ""}' is not known`);
  };
  const atLeast = (): Holds => {
    take("(");
    const wanted = take();
    take(",");
    const state = take().toUpperCase();
    take(",");
    take("(");
    const names = [alarmName()];
    while (peek() === ",") {
      at++;
      names.push(alarmName());
    }
    take(")");
    take(")");
    const least = wanted.endsWith("%") ? Math.ceil((Number(wanted.slice(0, -1)) / 100) * names.length) : Number(wanted);
    if (!(least >= 1 && least <= names.length)) throw invalid(`AT_LEAST ${wanted} of ${names.length} alarms`);
    return (stateOf) => names.filter((name) => stateOf(name) === state).length >= least;
  };
  const holds = or();
  if (at < tokens.length) throw invalid(`unexpected '${tokens[at]}'`);
  return { children: [...new Set(children)], holds };
}
