import type { Condition, Parameter, Scalar, Value } from "./definition";
import { validationException } from "../../../errors";

/** Where references of a running execution lead to. */
export interface Scope {
  readonly parameters: Readonly<Record<string, Scalar>>;
  readonly execution: Readonly<Record<string, string>>;
  /** The answer to the Describe operation of a finished step. */
  response(step: string): unknown;
  /** A JSON file that a finished step wrote: by property file (`Steps.E.PropertyFiles.P`), or by S3 URI. */
  json(source: { readonly propertyFile: string } | { readonly s3Uri: string }): Promise<unknown>;
}

/** A reference that leads nowhere when it is needed; the step that holds it fails. */
export class Unresolved extends Error {}

/** The value with every `Get`, `Std:Join` and `Std:JsonGet` below it replaced by what it stands for. */
export async function resolve(value: Value, scope: Scope): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolve(item, scope)));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.length === 1) {
    const [key, inner] = entries[0]!;
    if (key === "Get" && typeof inner === "string") return lookUp(inner, scope);
    if (key === "Std:Join") return join(inner as { On?: unknown; Values?: unknown[] }, scope);
    if (key === "Std:JsonGet") return jsonGet(inner as Record<string, unknown>, scope);
  }
  return Object.fromEntries(
    await Promise.all(entries.map(async ([key, inner]) => [key, await resolve(inner, scope)] as const)),
  );
}

async function join(call: { On?: unknown; Values?: unknown[] }, scope: Scope): Promise<string> {
  const values = (await resolve(call.Values ?? [], scope)) as unknown[];
  return values.map(String).join(String(call.On ?? ""));
}

async function jsonGet(call: Record<string, unknown>, scope: Scope): Promise<unknown> {
  const path = String(await resolve(call["Path"], scope));
  const file = call["PropertyFile"] as { Get?: string } | string | undefined;
  const source =
    file !== undefined
      ? { propertyFile: typeof file === "string" ? file : String(file.Get) }
      : { s3Uri: String(await resolve(call["S3Uri"], scope)) };
  const found = walk(await scope.json(source), path.replace(/^\$\.?/, ""));
  if (found === undefined)
    throw new Unresolved(
      `Unable to read JsonPath '${path}' from ${"propertyFile" in source ? `property file ${source.propertyFile}` : source.s3Uri}: no such member.`,
    );
  return found;
}

function lookUp(reference: string, scope: Scope): unknown {
  const dot = reference.indexOf(".");
  const kind = reference.slice(0, dot);
  const rest = reference.slice(dot + 1);
  if (kind === "Parameters") return present(scope.parameters[rest], reference);
  if (kind === "Execution") return present(scope.execution[rest], reference);
  const [, step, path] = /^([A-Za-z0-9_-]+)\.?(.*)$/.exec(rest) ?? [];
  return present(walk(scope.response(step ?? ""), path ?? ""), reference);
}

function present<T>(value: T | undefined, reference: string): T {
  if (value === undefined) throw new Unresolved(`The reference '${reference}' has no value in this execution.`);
  return value;
}

/**
 * Follows a path such as `ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri` or `rows[0].value`. A quoted key on a
 * list finds the element whose `…Name` member is that key, as SageMaker's property references do.
 */
export function walk(from: unknown, path: string): unknown {
  const parts = [...path.matchAll(/\[\s*(?:'([^']*)'|"([^"]*)"|(\d+))\s*\]|([^.[\]]+)/g)];
  return parts.reduce<unknown>((at, [, single, double, index, name]) => {
    if (at === null || at === undefined) return undefined;
    if (index !== undefined) return (at as unknown[])[Number(index)];
    const key = single ?? double ?? name!;
    if (Array.isArray(at))
      return at.find(
        (item) =>
          item !== null &&
          typeof item === "object" &&
          Object.entries(item).some(([member, value]) => member.endsWith("Name") && value === key),
      );
    return (at as Record<string, unknown>)[key];
  }, from);
}

/** Whether a condition holds. */
export async function holds(condition: Condition, scope: Scope): Promise<boolean> {
  switch (condition.Type) {
    case "And":
      return (await Promise.all(condition.Conditions.map((inner) => holds(inner, scope)))).every(Boolean);
    case "Or":
      return (await Promise.all(condition.Conditions.map((inner) => holds(inner, scope)))).some(Boolean);
    case "Not":
      return !(await holds((condition.Expression ?? condition.Condition)!, scope));
    case "In": {
      const query = await resolve(condition.QueryValue ?? condition.Value, scope);
      const values = (await resolve(condition.Values ?? condition.In ?? [], scope)) as unknown[];
      return values.some((value) => equal(query, value));
    }
    default: {
      const [left, right] = await Promise.all([
        resolve(condition.LeftValue, scope),
        resolve(condition.RightValue, scope),
      ]);
      if (condition.Type === "Equals") return equal(left, right);
      if (condition.Type === "NotEquals") return !equal(left, right);
      const [a, b] = [Number(left), Number(right)];
      if (Number.isNaN(a) || Number.isNaN(b))
        throw new Unresolved(
          `Condition ${condition.Type} compares '${String(left)}' with '${String(right)}', and one of them is not a number.`,
        );
      if (condition.Type === "GreaterThan") return a > b;
      if (condition.Type === "GreaterThanOrEqualTo") return a >= b;
      return condition.Type === "LessThan" ? a < b : a <= b;
    }
  }
}

/** Property files hold numbers where a parameter may hold text: `1` and `"1"` are the same value to a pipeline. */
function equal(left: unknown, right: unknown): boolean {
  return left === right || (typeof left !== typeof right && String(left) === String(right));
}

/**
 * The parameters of one execution: what was given, typed and checked, over the defaults.
 * @throws ValidationException naming every parameter that is unknown, missing or of the wrong kind.
 */
export function bind(
  parameters: readonly Parameter[],
  given: readonly { Name: string; Value: string }[],
): Record<string, Scalar> {
  const problems = given
    .filter(({ Name }) => !parameters.some((known) => known.Name === Name))
    .map(({ Name }) => `Parameter '${Name}' is not defined in the pipeline definition`);
  const values: Record<string, Scalar> = {};
  for (const parameter of parameters) {
    const text = given.find(({ Name }) => Name === parameter.Name)?.Value;
    const value = text === undefined ? parameter.DefaultValue : typed(parameter, text);
    if (value === undefined)
      problems.push(
        text === undefined
          ? `Missing value for required parameter '${parameter.Name}'`
          : `Value '${text}' for parameter '${parameter.Name}' is not of type ${parameter.Type}`,
      );
    else if (parameter.EnumValues && !parameter.EnumValues.includes(value))
      problems.push(
        `Value '${String(value)}' for parameter '${parameter.Name}' failed to satisfy enum value set: [${parameter.EnumValues.join(", ")}]`,
      );
    else values[parameter.Name] = value;
  }
  if (problems.length > 0) throw validationException(`Invalid pipeline parameters: ${problems.join("; ")}`);
  return values;
}

function typed(parameter: Parameter, text: string): Scalar | undefined {
  switch (parameter.Type) {
    case "String":
      return text;
    case "Integer":
      return /^-?\d+$/.test(text.trim()) ? Number(text) : undefined;
    case "Float":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "Boolean":
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
  }
}
