import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { compilePattern } from "../../local/model/patterns";

interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
}

interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** The official model of SageMaker, from botocore in the project's Python environment. */
export function sagemakerModel(): Model {
  const lib = join(__dirname, "..", "..", ".venv", "lib");
  const python = existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith("python3")) : undefined;
  if (!python) throw new Error("botocore's service models are missing; set the project up: npm start");
  const file = join(lib, python, "site-packages", "botocore", "data", "sagemaker", "2017-07-24", "service-2.json.gz");
  return JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")) as Model;
}

/**
 * What is wrong with a request, by the service's own model. Values that the pipeline fills in (`Get`, `Std:Join`,
 * `Std:JsonGet`) are taken for what they will become. @param filledIn members that the service fills in itself.
 */
export function requestProblems(
  model: Model,
  operation: string,
  request: unknown,
  filledIn: readonly string[] = [],
): string[] {
  return check(model, model.operations[operation]!.input!.shape, request, operation, filledIn);
}

function check(model: Model, name: string, value: unknown, path: string, filledIn: readonly string[] = []): string[] {
  const shape = model.shapes[name]!;
  if (isExpression(value)) return [];
  switch (shape.type) {
    case "structure": {
      if (value === null || typeof value !== "object" || Array.isArray(value)) return [`${path} is not a structure`];
      const members = value as Record<string, unknown>;
      const unknown = Object.keys(members)
        .filter((member) => !shape.members?.[member])
        .map((member) => `${path}.${member} is not a member`);
      const missing = (shape.required ?? [])
        .filter((member) => !(member in members) && !filledIn.includes(member))
        .map((member) => `${path}.${member} is missing`);
      const inner = Object.entries(members).flatMap(([member, one]) =>
        shape.members?.[member] ? check(model, shape.members[member].shape, one, `${path}.${member}`) : [],
      );
      return [...unknown, ...missing, ...inner];
    }
    case "list":
      return Array.isArray(value)
        ? [
            ...size(shape, value.length, path),
            ...value.flatMap((one, index) => check(model, shape.member!.shape, one, `${path}[${index}]`)),
          ]
        : [`${path} is not a list`];
    case "map":
      return Object.entries(value as object).flatMap(([key, one]) =>
        check(model, shape.value!.shape, one, `${path}.${key}`),
      );
    case "string":
      if (typeof value !== "string") return [`${path} is ${JSON.stringify(value)}, not text`];
      if (shape.enum && !shape.enum.includes(value))
        return [`${path} is ${value}, not one of ${shape.enum.slice(0, 8).join(", ")}`];
      if (shape.pattern && compilePattern(shape.pattern)?.test(value) === false)
        return [`${path} is ${value}, which does not match ${shape.pattern}`];
      return size(shape, value.length, path);
    case "boolean":
      return typeof value === "boolean" ? [] : [`${path} is not a boolean`];
    case "integer":
    case "long":
    case "float":
    case "double":
      return typeof value === "number" ? size(shape, value, path) : [`${path} is not a number`];
    default:
      return [];
  }
}

function size(shape: Shape, value: number, path: string): string[] {
  return (shape.min !== undefined && value < shape.min) || (shape.max !== undefined && value > shape.max)
    ? [`${path}: ${value} is outside ${shape.min ?? ""}..${shape.max ?? ""}`]
    : [];
}

function isExpression(value: unknown): boolean {
  return (
    value !== null &&
    typeof value === "object" &&
    Object.keys(value).length === 1 &&
    ["Get", "Std:Join", "Std:JsonGet"].includes(Object.keys(value)[0]!)
  );
}
