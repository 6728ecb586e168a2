import type { AsynchronousQueue } from "./asynchronous";
import type { CodeStore } from "./code";
import type { Environments } from "./environments";
import type { FunctionStore } from "./functions";

/** What Lambda's operations work on. */
export interface LambdaParts {
  readonly store: FunctionStore;
  readonly code: CodeStore;
  readonly environments: Environments;
  readonly queue: AsynchronousQueue;
}
