import { z } from "zod";

/** What a setting says about itself, beside its type. */
export interface Declaration<Default = string> {
  /** What it does, with its unit. */
  readonly meaning: string;
  /** Value of a stack that does not set it, as `Pulumi.yaml` has it. A setting without one is in every stack file. */
  readonly default?: Default;
  readonly example?: string;
}

/** What documents, `Pulumi.yaml` and the schema of the stack files tell about a setting. */
export interface About {
  readonly meaning: string;
  /** What is accepted, in words; problems end with it. */
  readonly expected: string;
  readonly default: string | readonly string[] | undefined;
  readonly example: string | undefined;
}

/** What is told about each setting. */
export const about = z.registry<About>();

/** Values of declared settings, by name. */
export type Values<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/**
 * A setting's schema. The engine hands everything over as text, the stack files hold numbers, switches and lists: each
 * schema takes both, and its answer to anything else is one sentence.
 */
function declare<Value>(
  schema: z.ZodType<Value>,
  expected: string,
  { meaning, default: fallback, example }: Declaration<string | readonly string[]>,
): z.ZodType<Value> {
  const complete = fallback === undefined ? schema : schema.prefault(fallback as never);
  about.add(complete, { meaning, expected, default: fallback, example });
  return complete;
}

/** What is wrong with a value: that there is none, or what it is; and what was expected. */
const wrong =
  (expected: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    input === undefined ? `is missing; expected ${expected}` : `is ${JSON.stringify(input)}; expected ${expected}`;

/**
 * Within a union: a branch that fails a check is out, so that the union's one sentence is said instead of the check's.
 */
const abort = { abort: true } as const;

/** A text that must match. @param expected says in words what matches. */
export function text(pattern: RegExp, expected: string, declaration: Declaration): z.ZodType<string> {
  const error = wrong(expected);
  return declare(z.string({ error }).regex(pattern, { error }), expected, declaration);
}

/** A text that may be left out or empty; undefined then. */
export function optional(pattern: RegExp, expected: string, declaration: Declaration): z.ZodType<string | undefined> {
  const schema = z.union([z.literal(""), z.string().regex(pattern, abort)], { error: wrong(expected) });
  return declare(
    schema.transform((value) => value || undefined),
    expected,
    { default: "", ...declaration },
  );
}

/** One of some words. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  declaration: Declaration,
  expected = `one of ${words.join(", ")}`,
): z.ZodType<Word> {
  return declare(z.enum(words, { error: wrong(expected) }), expected, declaration);
}

/** One of some numbers. */
export function oneNumberOf(numbers: readonly number[], declaration: Declaration): z.ZodType<number> {
  const expected = `one of ${numbers.join(", ")}`;
  const schema = z.union([z.literal([...numbers]), z.enum(numbers.map(String)).transform(Number)], {
    error: wrong(expected),
  });
  return declare(schema, expected, declaration);
}

/** A switch. */
export function flag(declaration: Declaration): z.ZodType<boolean> {
  const expected = "one of true, false";
  const schema = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")], {
    error: wrong(expected),
  });
  return declare(schema, expected, declaration);
}

/** A whole number within limits, both included. */
export function integer(min: number, max: number, declaration: Declaration): z.ZodType<number> {
  const expected = `a whole number from ${min} to ${max}`;
  return declare(written(z.int().gte(min, abort).lte(max, abort), /^-?\d+$/, expected), expected, declaration);
}

/** A number within limits, both included. */
export function decimal(min: number, max: number, declaration: Declaration): z.ZodType<number> {
  const expected = `a number from ${min} to ${max}`;
  const pattern = /^-?(\d+\.?\d*|\.\d+)([eE]-?\d+)?$/;
  return declare(written(z.number().gte(min, abort).lte(max, abort), pattern, expected), expected, declaration);
}

/** A number, or the text of one. */
function written(number: z.ZodType<number, number>, pattern: RegExp, expected: string): z.ZodType<number> {
  return z.union([number, z.string().regex(pattern, abort).transform(Number).pipe(number)], {
    error: wrong(expected),
  });
}

/** Some of the allowed words, comma-separated, each once. */
export function choices<const Word extends string>(
  words: readonly Word[],
  declaration: Declaration,
): z.ZodType<Word[]> {
  const expected = `some of ${words.join(", ")}, each once, comma-separated`;
  const error = wrong(expected);
  const eachOnce = (value: string) => split(value).length > 0 && new Set(split(value)).size === split(value).length;
  const schema = z
    .string({ error })
    .regex(commaSeparated(words), { error })
    .refine(eachOnce, { error, when: ({ issues }) => issues.length === 0 });
  return declare(
    schema.transform((value) => split(value) as Word[]),
    expected,
    declaration,
  );
}

/** Words between commas; spaces and empty places do not count. */
export function split(value: string): string[] {
  return value
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

function commaSeparated(words: readonly string[]): RegExp {
  const place = `\\s*(?:(?:${words.join("|")})\\s*)?`;
  return new RegExp(`^${place}(?:,${place})*$`);
}

/** A list of texts that must all match. @param expected says in words what one of them is. */
export function list(
  pattern: RegExp,
  expected: string,
  declaration: Declaration<readonly string[]>,
): z.ZodType<string[]> {
  const error = wrong(expected);
  return declareList(z.string({ error }).regex(pattern, { error }), expected, declaration);
}

/** A list of some words. */
export function listOf<const Word extends string>(
  words: readonly Word[],
  declaration: Declaration<readonly string[]>,
  expected = `one of ${words.join(", ")}`,
): z.ZodType<Word[]> {
  return declareList(z.enum(words, { error: wrong(expected) }), expected, declaration);
}

function declareList<Value>(
  element: z.ZodType<Value>,
  one: string,
  declaration: Declaration<readonly string[]>,
): z.ZodType<Value[]> {
  const expected = `a list of ${one}`;
  const schema = z.preprocess(elements, z.array(element, { error: wrong(expected) }));
  return declare(schema, expected, { default: [], ...declaration });
}

/**
 * A list as the file has it, or, as the engine hands it over, its JSON. Anything else stays as it is, and is refused.
 */
function elements(value: unknown): unknown {
  if (value === "") return [];
  try {
    const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return Array.isArray(parsed) ? parsed.map(String) : value;
  } catch {
    return value;
  }
}
