import { randomUUID } from "node:crypto";
import { AwsError } from "../errors";
import type { ServiceModel } from "../model/shapes";

/**
 * An error for the user, in Terraform's words. With `created`, the resource exists nevertheless and belongs into the
 * state.
 */
export class ProviderFailure extends Error {
  constructor(
    message: string,
    readonly created?: { readonly id: string; readonly properties: Readonly<Record<string, unknown>> },
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * `creating SageMaker Model (x): operation error SageMaker: CreateModel, https response error StatusCode: 400,
 * RequestID: ..., api error ValidationException: ...`, as the AWS SDK for Go and Terraform write it.
 */
export function failure(
  doing: string,
  title: string,
  id: string,
  service: ServiceModel,
  operation: string,
  error: unknown,
): ProviderFailure {
  const subject = `${doing} ${title}${id ? ` (${id})` : ""}`;
  if (!(error instanceof AwsError))
    return new ProviderFailure(`${subject}: ${(error as Error).message}`, undefined, { cause: error });
  const where = `operation error ${service.metadata.serviceId}: ${operation}`;
  const http = `https response error StatusCode: ${error.status}, RequestID: ${randomUUID()}`;
  return new ProviderFailure(`${subject}: ${where}, ${http}, api error ${error.code}: ${error.message}`, undefined, {
    cause: error,
  });
}

/**
 * Whether an error says that the resource is not there. SageMaker says so with ValidationException or ResourceNotFound.
 */
export function isGone(error: unknown): boolean {
  if (!(error instanceof AwsError)) return false;
  if (/NotFound|NoSuch|DoesNotExist|NonExistent|ResourceNotExist/i.test(error.code)) return true;
  return /^Validation/.test(error.code) && /could not find|does not exist|not found|cannot find/i.test(error.message);
}
