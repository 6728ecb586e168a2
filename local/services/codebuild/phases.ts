import { AwsError } from "../../errors";
import type { CommandPhase, OnFailure } from "./buildspec";
import type { BuildStatus, PhaseContext, PhaseType } from "./records";

/** Something that ends a phase as FAILED, with CodeBuild's status code and message. */
export class PhaseFailure extends Error {
  constructor(
    readonly statusCode: string,
    message: string,
  ) {
    super(message);
  }
}

/** Why a build came to its end before its commands did. */
export type Interruption = "stopped" | "timed out" | "abandoned";

/** Thrown inside a phase when its build shall not go on. */
export class Interrupted extends Error {}

export const PHASE_OF: Readonly<Record<CommandPhase, PhaseType>> = {
  install: "INSTALL",
  pre_build: "PRE_BUILD",
  build: "BUILD",
  post_build: "POST_BUILD",
};

const NEXT: Readonly<Record<CommandPhase, CommandPhase | "UPLOAD_ARTIFACTS">> = {
  install: "pre_build",
  pre_build: "build",
  build: "post_build",
  post_build: "UPLOAD_ARTIFACTS",
};

/**
 * Where a build goes after a phase of commands (CodeBuild User Guide, "Build phase transitions"): a failed install or
 * pre_build ends it, a failed build is still followed by post_build and by the upload.
 */
export function nextPhase(
  phase: CommandPhase,
  failed: boolean,
  onFailure: OnFailure,
): CommandPhase | "UPLOAD_ARTIFACTS" | "FINALIZING" {
  if (!failed) return NEXT[phase];
  switch (onFailure) {
    case "CONTINUE":
      return NEXT[phase];
    case "ABORT":
      return "FINALIZING";
    case "unsaid":
      return phase === "install" || phase === "pre_build" ? "FINALIZING" : NEXT[phase];
  }
}

/**
 * Status and context of a phase that ended with an error.
 * @param note logs a fault of the local cloud.
 * @returns a sentence about it.
 */
export function outcome(
  error: unknown,
  note: (error: unknown) => string,
  interruption: Interruption | undefined,
): { status: BuildStatus; context: PhaseContext } {
  if (interruption === "timed out")
    return { status: "TIMED_OUT", context: { statusCode: "BUILD_TIMED_OUT", message: "Build has timed out. " } };
  if (interruption !== undefined) return { status: "STOPPED", context: { statusCode: "", message: "" } };
  if (error instanceof PhaseFailure)
    return { status: "FAILED", context: { statusCode: error.statusCode, message: error.message } };
  if (error instanceof AwsError)
    return { status: "FAILED", context: { statusCode: "CLIENT_ERROR", message: `${error.code}: ${error.message}` } };
  return { status: "FAULT", context: { statusCode: "INTERNAL_ERROR", message: note(error) } };
}
