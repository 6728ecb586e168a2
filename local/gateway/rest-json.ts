import type { Members } from "../members";
import { parseJson } from "./json";
import { readJson, writeJson } from "./json-values";
import { errorCode, errorStatus, type Codec } from "./protocol";
import { plainPayload, readBindings, readPlainPayload, writeBindings, writePlainPayload } from "./rest";

/** REST-JSON: Lambda, the SageMaker runtime, EventBridge Scheduler. */
export const restJson: Codec = {
  decode(request, operation) {
    const held = readBindings(request, operation);
    const shape = operation.input?.shape;
    if (!shape) return held;
    const plain = plainPayload(shape);
    if (plain) return { ...held, ...readPlainPayload(request, plain) };
    if (request.body.length === 0) return held;
    const document = parseJson(request.body.toString("utf8"));
    const payload = shape.payload === undefined ? undefined : shape.byName.get(shape.payload);
    if (payload) return { ...held, [payload.name]: readJson(document, payload) };
    return { ...(readJson(document, operation.input!) as Members), ...held };
  },

  encode(output, operation) {
    const { status, headers } = writeBindings(output, operation);
    const shape = operation.output?.shape;
    const plain = plainPayload(shape);
    if (plain)
      return {
        status,
        headers: { "content-type": "application/octet-stream", ...headers },
        body: writePlainPayload(output, plain),
      };
    headers["content-type"] ??= "application/json";
    if (!shape || status === 204) return { status, headers, body: "" };
    const payload = shape.payload === undefined ? undefined : shape.byName.get(shape.payload);
    if (payload) return { status, headers, body: JSON.stringify(writeJson(output[payload.name] ?? {}, payload)) };
    const body = Object.fromEntries(
      shape.members
        .filter(
          (member) =>
            member.location === undefined && output[member.name] !== undefined && output[member.name] !== null,
        )
        .map((member) => [member.locationName ?? member.name, writeJson(output[member.name], member)]),
    );
    return { status, headers, body: JSON.stringify(body) };
  },

  encodeError(error, operation) {
    const code = errorCode(error, "json");
    const shape = operation?.errors.find((candidate) => candidate.name === code || candidate.error?.code === code);
    const messageName = shape?.byName.has("Message") ? "Message" : "message";
    const { headers } = shape ? writeBindings(error.members, { ...operation!, output: undefined }) : { headers: {} };
    return {
      status: errorStatus(error, operation),
      headers: { ...headers, "content-type": "application/json", "x-amzn-errortype": code },
      body: JSON.stringify({
        [messageName]: error.message,
        ...(shape?.byName.has("Type") ? { Type: error.status >= 500 ? "Service" : "User" } : {}),
        ...error.members,
      }),
    };
  },
};
