import type { RolloutOutcome } from "../../../lifecycle/rollout/outcome";
import { ReleaseRejected } from "../../errors";
import type { Environment } from "../../stack/environment";
import { guardSettings } from "./watch";

/** The guard of the rollout speaks against the release. */
export class RolloutStopped extends ReleaseRejected {
  constructor(
    message: string,
    next: string,
    /** For the record. */
    readonly rollout: RolloutOutcome,
    options?: { cause?: unknown },
  ) {
    super(message, next, options);
  }
}

/**
 * What an update that failed has to do with its guard: where the guard had it taken back, its reasons belong to the
 * failure.
 */
export function withGuard(error: unknown, seen: RolloutOutcome | undefined): unknown {
  if (!(error instanceof ReleaseRejected) || seen?.verdict !== "roll back") return error;
  return new RolloutStopped(`${error.message}\n${worseThanBefore(seen)}`, error.next, seen, { cause: error });
}

/**
 * @param seen undefined where nothing was compared.
 * @throws RolloutStopped where a release that SageMaker made live may not stay.
 */
export function refuseUnproven(
  seen: RolloutOutcome | undefined,
  environment: Pick<Environment, "name" | "settings">,
): void {
  switch (seen?.verdict) {
    case undefined:
    case "promote":
      return;
    case "roll back":
      throw new RolloutStopped(
        `SageMaker ended the update before it could be taken back.\n${worseThanBefore(seen)}`,
        "Look at what the model answered, and how fast; then treat the model as the cause.",
        seen,
      );
    case "inconclusive":
      if (guardSettings(environment).unproven === "keep") return;
      throw new RolloutStopped(
        `The rollout proved nothing, and ${environment.name} keeps no such release (peregrine:rolloutUnproven):\n${linesOf(seen)}`,
        "Promote it again while there is more traffic, or give the canary more of it and more time: peregrine:rolloutStepPercent, peregrine:rolloutWaitSeconds.",
        seen,
      );
  }
}

function worseThanBefore(seen: RolloutOutcome): string {
  return `By what both configurations served, the new one is worse:\n${linesOf(seen)}`;
}

function linesOf({ reasons }: RolloutOutcome): string {
  return reasons.map((reason) => `  - ${reason}`).join("\n");
}
