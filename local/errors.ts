/**
 * An error as AWS answers it: a code from the service's model, a message in AWS's words, an HTTP status. Everything a
 * caller may be told is an `AwsError`; any other exception is a bug of the local cloud, which is logged and answered as
 * `InternalFailure` with status 500 (`failure-log.ts`).
 */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the error shape (for example `OriginalStatusCode` of a `ModelError`). */
    readonly members: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = code;
  }
}

/** The code and message that SageMaker's control plane uses for almost everything that is wrong with a request. */
export function validationException(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
