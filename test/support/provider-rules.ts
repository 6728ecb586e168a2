import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What the provider's own SDK says of one input, in its type and its documentation. */
export interface InputRule {
  readonly required: boolean;
  /** `Valid values: ...`, where the documentation lists them in full. */
  readonly values: readonly string[];
  /** `between A and B characters`, `up to B characters`. */
  readonly length?: readonly [min: number, max: number];
  /** Of a number: `between A and B`. */
  readonly range?: readonly [min: number, max: number];
  /** `Conflicts with ...`. */
  readonly conflicts: readonly string[];
  /** The structure that the input is, or is a list of: `sagemaker.PipelineParallelismConfiguration`. */
  readonly structure?: string;
  readonly list: boolean;
}

export type Rules = ReadonlyMap<string, InputRule>;

const known = new Map<string, Rules | undefined>();

/**
 * The rules of a type's inputs. The provider's schema (50 MB) is on no registry that a test may ask; the SDK's
 * declarations are generated from it and hold every input with its documentation.
 * @param token `aws:sqs/queue:Queue`.
 * @returns undefined for a type that the SDK does not have.
 */
export function rulesOf(token: string): Rules | undefined {
  if (!known.has(token)) known.set(token, read(token));
  return known.get(token);
}

const sdk = (...path: string[]): string => join(dirname(require.resolve("@pulumi/aws/package.json")), ...path);

function read(token: string): Rules | undefined {
  const [, module = "", file = "", name = ""] = /^aws:([\w-]+)\/([\w-]+):(\w+)$/.exec(token) ?? [];
  let source: string;
  try {
    source = readFileSync(sdk(module, `${file}.d.ts`), "utf8");
  } catch {
    return undefined;
  }
  return members(source.slice(source.indexOf(`export interface ${name}Args {`)));
}

/** The rules of a structure within an input. @param name `sagemaker.EndpointConfigurationProductionVariant`. */
export function rulesOfStructure(name: string): Rules | undefined {
  if (!known.has(name)) {
    const [module, interfaceName] = name.split(".") as [string, string];
    const source = namespaces().get(module) ?? "";
    const at = source.indexOf(`interface ${interfaceName} {`);
    known.set(name, at < 0 ? undefined : members(source.slice(at, source.indexOf("\n    }", at))));
  }
  return known.get(name);
}

let bySpace: ReadonlyMap<string, string> | undefined;
function namespaces(): ReadonlyMap<string, string> {
  const [, ...parts] = bySpace
    ? []
    : readFileSync(sdk("types", "input.d.ts"), "utf8").split(/^export declare namespace /m);
  return (bySpace ??= new Map(parts.map((part) => [/^\w+/.exec(part)![0], part])));
}

/** Each member of an interface: its documentation, its name, its type. */
function members(block: string): Rules {
  const found = block.matchAll(/(?:\/\*\*([^]*?)\*\/\s*)?\n\s+(\w+)(\?)?: ([^;]+);/g);
  return new Map(
    [...found].map(([, docs = "", input, optional, type = ""]): [string, InputRule] => {
      const structure = /inputs\.(\w+\.\w+)/.exec(type)?.[1];
      return [
        input!,
        {
          required: !optional,
          values: listed(docs),
          ...lengthRule(docs),
          ...rangeRule(docs, type),
          conflicts: conflicting(docs),
          ...(structure ? { structure } : {}),
          list: /\[\]/.test(type),
        },
      ];
    }),
  );
}

