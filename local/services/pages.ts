import { validationException } from "../errors";

/**
 * One page of a list, with a token that says where the next one starts. The token carries an offset into the sorted
 * list: good enough for lists that fit in memory, and opaque to callers as AWS's are.
 */
export function page<T>(items: readonly T[], token: string | undefined, size: number): { items: T[]; next?: string } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString("utf8"));
  if (!Number.isInteger(start) || start < 0) throw validationException("The pagination token is not valid.");
  const end = start + size;
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}

/** Milliseconds of a timestamp as it may arrive: `Date`, epoch seconds, or ISO text. */
export function timestampMs(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Date) return value.getTime();
  if (typeof value === "number") return value * 1000;
  return Date.parse(String(value));
}
