import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import type { RawResponse } from "../../raw";
import type { AwsError } from "../../errors";
import type { DependentFacts } from "./facts";

/**
 * What else AWS asks IAM about an operation: calls that its service makes to other services, in the caller's name or in
 * its own. Services here make no such calls, so their requirements are declared, by `service:Operation` in botocore's
 * names.
 */
export interface DependentRule {
  /** What is asked of whom, for people; `believed` where AWS does not say it. */
  readonly asks: string;
  /** Asked after the operation's own requirements, before anything happens. */
  readonly before?: (input: Members, call: Call, facts: DependentFacts) => Requirement[];
  /** Asked about what was found, before the caller gets it. */
  readonly answer?: (input: Members, output: Members | RawResponse, call: Call, facts: DependentFacts) => Requirement[];
  /** The service's own words, where it has others than IAM's. */
  readonly refusal?: (requirement: Requirement, message: string, input: Members, facts: DependentFacts) => AwsError;
}

export type DependentTable = Readonly<Record<string, DependentRule>>;
