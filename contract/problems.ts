import type { z } from "zod";

/**
 * What a schema refused, one entry a member: its path and what stands there, such as `kept[1].modelSha256: "abc"` or `imageUri: missing`.
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
