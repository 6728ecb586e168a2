import type { Members } from "../members";
import type { Member, Shape } from "../model/shapes";
import { isObject, type Properties, type Value } from "./values";

/**
 * Names that differ between a resource's inputs and AWS's members beyond upper and lower case. A key is a path of input
 * names without list positions (`inputTransformer.inputPaths`), or `*.name` for any depth below the top. A value is a
 * dotted path of members (`VersioningConfiguration.Status`); null leaves the input out.
 */
export type Renames = Readonly<Record<string, string | null>>;

/**
 * Inputs as members of a request, guided by the request's shape. Inputs the shape does not know are left out at the top
 * only.
 */
export function toRequest(shape: Shape, inputs: Properties, renames: Renames): Members {
  const request: Members = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (value === null) continue;
    const path = memberPath(shape, name, renames);
    if (path) place(request, shape, path, value, [name], renames);
  }
  return request;
}

/** Members an input becomes, outermost first; undefined when the request has no place for it. */
export function memberPath(shape: Shape, name: string, renames: Renames): Member[] | undefined {
  const renamed = renames[name];
  if (renamed === null) return undefined;
  if (renamed === undefined) {
    const member = findMember(shape, name);
    return member && [member];
  }
  const path: Member[] = [];
  for (const step of renamed.split(".")) {
    const member = (path.at(-1)?.shape ?? shape).byName.get(step);
    if (!member) return undefined;
    path.push(member);
  }
  return path;
}

function place(
  request: Members,
  shape: Shape,
  path: readonly Member[],
  value: Value,
  from: readonly string[],
  renames: Renames,
): void {
  let target = request;
  for (const member of path.slice(0, -1)) target = target[member.name] ??= {};
  const last = path.at(-1)!;
  target[last.name] = toMember(last.shape, value, from, renames);
}

/** One value in the form its shape asks for. */
export function toMember(shape: Shape, value: Value, from: readonly string[], renames: Renames): unknown {
  switch (shape.type) {
    case "structure":
      return toStructure(shape, value, from, renames);
    case "list":
      return toList(shape, value, from, renames);
    case "map": {
      if (!isObject(value)) return value;
      const held = Object.entries(value).filter(([, item]) => item !== null);
      return Object.fromEntries(
        held.map(([key, item]) => [key, toMember(shape.value!.shape, item, [...from, key], renames)]),
      );
    }
    case "integer":
    case "long":
      return numeric(value) ? Math.trunc(Number(value)) : value;
    case "float":
    case "double":
      return numeric(value) ? Number(value) : value;
    case "boolean":
      return typeof value === "string" ? value === "true" || value === "ENABLED" : value;
    case "timestamp":
      return typeof value === "string" ? new Date(value) : value;
    case "blob":
      return typeof value === "string" ? Buffer.from(value) : value;
    case "string":
    case "character":
      return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  }
}

function toStructure(shape: Shape, value: Value, from: readonly string[], renames: Renames): unknown {
  // Terraform writes a nested block as a list of at most one; Pulumi unwraps most of them, but not all.
  if (Array.isArray(value)) return value.length === 1 ? toStructure(shape, value[0]!, from, renames) : value;
  if (!isObject(value)) return value;
  const structure: Members = {};
  for (const [name, held] of Object.entries(value)) {
    if (held === null) continue;
    const path = [...from, name];
    const renamed = renames[path.join(".")] ?? renames[`*.${name}`];
    if (renames[path.join(".")] === null) continue;
    const steps = renamed === undefined || renamed === null ? undefined : memberPath(shape, name, { [name]: renamed });
    if (steps) place(structure, shape, steps, held, path, renames);
    else {
      const member = findMember(shape, name);
      // An unknown name goes on in AWS's spelling, so that the service model refuses it by name.
      structure[member?.name ?? name[0]!.toUpperCase() + name.slice(1)] = member
        ? toMember(member.shape, held, path, renames)
        : held;
    }
  }
  return structure;
}

