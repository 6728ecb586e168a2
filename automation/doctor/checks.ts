import { isDenied } from "../../aws/session";
import { type CheckResult, failed, type Finding, warning } from "../../lifecycle/health/finding";

/** Asks for facts and judges them. */
export type Check = () => Promise<CheckResult> | CheckResult;

/**
 * Runs a check. One that itself fails is a finding; one that the caller is not allowed is a warning, since nobody knows
 * then.
 */
export async function runCheck(
  name: string,
  check: Check,
  cure = "See the error; the roles and what they may do are in infra/identity.",
): Promise<Finding> {
  try {
    return { name, ...(await check()) };
  } catch (error) {
    const { message, next } = error as Error & { next?: string };
    if (isDenied(error))
      return {
        name,
        ...warning(`you may not look: ${message}`, "Ask somebody who may, or look with another profile."),
      };
    return { name, ...failed(message, next ?? cure) };
  }
}
