import type { RawRequest } from "../call";

/** A request as the gateway reads it: the raw bytes plus its path and query taken apart. */
export interface Incoming extends RawRequest {
  /** Path as sent, still percent-encoded. */
  readonly path: string;
  /** Query pairs, decoded, in the order sent. */
  readonly query: readonly (readonly [string, string])[];
}

/** An encoded answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer | string;
}

export function readUrl(url: string): Pick<Incoming, "path" | "query"> {
  const mark = url.indexOf("?");
  if (mark < 0) return { path: url, query: [] };
  const query = url
    .slice(mark + 1)
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair): [string, string] => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [decode(pair), ""] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
  return { path: url.slice(0, mark), query };
}

export function queryValue(request: Incoming, name: string): string | undefined {
  return request.query.find(([key]) => key === name)?.[1];
}

/** Percent-decodes; text that is no valid encoding stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch {
    return text;
  }
}

/** Percent-encodes as SigV4 wants it: everything but unreserved characters. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
