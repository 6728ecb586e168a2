import type { Member, TimestampFormat } from "../model/shapes";

/** Reads a timestamp in any of AWS's three formats. Text that is none stays as it is, for the validator to refuse. */
export function readTimestamp(value: unknown): unknown {
  if (value instanceof Date) return value;
  if (typeof value === "number") return new Date(value * 1000);
  if (typeof value !== "string") return value;
  const date = /^-?\d+(\.\d+)?$/.test(value) ? new Date(Number(value) * 1000) : new Date(value);
  return Number.isNaN(date.getTime()) ? value : date;
}

/** A handler may answer a Date, epoch milliseconds as a Date, or seconds / ISO text that is passed on. */
export function writeTimestamp(value: unknown, format: TimestampFormat): string | number {
  const date = value instanceof Date ? value : new Date(typeof value === "number" ? value * 1000 : String(value));
  switch (format) {
    case "unixTimestamp":
      return Math.round(date.getTime()) / 1000;
    case "iso8601":
      return date.toISOString();
    case "rfc822":
      return date.toUTCString();
  }
}

/** The text form of a scalar in headers, paths, queries and XML. */
export function writeScalar(value: unknown, member: Member, timestampDefault: TimestampFormat): string {
  switch (member.shape.type) {
    case "timestamp":
      return String(writeTimestamp(value, member.timestampFormat ?? timestampDefault));
    case "blob":
      return toBuffer(value).toString("base64");
    case "structure":
    case "list":
    case "map":
    case "string":
    case "character":
    case "boolean":
    case "integer":
    case "long":
    case "float":
    case "double":
      return String(value);
  }
}

/**
 * The scalar that a text in a header, path, query or XML element stands for; unreadable text stays, for the validator.
 */
export function readScalar(text: string, member: Member): unknown {
  switch (member.shape.type) {
    case "integer":
    case "long":
    case "float":
    case "double":
      return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "timestamp":
      return readTimestamp(text);
    case "blob":
      return Buffer.from(text, "base64");
    case "structure":
    case "list":
    case "map":
    case "string":
    case "character":
      return member.jsonValue ? Buffer.from(text, "base64").toString("utf8") : text;
  }
}

export function toBuffer(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Buffer.from(String(value), "utf8");
}
