import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/**
 * Property values as the Pulumi engine sends them. Secrets never arrive here: this provider does not accept them, so
 * the engine strips the mark before and puts it back on every property of the same name after (`annotateSecrets` in
 * sdk/go/common/resource/plugin).
 */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
export type Properties = { [name: string]: Value };

/** What stands for a value that is not known before other resources exist (resource/plugin/rpc.go). */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Key that marks an object as something special, and the marks this provider understands. */
export const signature = "4dabf18193072939515e22adb298388d";
export const assetMark = "c44067f5952c0a294b673a41bacd8c17";
export const archiveMark = "0def7320c3a5731c473e5ecbe6d01bc7";

export function decode(struct: Struct | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}

/** Encodes properties; members that are undefined are left out. */
export function encode(properties: Readonly<Record<string, unknown>>): Struct {
  return Struct.fromJavaScript(plain(properties) as Record<string, JavaScriptValue>);
}

function plain(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, held]) => held !== undefined)
        .map(([name, held]) => [name, plain(held)]),
    );
  }
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return value;
  return String(value);
}

export function isObject(value: unknown): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is unknown or holds something unknown. */
export function holdsUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isObject(value) && Object.values(value).some(holdsUnknown);
}

/** Deep equality; JSON documents are equal when they mean the same, an absent member equals null. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b || (a ?? null) === (b ?? null)) return true;
  if (typeof a === "string" && typeof b === "string") return sameDocument(a, b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  if (signature in a && signature in b && a.hash) return a.hash === b.hash;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => sameValue(a[name], b[name]));
}

function sameDocument(a: string, b: string): boolean {
  if (!/^\s*[[{]/.test(a) || !/^\s*[[{]/.test(b)) return false;
  try {
    return sameValue(JSON.parse(a), JSON.parse(b));
  } catch {
    return false;
  }
}
