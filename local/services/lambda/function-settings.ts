import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { FunctionRecord } from "./functions";

/** Runtimes that run on the Node that runs the local cloud. */
const RUNTIMES = ["nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"];

/** What is wrong with a request, as Lambda says it. */
export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message, 400, { Type: "User" });
}

/**
 * A function's settings after a request; what it leaves out stays as before, or is AWS's default.
 * @throws AwsError InvalidParameterValueException.
 */
export function settings(input: Members, before: Partial<FunctionRecord>): Partial<FunctionRecord> {
  if (input["Runtime"] !== undefined && !RUNTIMES.includes(input["Runtime"]))
    throw invalid(
      `Value ${input["Runtime"]} at 'runtime' is not run by the local cloud; it runs ${RUNTIMES.join(", ")}.`,
    );
  const reserved = Object.keys(input["Environment"]?.Variables ?? {}).filter((name) =>
    /^(AWS_REGION|AWS_DEFAULT_REGION|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_LAMBDA_.*|_HANDLER|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_EXECUTION_ENV)$/.test(
      name,
    ),
  );
  if (reserved.length > 0)
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  return {
    runtime: input["Runtime"] ?? before.runtime,
    roleArn: input["Role"] ?? before.roleArn,
    handler: input["Handler"] ?? before.handler,
    description: input["Description"] ?? before.description ?? "",
    timeoutSeconds: input["Timeout"] ?? before.timeoutSeconds ?? 3,
    memoryMb: input["MemorySize"] ?? before.memoryMb ?? 128,
    environment:
      input["Environment"] === undefined ? (before.environment ?? {}) : (input["Environment"].Variables ?? {}),
    ephemeralStorageMb: input["EphemeralStorage"]?.Size ?? before.ephemeralStorageMb ?? 512,
    logFormat: input["LoggingConfig"]?.LogFormat ?? before.logFormat ?? "Text",
    logGroup: input["LoggingConfig"]?.LogGroup ?? before.logGroup,
    deadLetterArn:
      input["DeadLetterConfig"] === undefined ? before.deadLetterArn : input["DeadLetterConfig"].TargetArn || undefined,
    kmsKeyArn: input["KMSKeyArn"] ?? before.kmsKeyArn,
    tracing: input["TracingConfig"]?.Mode ?? before.tracing ?? "PassThrough",
    vpc: input["VpcConfig"] ?? before.vpc,
    layers:
      input["Layers"] === undefined ? (before.layers ?? []) : (input["Layers"] as string[]).map((Arn) => ({ Arn })),
  };
}
