import type { Members } from "../members";
import { AwsError } from "../errors";
import { errorCode, errorStatus, type Codec } from "./protocol";
import { readJson, writeJson } from "./json-values";

/** AWS JSON 1.0 and 1.1. */
export const json: Codec = {
  decode(request, operation) {
    const text = request.body.toString("utf8");
    if (text === "") return {};
    const parsed = parseJson(text);
    return operation.input ? (readJson(parsed, operation.input) as Members) : (parsed as Members);
  },

  encode(output, operation, model) {
    const body = operation.output ? JSON.stringify(writeJson(output, operation.output)) : "{}";
    return {
      status: 200,
      headers: { "content-type": `application/x-amz-json-${model.metadata.jsonVersion ?? "1.1"}` },
      body,
    };
  },

  encodeError(error, operation, model) {
    const code = errorCode(error, "json");
    const shape = operation?.errors.find((candidate) => candidate.name === code || candidate.error?.code === code);
    const headers: Record<string, string> = {
      "content-type": `application/x-amz-json-${model?.metadata.jsonVersion ?? "1.1"}`,
      "x-amzn-errortype": shape?.name ?? code,
    };
    // Clients of services that came from the query protocol look for the old code here.
    if (model?.metadata.awsQueryCompatible)
      headers["x-amzn-query-error"] = `${shape?.error?.code ?? code};${error.status >= 500 ? "Receiver" : "Sender"}`;
    return {
      status: errorStatus(error, operation),
      headers,
      body: JSON.stringify({ __type: shape?.name ?? code, message: error.message, ...error.members }),
    };
  },
};

/** Parses a request body. @throws AwsError SerializationException, as AWS answers broken JSON. */
export function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Answered below, like a document that is no object.
  }
  throw new AwsError("SerializationException", "Could not parse the request body into json: it is not a JSON object.");
}
