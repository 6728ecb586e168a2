import type { Members } from "../members";
import { AwsError } from "../errors";
import { compilePattern } from "./patterns";
import type { Member, Shape } from "./shapes";

/** What a check found: AWS's constraint sentences, and members that the model does not know (dotted paths). */
export interface Findings {
  readonly failures: string[];
  readonly unknown: string[];
  readonly lenient: boolean;
}

type Check = (value: unknown, path: string, found: Findings) => void;

const failed = "failed to satisfy constraint:";

/** Checks of one service's shapes, each compiled once to a closure. */
export class Validators {
  private readonly compiled = new Map<Shape, Check>();

  /** Checks the members of an operation's input. Lenient: unknown members are deleted from the input. */
  check(shape: Shape, input: Members, lenient: boolean): Findings {
    const found: Findings = { failures: [], unknown: [], lenient };
    this.of(shape)(input, "", found);
    return found;
  }

  private of(shape: Shape): Check {
    const known = this.compiled.get(shape);
    if (known) return known;
    // A recursive shape meets itself while it is compiled: it then calls through this entry, which is filled below.
    let own: Check = () => undefined;
    this.compiled.set(shape, (value, path, found) => own(value, path, found));
    own = this.compile(shape);
    this.compiled.set(shape, own);
    return own;
  }

  private compile(shape: Shape): Check {
    if (shape.document) return () => undefined;
    switch (shape.type) {
      case "structure":
        return this.structure(shape);
      case "list": {
        const element = this.of(shape.element!.shape);
        const size = lengthCheck(shape);
        return (value, path, found) => {
          if (!Array.isArray(value)) return typeError(path, "a list", value);
          size?.(value.length, value, path, found);
          for (let index = 0; index < value.length; index++)
            element(value[index], `${path}.${index + 1}.member`, found);
        };
      }
      case "map": {
        const key = this.of(shape.key!.shape);
        const item = this.of(shape.value!.shape);
        const size = lengthCheck(shape);
        return (value, path, found) => {
          if (typeof value !== "object" || value === null || Array.isArray(value))
            return typeError(path, "a map", value);
          const entries = Object.entries(value);
          size?.(entries.length, value, path, found);
          for (const [name, held] of entries) {
            key(name, `${path}.${name}.key`, found);
            item(held, `${path}.${name}.member`, found);
          }
        };
      }
      case "string":
      case "character":
        return text(shape);
      case "integer":
      case "long":
      case "float":
      case "double":
        return number(shape);
      case "boolean":
        return (value, path) => {
          if (typeof value !== "boolean") typeError(path, "a Boolean", value);
        };
      case "timestamp":
        return (value, path) => {
          const date =
            value instanceof Date ? value : new Date(typeof value === "number" ? value * 1000 : String(value));
          if (Number.isNaN(date.getTime())) typeError(path, "a Timestamp", value);
        };
      case "blob": {
        const size = lengthCheck(shape);
        return (value, path, found) => {
          if (typeof value !== "string" && !(value instanceof Uint8Array)) return typeError(path, "a Blob", value);
          size?.(value.length, "<blob>", path, found);
        };
      }
    }
  }

  private structure(shape: Shape): Check {
    const checks = new Map<string, Check>(shape.members.map((member) => [member.name, this.of(member.shape)]));
    const required = shape.members.filter((member) => member.required);
    const paths = new Map(shape.members.map((member) => [member.name, lowerFirst(member)]));
    return (value, path, found) => {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        return typeError(path, "a structure", value);
      const members = value as Members;
      const prefix = path === "" ? "" : `${path}.`;
      let set = 0;
      for (const name in members) {
        const held: unknown = members[name];
        if (held === undefined || held === null) continue;
        const check = checks.get(name);
        if (check) {
          set++;
          check(held, prefix + paths.get(name)!, found);
        } else if (found.lenient) {
          found.unknown.push(prefix + name);
          delete members[name];
        } else
          found.failures.push(
            `Unknown parameter in input: "${name}", must be one of: ${[...checks.keys()].join(", ")}${path && ` (at '${path}')`}`,
          );
      }
      for (const member of required)
        if (members[member.name] === undefined || members[member.name] === null)
          found.failures.push(`Value null at '${prefix}${paths.get(member.name)}' ${failed} Member must not be null`);
      if (shape.union && set !== 1)
        found.failures.push(
          `Value at '${path}' ${failed} Exactly one member of the union ${shape.name} must be set, ${set} are`,
        );
    };
  }
}

function text(shape: Shape): Check {
  const allowed = shape.enum && new Set(shape.enum);
  const allowedList = shape.enum?.join(", ");
  let pattern: RegExp | undefined | null = null;
  const size = lengthCheck(shape);
  return (value, path, found) => {
    if (typeof value !== "string") return typeError(path, "a String", value);
    if (allowed && !allowed.has(value))
      found.failures.push(`${at(shape, value, path)} Member must satisfy enum value set: [${allowedList}]`);
    if (shape.pattern !== undefined) {
      if (pattern === null) pattern = compilePattern(shape.pattern);
      if (pattern && !pattern.test(value))
        found.failures.push(
          `${at(shape, value, path)} Member must satisfy regular expression pattern: ${shape.pattern}`,
        );
    }
    size?.(value.length, value, path, found);
  };
}

function number(shape: Shape): Check {
  const whole = shape.type === "integer" || shape.type === "long";
  const { min, max } = shape;
  return (value, path, found) => {
    if (typeof value === "bigint") value = Number(value);
    if (typeof value !== "number")
      return typeError(
        path,
        whole ? (shape.type === "integer" ? "an Integer" : "a Long") : shape.type === "float" ? "a Float" : "a Double",
        value,
      );
    if (whole && !Number.isInteger(value))
      return typeError(path, shape.type === "integer" ? "an Integer" : "a Long", value);
    if (min !== undefined && value < min)
      found.failures.push(`${at(shape, value, path)} Member must have value greater than or equal to ${min}`);
    if (max !== undefined && value > max)
      found.failures.push(`${at(shape, value, path)} Member must have value less than or equal to ${max}`);
  };
}

function lengthCheck(
  shape: Shape,
): ((size: number, value: unknown, path: string, found: Findings) => void) | undefined {
  const { min, max } = shape;
  if (min === undefined && max === undefined) return undefined;
  return (size, value, path, found) => {
    if (max !== undefined && size > max)
      found.failures.push(`${at(shape, value, path)} Member must have length less than or equal to ${max}`);
    if (min !== undefined && size < min)
      found.failures.push(`${at(shape, value, path)} Member must have length greater than or equal to ${min}`);
  };
}

function at(shape: Shape, value: unknown, path: string): string {
  return `Value '${shape.sensitive ? "***Sensitive Data Redacted***" : render(value)}' at '${path}' ${failed}`;
}

/** AWS prints values as Java does: lists in brackets, maps in braces. */
function render(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(render).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([key, held]) => `${key}=${render(held)}`)
      .join(", ")}}`;
  return String(value);
}

function lowerFirst(member: Member): string {
  return member.name.charAt(0).toLowerCase() + member.name.slice(1);
}

/** A value of the wrong type never reaches a service on AWS: deserialising the request fails. */
function typeError(path: string, wanted: string, value: unknown): never {
  const token =
    value === null
      ? "VALUE_NULL"
      : Array.isArray(value)
        ? "START_ARRAY"
        : typeof value === "object"
          ? "START_OBJECT"
          : `${typeof value}_VALUE`.toUpperCase();
  throw new AwsError(
    "SerializationException",
    `${token} can not be converted to ${wanted}${path && ` (at '${path}')`}`,
  );
}
