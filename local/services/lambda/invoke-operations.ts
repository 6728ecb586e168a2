import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { bytes } from "../objects";
import type { LambdaParts } from "./parts";

/** 6 MB synchronous, 1 MB asynchronous (Lambda quotas). */
const MAX_SYNC_BYTES = 6_291_556;
const MAX_ASYNC_BYTES = 1_048_576;

/** Invoke, synchronously or through the queue. */
export function invokeOperations({ store, environments, queue }: LambdaParts): Record<string, Handler> {
  return {
    async Invoke(input, call) {
      const record = store.get(input["FunctionName"], input["Qualifier"]);
      const type = input["InvocationType"] ?? "RequestResponse";
      const raw = bytes(input["Payload"]);
      const limit = type === "Event" ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES;
      if (raw.length > limit)
        throw new AwsError(
          "RequestTooLargeException",
          `${raw.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
          413,
          { Type: "User" },
        );
      if (store.concurrency.get(record.name) === 0)
        throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {
          Type: "User",
          Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
        });
      const payload = parsePayload(raw);
      if (type === "DryRun") return { StatusCode: 204 };
      if (type === "Event") {
        const { name, qualifier } = store.parse(input["FunctionName"], input["Qualifier"]);
        queue.accept(call.requestId, name, qualifier, payload);
        return { StatusCode: 202 };
      }
      const invocation = await environments.invoke(record, payload, call.requestId);
      return {
        StatusCode: 200,
        ExecutedVersion: record.version,
        FunctionError: invocation.ok ? undefined : "Unhandled",
        // The last 4 KB of the log.
        LogResult:
          input["LogType"] === "Tail"
            ? Buffer.from(`${invocation.logs.join("\n")}\n`)
                .subarray(-4096)
                .toString("base64")
            : undefined,
        Payload: Buffer.from(invocation.result),
      };
    },
  };
}

function parsePayload(raw: Buffer): unknown {
  if (raw.length === 0) return {};
  try {
    return JSON.parse(raw.toString("utf8")) as unknown;
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${(error as Error).message}`,
      400,
      { Type: "User" },
    );
  }
}
