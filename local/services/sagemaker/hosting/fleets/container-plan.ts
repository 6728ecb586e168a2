import type { StartContainer } from "./instance";

/** How the containers of a variant are brought up. */
export interface ContainerPlan {
  readonly name: string;
  readonly healthCheckMs: number;
  readonly start: StartContainer;
  /**
   * Told whenever a container has come up, also after a restart.
   * @returns whether it shall stay up; a fault on request ends it.
   */
  readonly staysUp?: () => boolean;
}

/** A variant could not be brought up. The message is what `FailureReason` shows. */
export class VariantFailed extends Error {}