function toList(shape: Shape, value: Value, from: readonly string[], renames: Renames): unknown {
  const element = shape.element!.shape;
  const names = element.type === "structure" && nameAndValue(element);
  // Maps stand for lists of names and values: tags, dimensions.
  if (isObject(value) && names)
    return Object.entries(value).map(([key, held]) => ({ [names[0]]: key, [names[1]]: String(held) }));
  const items = Array.isArray(value) ? value : [value];
  return items.filter((item) => item !== null).map((item) => toMember(element, item, from, renames));
}

/** The members of a structure that is a named value: Key/Value, Name/Value, TagKey/TagValue. */
function nameAndValue(shape: Shape): [string, string] | undefined {
  if (shape.members.length !== 2) return undefined;
  const key = shape.members.find((member) => /^(tag)?(key|name)$/i.test(member.name));
  const value = shape.members.find((member) => /^(tag)?value$/i.test(member.name));
  return key && value && [key.name, value.name];
}

/** The member an input name means: same letters whatever their case, or its singular or plural. */
export function findMember(shape: Shape, name: string): Member | undefined {
  const byLetters = (wanted: string): Member | undefined =>
    shape.members.find((member) => letters(member.name) === wanted);
  const wanted = letters(name);
  return (
    byLetters(wanted) ?? byLetters(`${wanted}s`) ?? (wanted.endsWith("s") ? byLetters(wanted.slice(0, -1)) : undefined)
  );
}

const letters = (name: string): string => name.replace(/[_-]/g, "").toLowerCase();

const numeric = (value: Value): boolean =>
  typeof value === "number" || (typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)));

/** The way back of the renames that hold at any depth: member -> input. */
export function namesBack(renames: Renames): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(renames).flatMap(([name, member]) =>
      name.startsWith("*.") && member !== null ? [[member, name.slice(2)] as const] : [],
    ),
  );
}

/**
 * An answer's member as a property value in Pulumi's spelling.
 * @param names spellings beyond upper and lower case (`namesBack`).
 */
export function fromMember(shape: Shape, value: unknown, names: ReadonlyMap<string, string> = new Map()): Value {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (shape.type === "list" && Array.isArray(value)) {
    const pair = shape.element!.shape.type === "structure" && nameAndValue(shape.element!.shape);
    if (pair) return Object.fromEntries(value.map((item: Members) => [String(item[pair[0]]), item[pair[1]] as Value]));
    return value.map((item) => fromMember(shape.element!.shape, item, names));
  }
  if (shape.type === "map" && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, held]) => [key, fromMember(shape.value!.shape, held, names)]),
    );
  if (shape.type === "structure" && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => [
        names.get(name) ?? camelCase(name),
        fromMember(shape.byName.get(name)?.shape ?? shape, held, names),
      ]),
    );
  }
  return value as Value;
}

/** `KMSMasterKeyID` -> `kmsMasterKeyId`. */
function camelCase(name: string): string {
  return name
    .replace(/^[A-Z]+(?=[A-Z][a-z]|\d|$)|^[A-Z]/, (start) => start.toLowerCase())
    .replace(/[A-Z]{2,}(?=[A-Z][a-z]|\d|$)/g, (run) => run[0] + run.slice(1).toLowerCase());
}

/** Whether an answer holds everything a request asked for; defaults that AWS added do not count as a difference. */
export function answers(wanted: unknown, live: unknown): boolean {
  if (wanted === undefined || wanted === null) return true;
  if (wanted instanceof Date || live instanceof Date) return +new Date(wanted as string) === +new Date(live as string);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live)) return wanted.length === 0;
    return (
      wanted.length === live.length &&
      wanted.every((item, index) => answers(item, live[index]) || live.some((other) => answers(item, other)))
    );
  }
  if (isObject(wanted))
    return isObject(live)
      ? Object.entries(wanted).every(([name, held]) => answers(held, live[name]))
      : Object.keys(wanted).length === 0;
  if (typeof wanted === "string" && typeof live === "string" && /^\s*[[{]/.test(wanted)) {
    try {
      return JSON.stringify(sorted(JSON.parse(wanted))) === JSON.stringify(sorted(JSON.parse(live)));
    } catch {
      return wanted === live;
    }
  }
  return String(wanted) === String(live);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  );
}
