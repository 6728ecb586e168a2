import type { Members } from "../members";
import type { ServiceModel } from "./shapes";

/** The official service models (botocore's `service-2.json.gz`), loaded on first use. */
export interface ServiceModels {
  /**
   * Checks an input against the operation's shape: required members, types, patterns, lengths, ranges, enums. Lenient:
   * members that the model does not know are removed from `input` and returned; otherwise they are errors, and a
   * missing idempotency token is filled in, as SDKs do.
   * @throws AwsError ValidationException (ValidationError for query services) in AWS's words.
   */
  validate(service: string, operation: string, input: Members, lenient: boolean): string[];
  /** The model of a service. @param service botocore's folder name. @throws Error when botocore has no such service. */
  service(service: string): ServiceModel;
  has(service: string): boolean;
}
