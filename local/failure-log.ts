import { randomUUID } from "node:crypto";
import { AwsError } from "./errors";

/**
 * Faults of the local cloud itself: exceptions that are no answer of AWS. Their trace goes to the log (the daemon's
 * standard error, `daemon.log` in the state folder) under an id; whoever met one is told the id, never the trace.
 */
export class FailureLog {
  /** @param write takes one entry, which ends with a line break. */
  constructor(private readonly write: (entry: string) => void = (entry) => void process.stderr.write(entry)) {}

  /**
   * Logs a failure.
   * @param what was going on (`sagemaker:CreateModel`, `training job x`).
   * @returns a sentence for whoever met it.
   */
  note(what: string, error: unknown, id: string = randomUUID()): string {
    this.write(`${new Date().toISOString()} ${id} ${what}: ${traceOf(error)}\n`);
    return `The local cloud failed at ${what} by a fault of its own. Its log has the trace under ${id}.`;
  }

  /**
   * An `AwsError` as it is; anything else is logged under the request's id and answered as AWS answers its own faults.
   */
  answer(error: unknown, what: string, requestId: string): AwsError {
    return error instanceof AwsError
      ? error
      : new AwsError("InternalFailure", this.note(what, error, requestId), 500, {}, { cause: error });
  }
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
