/**
 * An error that is the user's to solve: what happened, why, and what to do next. Printed without a stack, exit code 1;
 * every other exception is a bug of ours.
 */
export class UserError extends Error {
  constructor(
    message: string,
    /** What to do now, as a sentence. */
    readonly next: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The policy pack refused the plan; nothing was changed. */
export class PolicyBlocked extends UserError {}
/** AWS refused or failed to make a resource what the plan wants; what was made before stays and is in the state. */
export class ProviderFailed extends UserError {}
/** Something that an update needs is not as it must be; nothing was changed. */
export class NotReady extends UserError {}
/** The program has changes beside the release that nobody has deployed yet; nothing was changed. */
export class InfrastructurePending extends UserError {}
/** The environment was never brought up, so nothing is known of it. */
export class EnvironmentNotUp extends UserError {}
/** The stack was last updated by a program that exports something else than automation relies on. */
export class OutputsDamaged extends UserError {}
/** Somebody else is updating the same stack. */
export class StackLocked extends UserError {}
/** Another release, rollback or teardown is at work in the environment. */
export class EnvironmentLocked extends UserError {}
/** The parameter that says what an environment shall serve cannot be read. */
export class DesiredReleaseDamaged extends UserError {}
/** A container of the new fleet did not come up or did not pass its health check. */
export class HealthCheckFailed extends UserError {}
/** The previous release could not be put back either: the environment needs a person. */
export class RestoreFailed extends UserError {}
/** The program, its settings or the engine failed before any resource was touched. */
export class ProgramFailed extends UserError {}
/** The environment came up but does not do what a release must do; the previous release is live again. */
export class ReleaseRejected extends UserError {}
