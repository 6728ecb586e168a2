import { isIPv4 } from "node:net";
import { AwsError } from "../../errors";

/**
 * EventBridge event patterns ("Amazon EventBridge event patterns"): every field named in the pattern must match the
 * event.
 */
export type Matches = (event: unknown) => boolean;
type Test = (value: unknown, present: boolean) => boolean;

/**
 * Reads a pattern and answers a function that says whether an event matches it.
 * @throws InvalidEventPatternException with the reason.
 */
export function compilePattern(text: string): Matches {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    throw invalid((error as Error).message);
  }
  if (!isObject(pattern)) throw invalid("Filter is not an object");
  return compileObject(pattern);
}

function invalid(reason: string): AwsError {
  return new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function compileObject(pattern: Record<string, unknown>): Matches {
  if (Object.keys(pattern).length === 0) throw invalid("Empty objects are not allowed");
  const fields = Object.entries(pattern).map(([key, inner]): Matches => {
    if (key === "$or") return compileOr(inner);
    if (Array.isArray(inner)) {
      if (inner.length === 0) throw invalid("Empty arrays are not allowed");
      const tests = inner.map(compileTest);
      return (event) => {
        const present = isObject(event) && key in event;
        const value = present ? event[key] : undefined;
        // A list in an event matches when any of its elements does.
        const candidates = Array.isArray(value) ? value : [value];
        return tests.some((test) =>
          candidates.length === 0 ? test(undefined, false) : candidates.some((candidate) => test(candidate, present)),
        );
      };
    }
    if (!isObject(inner)) throw invalid(`"${key}" must be an object or an array`);
    const nested = compileObject(inner);
    return (event) => {
      const value = isObject(event) ? event[key] : undefined;
      return Array.isArray(value) ? value.some(nested) : nested(value);
    };
  });
  return (event) => fields.every((field) => field(event));
}

function compileOr(alternatives: unknown): Matches {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject))
    throw invalid("$or must be an array of at least two objects");
  const compiled = alternatives.map(compileObject);
  return (event) => compiled.some((matches) => matches(event));
}

function compileTest(matcher: unknown): Test {
  if (matcher === null || typeof matcher === "string" || typeof matcher === "number" || typeof matcher === "boolean")
    return (value, present) => present && value === matcher;
  if (!isObject(matcher) || Object.keys(matcher).length !== 1)
    throw invalid("Match value must be String, number, true, false, or null, or an object with exactly one match type");
  const [type, argument] = Object.entries(matcher)[0]!;
  if (type === "exists") {
    if (typeof argument !== "boolean") throw invalid("exists match pattern must be either true or false.");
    return (_value, present) => present === argument;
  }
  const test = comparison(type, argument);
  return (value, present) => present && test(value);
}

function comparison(type: string, argument: unknown): (value: unknown) => boolean {
  switch (type) {
    case "prefix":
    case "suffix":
    case "equals-ignore-case":
    case "wildcard":
      return textTest(type, argument);
    case "anything-but":
      return anythingBut(argument);
    case "numeric":
      return numeric(argument);
    case "cidr":
      return cidr(argument);
    default:
      throw invalid(`Unrecognized match type ${type}`);
  }
}

function textTest(
  type: "prefix" | "suffix" | "equals-ignore-case" | "wildcard",
  argument: unknown,
): (value: unknown) => boolean {
  if (
    isObject(argument) &&
    (type === "prefix" || type === "suffix") &&
    typeof argument["equals-ignore-case"] === "string"
  ) {
    const folded = argument["equals-ignore-case"].toLowerCase();
    return (value) =>
      typeof value === "string" &&
      (type === "prefix" ? value.toLowerCase().startsWith(folded) : value.toLowerCase().endsWith(folded));
  }
  if (typeof argument !== "string") throw invalid(`${type} match pattern must be a string`);
  if (type === "equals-ignore-case")
    return (value) => typeof value === "string" && value.toLowerCase() === argument.toLowerCase();
  if (type === "prefix") return (value) => typeof value === "string" && value.startsWith(argument);
  if (type === "suffix") return (value) => typeof value === "string" && value.endsWith(argument);
  if (argument.includes("**")) throw invalid("Consecutive wildcard characters at pos " + argument.indexOf("**"));
  const expression = new RegExp(
    `^${argument.replace(/\\\*|\*|[.+?^${}()|[\]\\]/g, (part) => (part === "*" ? "[^]*" : part === "\\*" ? "\\*" : `\\${part}`))}$`,
  );
  return (value) => typeof value === "string" && expression.test(value);
}

function anythingBut(argument: unknown): (value: unknown) => boolean {
  if (isObject(argument)) {
    const [type, inner] = Object.entries(argument)[0] ?? [];
    if (type !== "prefix" && type !== "suffix" && type !== "equals-ignore-case" && type !== "wildcard")
      throw invalid(`Unsupported anything-but pattern: ${type}`);
    const tests = [inner].flat().map((one) => textTest(type, one));
    return (value) => !tests.some((test) => test(value));
  }
  const refused = [argument].flat();
  if (refused.length === 0 || !refused.every((one) => typeof one === "string" || typeof one === "number"))
    throw invalid("Inside anything-but list, either all values must be number or string");
  return (value) => !refused.includes(value as string);
}

const NUMERIC: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function numeric(argument: unknown): (value: unknown) => boolean {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4))
    throw invalid("Invalid member in numeric match: a list [operator, number] or a range of two of them is expected");
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < argument.length; at += 2) {
    const operator = NUMERIC[String(argument[at])];
    const bound: unknown = argument[at + 1];
    if (!operator) throw invalid(`Unrecognized numeric range operator: ${String(argument[at])}`);
    if (typeof bound !== "number") throw invalid("Value of numeric match must be numeric");
    tests.push((value) => operator(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

function cidr(argument: unknown): (value: unknown) => boolean {
  const [address, bits] = typeof argument === "string" ? argument.split("/") : [];
  const size = Number(bits);
  if (!address || !isIPv4(address) || !(size >= 0 && size <= 32))
    throw invalid("Malformed CIDR, an IPv4 block such as 10.0.0.0/24 is expected");
  const shift = 2 ** (32 - size);
  const network = Math.floor(toNumber(address) / shift);
  return (value) => typeof value === "string" && isIPv4(value) && Math.floor(toNumber(value) / shift) === network;
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
