import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What the provider's own SDK says of one input, in its type and its documentation. */
export interface InputRule {
  readonly required: boolean;
  /** `Valid values: ...`, where the documentation lists them in full. */
  readonly values: readonly string[];
  /** `between A and B characters`, `up to B characters`. */
  readonly length?: readonly [min: number, max: number];
  /** `Conflicts with ...`. */
  readonly conflicts: readonly string[];
}

const known = new Map<string, ReadonlyMap<string, InputRule> | undefined>();

/**
 * The rules of a type's inputs. The provider's schema (50 MB) is on no registry that a test may ask; the SDK's declarations are generated from it and hold
 * every input with its documentation. @param token `aws:sqs/queue:Queue`. @returns undefined for a type that the SDK does not have.
 */
export function rulesOf(token: string): ReadonlyMap<string, InputRule> | undefined {
  if (!known.has(token)) known.set(token, read(token));
  return known.get(token);
}

function read(token: string): ReadonlyMap<string, InputRule> | undefined {
  const [, module = "", file = "", name = ""] = /^aws:([\w-]+)\/([\w-]+):(\w+)$/.exec(token) ?? [];
  let source: string;
  try {
    source = readFileSync(join(dirname(require.resolve("@pulumi/aws/package.json")), module, `${file}.d.ts`), "utf8");
  } catch {
    return undefined;
  }
  const block = source.slice(source.indexOf(`export interface ${name}Args {`));
  const rules = [...block.matchAll(/(?:\/\*\*([^]*?)\*\/\s*)?\n {4}(\w+)(\?)?: [^;]+;/g)].map(([, docs = "", input, optional]): [string, InputRule] => [input!, { required: !optional, values: listed(docs), ...lengthRule(docs), conflicts: conflicting(docs) }]);
  return new Map(rules);
}

/** Values in backticks right after "Valid values", up to the end of the sentence. */
function listed(docs: string): string[] {
  const sentence = /Valid values(?: are)?:? ((?:`[^`]+`(?: \([^)]*\))?(?:, and |, or |, | and | or )?)+)\s*\./.exec(docs.replace(/\s*\n\s*\*\s*/g, " "))?.[1] ?? "";
  return [...sentence.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

function lengthRule(docs: string): Pick<InputRule, "length"> {
  const length = lengthIn(docs);
  return length ? { length } : {};
}

function lengthIn(docs: string): [number, number] | undefined {
  const [, min = "0", max] = /(?:between (\d+) and|(?:up to|at most|[Mm]aximum (?:of|length of))) (\d+) characters/.exec(docs.replace(/\s*\n\s*\*\s*/g, " ")) ?? [];
  return max === undefined ? undefined : [Number(min), Number(max)];
}

function conflicting(docs: string): string[] {
  const sentence = /Conflicts with ((?:`\w+`(?:, | and | or )?)+)/.exec(docs)?.[1] ?? "";
  return [...sentence.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
}

/** What is wrong with a resource's inputs by the provider's own rules. */
export function ruleProblems(token: string, inputs: Readonly<Record<string, unknown>>): string[] {
  const rules = rulesOf(token);
  if (!rules) return [`${token} is no type of the provider`];
  const given = Object.keys(inputs).filter((name) => inputs[name] !== undefined && inputs[name] !== null);
  return [
    ...given.filter((name) => !rules.has(name)).map((name) => `${name} is no input`),
    ...[...rules].filter(([name, { required }]) => required && !given.includes(name)).map(([name]) => `${name} is missing`),
    ...given.flatMap((name) => (rules.get(name)?.conflicts ?? []).filter((other) => given.includes(other)).map((other) => `${name} conflicts with ${other}`)),
    ...given.flatMap((name) => {
      const { values = [], length: [min, max] = [0, Infinity] } = rules.get(name) ?? {};
      const value = inputs[name];
      if (typeof value === "string" && (value.length < min || value.length > max)) return [`${name} has ${value.length} characters, not ${min} to ${max}`];
      return typeof value === "string" && values.length > 1 && !values.includes(value) ? [`${name} is ${value}, not one of ${values.join(", ")}`] : [];
    }),
  ];
}
