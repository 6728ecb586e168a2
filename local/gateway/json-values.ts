import type { Members } from "../members";
import type { Member } from "../model/shapes";
import { readTimestamp, toBuffer, writeTimestamp } from "./values";

/**
 * Members of a JSON document by shape: nulls count as absent, timestamps become Dates, blobs Buffers. Unknown members
 * stay.
 */
export function readJson(value: unknown, member: Member): unknown {
  const { shape } = member;
  if (value === null || value === undefined || shape.document) return value;
  switch (shape.type) {
    case "structure": {
      if (typeof value !== "object" || Array.isArray(value)) return value;
      const read: Members = {};
      for (const [name, held] of Object.entries(value)) {
        if (held === null) continue;
        const known = shape.byName.get(name) ?? shape.members.find((candidate) => candidate.locationName === name);
        if (known) read[known.name] = readJson(held, known);
        else if (name !== "__type") read[name] = held;
      }
      return read;
    }
    case "list":
      return Array.isArray(value) ? value.map((item) => readJson(item, shape.element!)) : value;
    case "map":
      if (typeof value !== "object" || Array.isArray(value)) return value;
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, held]) => held !== null)
          .map(([key, held]) => [key, readJson(held, shape.value!)]),
      );
    case "timestamp":
      return readTimestamp(value);
    case "blob":
      return typeof value === "string" ? Buffer.from(value, "base64") : value;
    case "float":
    case "double":
      return value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value;
    case "integer":
    case "long":
    case "boolean":
    case "string":
    case "character":
      return value;
  }
}

/** The JSON form of an output value: only members that the shape knows, Dates as epoch seconds, blobs as base64. */
export function writeJson(value: unknown, member: Member): unknown {
  const { shape } = member;
  if (value === null || value === undefined || shape.document) return value;
  switch (shape.type) {
    case "structure": {
      const held = value as Members;
      const written: Members = {};
      for (const known of shape.members) {
        const inner: unknown = held[known.name];
        if (inner !== undefined && inner !== null) written[known.locationName ?? known.name] = writeJson(inner, known);
      }
      return written;
    }
    case "list":
      return (value as unknown[]).map((item) => writeJson(item, shape.element!));
    case "map":
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, held]) => held !== undefined)
          .map(([key, held]) => [key, writeJson(held, shape.value!)]),
      );
    case "timestamp":
      return writeTimestamp(value, member.timestampFormat ?? "unixTimestamp");
    case "blob":
      return toBuffer(value).toString("base64");
    case "float":
    case "double":
    case "integer":
    case "long":
    case "boolean":
    case "string":
    case "character":
      return value;
  }
}
