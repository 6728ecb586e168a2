import type { Recorded } from "../mocks";
import {
  type Attribute,
  type Block,
  type ProviderSchema,
  spellings,
  terraformType,
  type TypeExpression,
} from "./schema";

/** A resource as Terraform's JSON has it, and inputs for which this version of the provider has no place. */
export interface Rendered {
  readonly type: string;
  readonly body: object;
  readonly unplaced: readonly string[];
}

/** What only AWS knows while the program is recorded. */
const unknown = "${var.elsewhere}";
const madeUp = /^arn:aws:mock:/;

/** Inputs that the bridge names in another way than by its rule, by type: Pulumi's name -> Terraform's. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aws_sns_topic_subscription: { topic: "topic_arn" },
  aws_cloudwatch_metric_alarm: { name: "alarm_name" },
  aws_lambda_function: { code: "filename", name: "function_name" },
  aws_lambda_permission: { function: "function_name" },
};

/** @returns undefined for a type that this version of the provider does not have. */
export function render(
  schema: ProviderSchema,
  { type: token, inputs }: Pick<Recorded, "type" | "inputs">,
): Rendered | undefined {
  const type = terraformType(schema, token);
  if (!type) return undefined;
  const unplaced: string[] = [];
  return { type, body: block(schema.resource_schemas[type]!.block, inputs, "", unplaced, renamed[type]), unplaced };
}

/** Inputs of a block; names of the bridge become Terraform's by the provider's own schema. */
function block(
  { attributes = {}, block_types = {} }: Block,
  inputs: Readonly<Record<string, unknown>>,
  path: string,
  unplaced: string[],
  names: Readonly<Record<string, string>> = {},
): object {
  // What is only told cannot be set.
  const settable = Object.keys(attributes).filter((name) => attributes[name]!.optional || attributes[name]!.required);
  return members(inputs, [...settable, ...Object.keys(block_types)], path, unplaced, names, (name, value, at) => {
    const inner = block_types[name];
    if (!inner) return attribute(attributes[name]!, value, at, unplaced);
    const held = [value].flat().map((one) => block(inner.block, one as Record<string, unknown>, at, unplaced));
    return inner.nesting_mode === "single" ? held[0] : held;
  });
}

function members(
  inputs: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
  unplaced: string[],
  names: Readonly<Record<string, string>>,
  place: (name: string, value: unknown, at: string) => unknown,
): object {
  const bySpelling = new Map(known.flatMap((name) => spellings(name).map((spelling) => [spelling, name] as const)));
  for (const name of known) bySpelling.set(spellings(name)[0]!, name);
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([input, value]) => {
      if (value === undefined || value === null) return [];
      const at = path === "" ? input : `${path}.${input}`;
      const name = names[input] ?? bySpelling.get(input);
      if (name) return [[name, place(name, value, at)] as const];
      unplaced.push(at);
      return [];
    }),
  );
}

function attribute({ type, nested_type: nested }: Attribute, value: unknown, at: string, unplaced: string[]): unknown {
  if (!nested) return typed(type!, value, at, unplaced);
  const held = [value]
    .flat()
    .map((one) =>
      members(one as Record<string, unknown>, Object.keys(nested.attributes), at, unplaced, {}, (name, inner, deeper) =>
        attribute(nested.attributes[name]!, inner, deeper, unplaced),
      ),
    );
  return nested.nesting_mode === "single" ? held[0] : held;
}

function typed(type: TypeExpression, value: unknown, at: string, unplaced: string[]): unknown {
  if (isAsset(value)) return unknown;
  if (typeof type === "string") return literal(value);
  const [kind, of] = type;
  if (kind === "object")
    return members(value as Record<string, unknown>, Object.keys(of), at, unplaced, {}, (name, inner, deeper) =>
      typed(of[name]!, inner, deeper, unplaced),
    );
  if (kind === "map")
    return typeof value === "string"
      ? literal(value)
      : Object.fromEntries(
          Object.entries(value as object).map(([key, inner]) => [literal(key), typed(of, inner, at, unplaced)]),
        );
  return [value].flat().map((one) => typed(of, one, at, unplaced));
}

/** Text as it stands, not as one of Terraform's expressions. */
function literal(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return madeUp.test(value) ? unknown : value.replace(/[$%](?=\{)/g, (sign) => sign + sign);
}

/** Files of Pulumi, which it gives to the provider as paths. */
const isAsset = (value: unknown): boolean =>
  value !== null && typeof value === "object" && ("__pulumiAsset" in value || "__pulumiArchive" in value);
