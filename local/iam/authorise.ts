import type { Call, Members, Service } from "../cloud";

/** Decides whether the caller may do what an operation requires. Throws AccessDenied in AWS's words when not. */
export interface Authoriser {
  authorise(service: Service, input: Members, call: Call): void;
}
