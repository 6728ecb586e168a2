import type { Members } from "../../../../members";
import { AwsError } from "../../../../errors";

/** How one attempt of a step ended. `exception` is the class that retry policies name. */
export type Outcome =
  | {
      readonly status: "Succeeded";
      readonly metadata?: Record<string, unknown>;
      readonly response?: Members;
      readonly outcome?: boolean;
    }
  | { readonly status: "Stopped"; readonly metadata?: Record<string, unknown> }
  | {
      readonly status: "Failed";
      readonly reason: string;
      readonly exception?: string;
      readonly metadata?: Record<string, unknown>;
    };

/**
 * A request on the pipeline's behalf; AWS's refusals become the step's failure reason.
 * @param action an operation of SageMaker, or `service:Action`.
 */
export async function attempt(
  action: string,
  request: () => Promise<Members>,
): Promise<{ output: Members } | Extract<Outcome, { status: "Failed" }>> {
  try {
    return { output: await request() };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const exception =
      error.status >= 500
        ? "Step.SERVICE_FAULT"
        : /Throttl|TooManyRequests/i.test(error.code)
          ? "Step.THROTTLING"
          : error.code === "ResourceLimitExceeded"
            ? "SageMaker.RESOURCE_LIMIT"
            : undefined;
    const name = action.includes(":") ? action : `sagemaker:${action}`;
    return {
      status: "Failed",
      reason: `${error.status >= 500 ? "InternalServerError" : "ClientError"}: Failed to invoke ${name}. Error Details: ${error.message}`,
      exception,
    };
  }
}
