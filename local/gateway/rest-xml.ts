import type { Members } from "../members";
import { errorCode, errorStatus, type Codec } from "./protocol";
import { plainPayload, readBindings, readPlainPayload, writeBindings, writePlainPayload } from "./rest";
import { escape, parseXml, readXml, writeMembers, writeXml } from "./xml";

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** REST-XML: S3. */
export const restXml: Codec = {
  decode(request, operation) {
    const held = readBindings(request, operation);
    const shape = operation.input?.shape;
    if (!shape) return held;
    const plain = plainPayload(shape);
    if (plain) return { ...held, ...readPlainPayload(request, plain) };
    if (request.body.length === 0) return held;
    const payload = shape.payload === undefined ? undefined : shape.byName.get(shape.payload);
    if (payload) return { ...held, [payload.name]: readXml(parseXml(request.body.toString("utf8")), payload) };
    if (!shape.members.some((member) => member.location === undefined)) return held;
    return { ...(readXml(parseXml(request.body.toString("utf8")), operation.input!) as Members), ...held };
  },

  encode(output, operation) {
    const { status, headers } = writeBindings(output, operation);
    const shape = operation.output?.shape;
    const plain = plainPayload(shape);
    if (plain)
      return {
        status,
        headers: {
          "content-type": plain.type === "string" ? "application/json" : "application/octet-stream",
          ...headers,
        },
        body: writePlainPayload(output, plain),
      };
    headers["content-type"] ??= "application/xml";
    if (!shape || status === 204) return { status, headers, body: "" };
    const payload = shape.payload === undefined ? undefined : shape.byName.get(shape.payload);
    if (payload)
      return {
        status,
        headers,
        body: declaration + writeXml(output[payload.name] ?? {}, payload, payload.locationName ?? payload.shape.name),
      };
    const inner = writeMembers(output, operation.output!);
    const root = operation.output!.locationName ?? shape.name;
    return { status, headers, body: inner === "" ? "" : `${declaration}<${root}>${inner}</${root}>` };
  },

  encodeError(error, operation, _model, requestId) {
    const code = errorCode(error, "xml");
    const extra = Object.entries(error.members)
      .map(([name, value]) => `<${name}>${escape(String(value))}</${name}>`)
      .join("");
    const body = `${declaration}<Error><Code>${escape(code)}</Code><Message>${escape(error.message)}</Message>${extra}<RequestId>${requestId}</RequestId><HostId>${requestId}</HostId></Error>`;
    return { status: errorStatus(error, operation), headers: { "content-type": "application/xml" }, body };
  },
};
