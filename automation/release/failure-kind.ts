import type { FailureKind } from "../../lifecycle/release-failure";
import {
  HealthCheckFailed,
  PolicyBlocked,
  ProgramFailed,
  ProviderFailed,
  ReleaseRejected,
  StackLocked,
  UserError,
} from "../errors";
import { RolloutStopped } from "./guard/stopped";

/**
 * What kind of failure an error of a release is. A rollback wraps what nobody foresaw into a `ReleaseRejected`, whose
 * cause tells.
 */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof PolicyBlocked) return "policy";
  if (error instanceof ProgramFailed) return "program";
  if (error instanceof StackLocked) return "locked";
  if (error instanceof ProviderFailed) return "provider";
  if (error instanceof HealthCheckFailed) return "health";
  if (error instanceof RolloutStopped && error.rollout.verdict === "inconclusive") return "unproven";
  if (error instanceof ReleaseRejected)
    return error.cause === undefined || error.cause instanceof UserError ? "rejected" : "unexpected";
  return "unexpected";
}
