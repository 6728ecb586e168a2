import { isIP } from "node:net";
import { compilePattern, type Lookup, type Matcher } from "./pattern";

/**
 * A condition operator taken apart: `ForAnyValue:StringNotLikeIfExists` is base `StringLike`, negated, with set and
 * ifExists.
 */
export interface ConditionOperator {
  readonly base: string;
  readonly negated: boolean;
  readonly set: "ForAnyValue" | "ForAllValues" | undefined;
  readonly ifExists: boolean;
}

/** Makes a test of one context value against one value of the policy. */
type Compare = (wanted: string, variables: boolean) => Matcher;

const compares: Readonly<Record<string, Compare>> = {
  stringequals: (wanted, variables) => compilePattern(wanted, { wildcards: false, variables }),
  stringequalsignorecase: (wanted, variables) =>
    compilePattern(wanted, { wildcards: false, variables, ignoreCase: true }),
  stringlike: (wanted, variables) => compilePattern(wanted, { wildcards: true, variables }),
  // ArnEquals and ArnLike behave identically (IAM user guide): part by part, with wildcards.
  arnequals: (wanted, variables) => compilePattern(wanted, { wildcards: true, variables, arn: "condition" }),
  arnlike: (wanted, variables) => compilePattern(wanted, { wildcards: true, variables, arn: "condition" }),
  numericequals: number((got, wanted) => got === wanted),
  numericlessthan: number((got, wanted) => got < wanted),
  numericlessthanequals: number((got, wanted) => got <= wanted),
  numericgreaterthan: number((got, wanted) => got > wanted),
  numericgreaterthanequals: number((got, wanted) => got >= wanted),
  dateequals: date((got, wanted) => got === wanted),
  datelessthan: date((got, wanted) => got < wanted),
  datelessthanequals: date((got, wanted) => got <= wanted),
  dategreaterthan: date((got, wanted) => got > wanted),
  dategreaterthanequals: date((got, wanted) => got >= wanted),
  bool: (wanted) => {
    const value = wanted.toLowerCase();
    const known = value === "true" || value === "false";
    return (got) => known && got.toLowerCase() === value;
  },
  binaryequals: (wanted) => {
    const bytes = Buffer.from(wanted, "base64");
    return (got) => Buffer.from(got, "base64").equals(bytes);
  },
  ipaddress: (wanted) => {
    const range = parseRange(wanted);
    return (got) => range !== undefined && inRange(got, range);
  },
  null: () => () => true,
};

const negations: Readonly<Record<string, string>> = {
  stringnotequals: "stringequals",
  stringnotequalsignorecase: "stringequalsignorecase",
  stringnotlike: "stringlike",
  arnnotequals: "arnequals",
  arnnotlike: "arnlike",
  numericnotequals: "numericequals",
  datenotequals: "dateequals",
  notipaddress: "ipaddress",
};

/** @returns the operator's parts, or undefined when IAM has no such operator. Names are read in any letter case. */
export function conditionOperator(name: string): ConditionOperator | undefined {
  const parts = /^(?:(ForAnyValue|ForAllValues):)?(.+?)(IfExists)?$/i.exec(name);
  if (!parts) return undefined;
  const plain = parts[2]!.toLowerCase();
  const base = negations[plain] ?? plain;
  if (!Object.hasOwn(compares, base) || (base === "null" && parts[3])) return undefined;
  const set = parts[1]?.toLowerCase();
  return {
    base,
    negated: plain in negations,
    set: set === "foranyvalue" ? "ForAnyValue" : set === "forallvalues" ? "ForAllValues" : undefined,
    ifExists: parts[3] !== undefined,
  };
}

/** A line of a `Condition` block, compiled: does it hold in this request? */
export type ConditionTest = (lookup: Lookup) => boolean;

/**
 * Compiles one line of a `Condition` block.
 *
 * A key that is missing: positive operators fail, negated ones and `…IfExists` hold, `ForAllValues` holds,
 * `ForAnyValue` fails. For the latter two and for `Null`, values that are all empty strings count as missing ("a null
 * dataset, such as an empty string", IAM user guide). A negated operator holds when *none* of the policy's values
 * matches. A key with several values under an operator without `ForAnyValue`/`ForAllValues` is compared as if any of
 * its values might match.
 */
export function compileCondition(
  name: string,
  key: string,
  values: readonly string[],
  variables: boolean,
): ConditionTest {
  const operator = conditionOperator(name);
  if (!operator) throw new Error(`condition operator ${name} does not exist`);
  const asked = key.toLowerCase();
  if (operator.base === "null") {
    const absent = values.map((value) => value.toLowerCase() === "true");
    return (lookup) => absent.includes(isNull(lookup(asked)));
  }
  const tests = values.map((value) => compares[operator.base]!(value, variables));
  const { negated, set, ifExists } = operator;
  return (lookup) => {
    const got = lookup(asked);
    if (got === undefined || got.length === 0)
      return ifExists || set === "ForAllValues" || (negated && set === undefined);
    if (set && isNull(got)) return set === "ForAllValues";
    const fits = (value: string): boolean => tests.some((test) => test(value, lookup)) !== negated;
    if (set === "ForAllValues") return got.every(fits);
    if (set === "ForAnyValue" || !negated) return got.some(fits);
    return got.every(fits);
  };
}

function isNull(values: readonly string[] | undefined): boolean {
  return values === undefined || values.every((value) => value === "");
}

/** A whole or decimal number; anything else compares with nothing. */
function toNumber(text: string): number {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}

function number(compare: (got: number, wanted: number) => boolean): Compare {
  return (wanted) => {
    const limit = toNumber(wanted);
    return (got) => compare(toNumber(got), limit);
  };
}

const iso8601 = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** W3C's profile of ISO 8601, in UTC where no zone is named, or epoch seconds; four digits alone are a year. */
function toInstant(text: string): number {
  if (!/^\d{4}$/.test(text) && !Number.isNaN(toNumber(text))) return Number(text) * 1000;
  if (!iso8601.test(text)) return NaN;
  return Date.parse(text.includes("T") && !/(Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text);
}

function date(compare: (got: number, wanted: number) => boolean): Compare {
  return (wanted) => {
    const limit = toInstant(wanted);
    return (got) => compare(toInstant(got), limit);
  };
}

interface Range {
  readonly address: bigint;
  readonly shift: bigint;
  readonly family: number;
}

function parseRange(text: string): Range | undefined {
  const [address = "", length] = text.split("/");
  const family = isIP(address);
  if (!family) return undefined;
  const bits = family === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits) return undefined;
  const shift = BigInt(bits - prefix);
  return { address: toInteger(address, family) >> shift, shift, family };
}

function inRange(text: string, range: Range): boolean {
  const family = isIP(text);
  return family === range.family && toInteger(text, family) >> range.shift === range.address;
}

function toInteger(address: string, family: number): bigint {
  if (family === 4) return address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  // An embedded IPv4 tail (`::ffff:10.0.0.1`) is two more groups.
  const plain = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_all, a: string, b: string, c: string, d: string) =>
      `${((+a << 8) | +b).toString(16)}:${((+c << 8) | +d).toString(16)}`,
  );
  const [head = "", tail] = plain.split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill("0"), ...right].reduce(
    (sum, group) => (sum << 16n) + BigInt(parseInt(group, 16)),
    0n,
  );
}
