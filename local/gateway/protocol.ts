import type { Members } from "../members";
import type { AwsError } from "../errors";
import type { OperationModel, ServiceModel } from "../model/shapes";
import type { Answer, Incoming } from "./http";

/** One wire protocol: how members travel. */
export interface Codec {
  decode(request: Incoming, operation: OperationModel, model: ServiceModel): Members;
  encode(output: Members, operation: OperationModel, model: ServiceModel, requestId: string): Answer;
  encodeError(
    error: AwsError,
    operation: OperationModel | undefined,
    model: ServiceModel | undefined,
    requestId: string,
  ): Answer;
}

/**
 * Services of the query family and S3 say `AccessDenied`, JSON services `AccessDeniedException`; authorisation need not
 * care.
 */
export function errorCode(error: AwsError, family: "json" | "xml"): string {
  if (family === "json" && error.code === "AccessDenied") return "AccessDeniedException";
  if (family === "xml" && error.code === "AccessDeniedException") return "AccessDenied";
  return error.code;
}

/** The status of an error: the model's, where it declares one and the handler did not choose. */
export function errorStatus(error: AwsError, operation: OperationModel | undefined): number {
  if (error.status !== 400) return error.status;
  const shape = operation?.errors.find(
    (candidate) => candidate.name === error.code || candidate.error?.code === error.code,
  );
  return shape?.error?.httpStatusCode ?? error.status;
}