/** Values in backticks right after "Valid values", up to the end of the sentence, and those that "are also valid". */
function listed(docs: string): string[] {
  const text = flat(docs);
  const sentence =
    /(?:[Vv]alid values(?: are)?|[Ss]hould be one of|[Mm]ust be one of|[Pp]ossible values(?: are)?|[Oo]ne of):? ((?:`[^`]+`(?: \([^)]*\))?(?:, and |, or |, | and | or )?)+)\s*\./.exec(
      text,
    )?.[1] ?? "";
  const others = /((?:`[^`]+`(?:, and |, or |, | and | or )?)+) are also valid/.exec(text)?.[1] ?? "";
  return [...`${sentence} ${sentence && others}`.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

function lengthRule(docs: string): Pick<InputRule, "length"> {
  const length = lengthIn(docs);
  return length ? { length } : {};
}

function rangeRule(docs: string, type: string): Pick<InputRule, "range"> {
  const [, min, max] =
    (/\bnumber\b/.test(type) &&
      /(?:[Vv]alid values?|[Mm]ust be|[Vv]alue)(?: (?:are|is|range))? ?(?:a number |an integer )?(?:between|from)? `?(\d+)`? (?:and|to) `?(\d+)`?/.exec(
        flat(docs),
      )) ||
    [];
  return max === undefined ? {} : { range: [Number(min), Number(max)] };
}

const flat = (docs: string): string => docs.replace(/\s*\n\s*\*\s*/g, " ");

function lengthIn(docs: string): [number, number] | undefined {
  const [, min = "0", max] =
    /(?:between (\d+) and|(?:up to|at most|[Mm]aximum (?:of|length of))) (\d+) characters/.exec(flat(docs)) ?? [];
  return max === undefined ? undefined : [Number(min), Number(max)];
}

function conflicting(docs: string): string[] {
  const sentence = /Conflicts with ((?:`\w+`(?:, | and | or )?)+)/.exec(docs)?.[1] ?? "";
  return [...sentence.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
}

/** What is wrong with a resource's inputs, at whatever depth, by the provider's own rules. */
export function ruleProblems(token: string, inputs: Readonly<Record<string, unknown>>): string[] {
  const rules = rulesOf(token);
  return rules ? problemsIn(rules, inputs, "") : [`${token} is no type of the provider`];
}

function problemsIn(rules: Rules, inputs: Readonly<Record<string, unknown>>, path: string): string[] {
  const given = Object.keys(inputs).filter((name) => inputs[name] !== undefined && inputs[name] !== null);
  return [
    ...given.filter((name) => !rules.has(name)).map((name) => `${path}${name} is no input`),
    ...[...rules]
      .filter(([name, { required }]) => required && !given.includes(name))
      .map(([name]) => `${path}${name} is missing`),
    ...given.flatMap((name) =>
      (rules.get(name)?.conflicts ?? [])
        .filter((other) => given.includes(other))
        .map((other) => `${path}${name} conflicts with ${other}`),
    ),
    ...given.flatMap((name) => (rules.has(name) ? problemsOf(rules.get(name)!, inputs[name], path + name) : [])),
  ];
}

function problemsOf(rule: InputRule, value: unknown, at: string): string[] {
  const {
    values,
    length: [min, max] = [0, Infinity],
    range: [least, most] = [-Infinity, Infinity],
    structure,
    list,
  } = rule;
  if (typeof value === "string" && (value.length < min || value.length > max))
    return [`${at} has ${value.length} characters, not ${min} to ${max}`];
  if (typeof value === "string" && values.length > 1 && !values.includes(value))
    return [`${at} is ${value}, not one of ${values.join(", ")}`];
  if (typeof value === "number" && (value < least || value > most))
    return [`${at} is ${value}, not ${least} to ${most}`];
  if (list && !Array.isArray(value)) return [`${at} is no list`];
  if (!structure) return [];
  if (!list && Array.isArray(value)) return [`${at} is a list`];
  const inner = rulesOfStructure(structure);
  if (!inner) return [`${at} is of a structure that the SDK does not have: ${structure}`];
  return [value]
    .flat()
    .flatMap((one, index) =>
      one !== null && typeof one === "object"
        ? problemsIn(inner, one as Record<string, unknown>, `${at}${list ? `[${index}]` : ""}.`)
        : [],
    );
}
