import type { Call, Requirement } from "../call";
import type { Members } from "../members";
import type { RawResponse } from "../raw";
import type { Service } from "../service";
import type { RightsUsage } from "./usage";

/** Decides whether the caller may do what an operation requires. Throws AccessDenied in AWS's words when not. */
export interface Authoriser {
  authorise(service: Service, input: Members, call: Call): void;
  /** The same for what the operation found: an encrypted object is given to whoever may use its key. */
  authoriseAnswer?(service: Service, input: Members, output: Members | RawResponse, call: Call): void;
  /** Whether a key's policy, if it were this one, would let the caller do something with the key. */
  wouldAllow?(action: string, keyArn: string, policy: string, call: Call): boolean;
  /** Which rights were used since the start. */
  readonly usage?: RightsUsage;
  /** Whether a principal may do what is required; refuses nothing. */
  allows?(requirement: Requirement, call: Call): boolean;
}
