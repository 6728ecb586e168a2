import type { z } from "zod";

/** JSON as somebody found it: what it says, why it is no JSON, or everything in it that its schema refuses. */
export type ReadJson<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "not-json"; readonly why: string }
  | { readonly kind: "damaged"; readonly problems: readonly string[] };

/** Reads JSON that parts hand each other. */
export function readJson<T>(text: string, schema: z.ZodType<T>): ReadJson<T> {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return { kind: "not-json", why: (error as Error).message };
  }
  const parsed = schema.safeParse(found);
  return parsed.success
    ? { kind: "value", value: parsed.data }
    : { kind: "damaged", problems: problemsOf(parsed.error, found) };
}

/**
 * What a schema refused, one entry a member: its path and what stands there, such as `kept[1].modelSha256: "abc"` or
 * `imageUri: missing`.
 * @param value what was parsed.
 */
export function problemsOf({ issues }: z.ZodError, value: unknown): string[] {
  return issues.map(({ path }) => {
    const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
    const text = JSON.stringify(found) ?? "missing";
    return path.length > 0 ? `${pathOf(path)}: ${text}` : text;
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`))
    .join("");
}
