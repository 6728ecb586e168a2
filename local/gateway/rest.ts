import type { Members } from "../members";
import type { OperationModel, Shape } from "../model/shapes";
import type { Incoming } from "./http";
import { matchPath } from "./paths";
import { readScalar, toBuffer, writeScalar } from "./values";

/** Members that travel in path, query and headers. */
export function readBindings(request: Incoming, operation: OperationModel): Members {
  const held: Members = {};
  const shape = operation.input?.shape;
  if (!shape) return held;
  const labels = matchPath(operation.requestUri, request.path) ?? {};
  for (const member of shape.members) {
    const name = member.locationName ?? member.name;
    switch (member.location) {
      case "uri":
        if (labels[name] !== undefined) held[member.name] = readScalar(labels[name], member);
        break;
      case "querystring": {
        if (member.shape.type === "map") {
          const named = new Set(
            shape.members.filter((other) => other.location === "querystring").map((other) => other.locationName),
          );
          held[member.name] = Object.fromEntries(request.query.filter(([key]) => !named.has(key)));
          break;
        }
        const values = request.query.filter(([key]) => key === name).map(([, value]) => value);
        if (values.length === 0) break;
        held[member.name] =
          member.shape.type === "list"
            ? values.map((value) => readScalar(value, member.shape.element!))
            : readScalar(values[0]!, member);
        break;
      }
      case "header": {
        const value = request.headers[name.toLowerCase()];
        if (value === undefined) break;
        held[member.name] =
          member.shape.type === "list"
            ? value.split(",").map((item) => readScalar(item.trim(), member.shape.element!))
            : readScalar(value, member);
        break;
      }
      case "headers": {
        const found = Object.entries(request.headers).filter(([key]) => key.startsWith(name.toLowerCase()));
        if (found.length > 0)
          held[member.name] = Object.fromEntries(found.map(([key, value]) => [key.slice(name.length), value]));
        break;
      }
      case "statusCode":
      case undefined:
        break;
    }
  }
  return held;
}

/** Headers and status of an answer; the rest of the output is its body. */
export function writeBindings(
  output: Members,
  operation: OperationModel,
): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = operation.responseCode;
  for (const member of operation.output?.shape.members ?? []) {
    const value: unknown = output[member.name];
    if (value === undefined || value === null) continue;
    const name = (member.locationName ?? member.name).toLowerCase();
    if (member.location === "statusCode") status = Number(value);
    else if (member.location === "header") {
      const write = (item: unknown): string =>
        member.jsonValue
          ? Buffer.from(String(item)).toString("base64")
          : writeScalar(item, member.shape.element ?? member, "rfc822");
      headers[name] = Array.isArray(value) ? value.map(write).join(",") : write(value);
    } else if (member.location === "headers")
      for (const [key, held] of Object.entries(value as Members)) headers[name + key.toLowerCase()] = String(held);
  }
  return { status, headers };
}

/** The payload member of a shape when it is bytes or text rather than a document. */
export function plainPayload(shape: Shape | undefined): { name: string; type: "blob" | "string" } | undefined {
  const member = shape?.payload === undefined ? undefined : shape.byName.get(shape.payload);
  if (!member || (member.shape.type !== "blob" && member.shape.type !== "string")) return undefined;
  return { name: member.name, type: member.shape.type };
}

export function readPlainPayload(request: Incoming, payload: { name: string; type: "blob" | "string" }): Members {
  if (payload.type === "string")
    return request.body.length > 0 ? { [payload.name]: request.body.toString("utf8") } : {};
  return { [payload.name]: request.body };
}

export function writePlainPayload(output: Members, payload: { name: string }): Buffer {
  const value: unknown = output[payload.name];
  return value === undefined || value === null ? Buffer.alloc(0) : toBuffer(value);
}
