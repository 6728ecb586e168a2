import type { Call, Requirement } from "./call";
import type { Members } from "./members";
import { RawResponse } from "./raw";

/**
 * How true an operation is. *Executed*: what AWS promises happens (a process runs, a request is denied, an event is
 * delivered). *Simulated*: the outcome is AWS's, the way to it is not. *Recorded*: kept and given back, nothing follows
 * from it.
 */
export type FidelityLevel = "executed" | "simulated" | "recorded";

/**
 * How true an operation is, and in words what that means for its callers; operations with the same words are listed
 * together.
 */
export interface Fidelity {
  readonly level: FidelityLevel;
  readonly note?: string;
}

/** Answers an operation's validated input. @throws AwsError, which the caller is answered; anything else is a bug. */
export type Handler = (
  input: Members,
  call: Call,
) => Members | RawResponse | void | Promise<Members | RawResponse | void>;

/**
 * What the caller of an operation must be allowed to do; ARNs may leave out region and account
 * (`arn:aws:ssm:::parameter/x`).
 */
export type Requires = (input: Members, call: Call) => Requirement[];

/** An operation as the local cloud keeps it: the types of its input and output are its own affair. */
export interface Operation {
  readonly requires: Requires;
  readonly fidelity: Fidelity;
  readonly handle: Handler;
}

/**
 * An input as a handler gets it. The SDK's types say of a required member that it may be undefined, because a caller
 * may leave it out; here the service model has refused such a request before.
 */
export type Validated<T> = T extends Date | Uint8Array
  ? T
  : T extends (infer Item)[]
    ? Validated<Item>[]
    : T extends object
      ? { [Key in keyof T]: undefined extends T[Key] ? OptionalOr<T, Key> : Validated<T[Key]> }
      : T;
type OptionalOr<T, Key extends keyof T> =
  Record<never, never> extends Pick<T, Key> ? Validated<T[Key]> : Validated<NonNullable<T[Key]>>;

/** An answer without what only the SDK adds to it. */
export type Answer<Output> = Omit<Output, "$metadata">;

export interface OperationDeclaration<Input, Output> {
  /**
   * What the caller must be allowed to do: IAM action, resource and the action's own condition keys. Evaluated before
   * `handle`.
   */
  readonly requires: (input: Validated<Input>, call: Call) => Requirement[];
  readonly fidelity: Fidelity;
  readonly handle: (input: Validated<Input>, call: Call) => Answer<Output> | Promise<Answer<Output>>;
}

/**
 * Declares one operation: the right it requires, how true it is, and what it does, in one place. `Input` and `Output`
 * are the SDK's (`CreateTrailCommandInput`, `CreateTrailCommandOutput`), imported as types only, so that no client is
 * loaded.
 */
export function operation<Input extends object, Output extends object>(
  declaration: OperationDeclaration<Input, Output>,
): Operation {
  // The choke point has validated the input against the service model, which SDK and local cloud share: here it gets
  // its type.
  return {
    requires: (input, call) => declaration.requires(input as Validated<Input>, call),
    fidelity: declaration.fidelity,
    handle: (input, call) => declaration.handle(input as Validated<Input>, call),
  };
}

/** The function behind an entry of a service's table, whichever form it has. */
export function handlerOf(entry: Handler | Operation): Handler {
  return typeof entry === "function" ? entry : entry.handle;
}
