import { cbor as coder, dateToTag } from "@smithy/core/cbor";
import type { Members } from "../members";
import { AwsError } from "../errors";
import type { Member } from "../model/shapes";
import { errorCode, errorStatus, type Codec } from "./protocol";
import { readTimestamp, toBuffer } from "./values";

const headers = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };

/** Smithy RPC v2 CBOR, which botocore 1.43 and later speaks to CloudWatch. */
export const cbor: Codec = {
  decode(request, operation) {
    if (request.body.length === 0 || !operation.input) return {};
    let parsed: unknown;
    try {
      parsed = coder.deserialize(request.body);
    } catch {
      throw new AwsError("SerializationException", "Could not parse the request body into cbor.");
    }
    return walk(parsed, operation.input, "read") as Members;
  },

  encode(output, operation) {
    if (!operation.output) return { status: 200, headers: { ...headers }, body: bytes({}) };
    return { status: 200, headers: { ...headers }, body: bytes(walk(output, operation.output, "write")) };
  },

  encodeError(error, operation, model) {
    const code = errorCode(error, "json");
    const shape = operation?.errors.find((candidate) => candidate.name === code || candidate.error?.code === code);
    const status = errorStatus(error, operation);
    const query: Record<string, string> = model?.metadata.awsQueryCompatible
      ? { "x-amzn-query-error": `${shape?.error?.code ?? code};${status >= 500 ? "Receiver" : "Sender"}` }
      : {};
    return {
      status,
      headers: { ...headers, ...query },
      body: bytes({ __type: shape?.name ?? code, message: error.message, ...error.members }),
    };
  },
};

const bytes = (value: unknown): Buffer => Buffer.from(coder.serialize(value));

/** A CBOR timestamp is tag 1 around seconds. */
function epochSeconds(value: unknown): unknown {
  return typeof value === "object" && value !== null && "tag" in value && "value" in value
    ? Number(value.value)
    : value;
}

function walk(value: unknown, member: Member, way: "read" | "write"): unknown {
  const { shape } = member;
  if (value === null || value === undefined) return undefined;
  switch (shape.type) {
    case "structure": {
      const held: Members = {};
      for (const [name, inner] of Object.entries(value)) {
        const known = shape.byName.get(name);
        if (inner === null || inner === undefined) continue;
        if (known) held[name] = walk(inner, known, way);
        else if (way === "read") held[name] = inner;
      }
      return held;
    }
    case "list":
      return Array.isArray(value) ? value.map((item) => walk(item, shape.element!, way)) : value;
    case "map":
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, shape.value!, way)]));
    case "timestamp":
      return way === "read"
        ? readTimestamp(epochSeconds(value))
        : dateToTag(value instanceof Date ? value : new Date(Number(value) * 1000));
    case "blob":
      return toBuffer(value);
    case "integer":
    case "long":
      return typeof value === "bigint" ? Number(value) : value;
    case "float":
    case "double":
    case "boolean":
    case "string":
    case "character":
      return value;
  }
}
