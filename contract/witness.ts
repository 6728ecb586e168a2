import { type EnvironmentName, environments } from "./environments";
import { project } from "./names";
import { requestQueue } from "./release-request";

/** Function and role that remember what they were shown of another environment's log. */
export const witnessing = "witness-log";

/**
 * Who witnesses an environment's log: another environment, so that whoever writes the one does not write the other. None
 * is dev's to witness: its release builds write the logs of all.
 */
export function witnessOf(environment: string): EnvironmentName {
  return environment === "staging" ? "prod" : "staging";
}

/** The environments whose logs one witnesses. */
export function witnessedBy(environment: EnvironmentName): EnvironmentName[] {
  return environments.filter((name) => witnessOf(name) === environment);
}

/**
 * The queue by which an environment's log is shown to its witness. It is the witness's; its name is one of the queues
 * for requests, so that what keeps people from changing those keeps them from this one.
 */
export function witnessQueue(environment: string): string {
  return requestQueue(`witness-${environment}`);
}

/**
 * SSM parameter with what the witness of an environment's log saw last. It lies outside of every environment's path:
 * nobody's rights on their own environment reach it.
 */
export function witnessParameter(environment: string): string {
  return `/${project}/witness/${environment}`;
}
