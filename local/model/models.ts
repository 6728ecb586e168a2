import type { Members } from "../cloud";

/** The official service models (botocore's `service-2.json.gz`), loaded on first use. */
export interface ServiceModels {
  /**
   * Checks an input against the operation's shape: required members, types, patterns, lengths, ranges, enums.
   * @returns members the model does not know (when lenient). @throws AwsError ValidationException in AWS's words.
   */
  validate(service: string, operation: string, input: Members, lenient: boolean): string[];
}
