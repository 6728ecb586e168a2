import { defaultsKey } from "./check";
import type { ResourceType } from "./resource-type";
import { isObject, sameValue, signature, type Properties, type Value } from "./values";

export type ChangeKind = "add" | "update" | "delete";

export interface Difference {
  /** Property path -> what happens to it and whether that needs a new resource. */
  readonly changes: ReadonlyMap<string, { readonly kind: ChangeKind; readonly replace: boolean }>;
  /** Changed inputs at the top. */
  readonly properties: readonly string[];
  readonly replaces: readonly string[];
  /** Old and new resource would have the same physical name. */
  readonly deleteBeforeReplace: boolean;
}

/**
 * Compares wanted inputs with what is there: the value in the state where an input has one (a refresh or an update may
 * have found that AWS holds something else), the old input otherwise.
 */
export function diff(
  type: ResourceType,
  oldInputs: Properties,
  state: Properties,
  news: Properties,
  ignored: readonly string[] = [],
): Difference {
  const changes = new Map<string, { kind: ChangeKind; replace: boolean }>();
  const properties: string[] = [];
  const replaces: string[] = [];
  for (const name of new Set([...Object.keys(oldInputs), ...Object.keys(news)])) {
    if (name === defaultsKey || ignored.includes(name)) continue;
    const before = name in oldInputs && name in state ? state[name] : oldInputs[name];
    if (sameValue(before, news[name])) continue;
    const replace = replacesOn(type, name);
    properties.push(name);
    if (replace) replaces.push(name);
    for (const [path, kind] of paths(name, before, news[name])) changes.set(path, { kind, replace });
  }
  const named = type.name?.property;
  const madeUp = news[defaultsKey];
  const keepsName =
    named !== undefined &&
    sameValue(oldInputs[named], news[named]) &&
    !(Array.isArray(madeUp) && madeUp.includes(named));
  return {
    changes,
    properties,
    replaces,
    deleteBeforeReplace: replaces.length > 0 && (named === undefined || keepsName),
  };
}

function replacesOn(type: ResourceType, name: string): boolean {
  if (name === "region") return true;
  if (type.replace !== "all") return type.replace.includes(name);
  return name !== "tags" && !(type.local ?? []).includes(name);
}

function* paths(path: string, before: Value | undefined, after: Value | undefined): Generator<[string, ChangeKind]> {
  if (sameValue(before, after)) return;
  if (before === undefined || before === null) return yield [path, "add"];
  if (after === undefined || after === null) return yield [path, "delete"];
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      yield* paths(`${path}[${index}]`, before[index], after[index]);
  } else if (isObject(before) && isObject(after) && !(signature in before) && !(signature in after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const member = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
      yield* paths(path + member, before[name], after[name]);
    }
  } else yield [path, "update"];
}
