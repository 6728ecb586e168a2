import type { Policy, Session } from "./model";

/** A question to whoever evaluates policies. */
export interface Request {
  readonly session: Session;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** Account of the resource, and its own policy where it has one. */
  readonly resourceAccount: string;
  readonly resourcePolicy?: Policy;
  readonly policyMustAllow?: boolean;
}

/** The answer, with the statement that gave it. */
export interface Verdict {
  readonly allowed: boolean;
  readonly policy?: string;
  readonly statement?: string;
}

/** The port to an IAM evaluator. */
export interface Evaluator {
  decide(request: Request): Verdict;
}

/**
 * A family of requests: an action on resources that match a pattern, with what the precondition prescribes in the
 * context.
 */
export interface RequestPattern {
  readonly action: string;
  readonly pattern: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** A request that was allowed. */
export interface AllowedRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
  readonly policy: string;
  readonly statement: string;
}
