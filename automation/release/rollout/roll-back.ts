import type { ReleaseRecord } from "../../../records/release";
import { PolicyBlocked, ProgramFailed, ReleaseRejected, RestoreFailed, StackLocked, UserError } from "../../errors";
import type { DesiredReleaseStore } from "../desired-release";
import { type RolloutContext, tell } from "./context";
import { converge, tidyUp } from "./converge";
import { record, notify } from "./record";

/**
 * The way back: puts the previous release back, proves it, records, tells people, and throws what went wrong. Begun once, it is gone to
 * its end by whoever holds the lock next. @throws the cause as a UserError; RestoreFailed when the previous release could not be put back.
 */
export async function rollBack(context: RolloutContext, desired: DesiredReleaseStore, cause: unknown): Promise<never> {
  const { lock, target, report, wanted } = context;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const { previous, policyPack = policyPackOf(cause) } = lock.operation;
  try {
    await lock.note({ phase: "back", reasons: [reason], policyPack });
    tell(context, "putting the previous release back");
    await desired.restore(previous);
    if (touched(cause)) {
      if (previous) await converge(context, previous);
      else await target.up((progress) => report.progress?.(target.name, progress));
    }
  } catch (error) {
    const text = `${reason}\nAnd the previous release could not be put back: ${(error as Error).message}`;
    await notify(context, text, "not taken back");
    throw new RestoreFailed(
      text,
      `Correct the cause, then run the same command again: it goes on putting back (docs/runbooks/release-failed.md). See where things are: npx peregrine doctor --stack ${target.name}`,
      { cause: error },
    );
  }
  // `rolled-back`: it came up and was taken back; `failed`: it did not come up.
  await record(context, wanted.model, {
    outcome: cause instanceof ReleaseRejected ? "rolled-back" : "failed",
    reasons: [reason],
    policyPack,
  });
  await notify(context, reason, "taken back");
  await tidyUp(context);
  if (cause instanceof UserError) throw cause;
  throw new ReleaseRejected(reason, "The previous release is live again.", { cause });
}

/** Where nothing was touched, what is live needs no update. */
function touched(cause: unknown): boolean {
  return !(cause instanceof PolicyBlocked || cause instanceof ProgramFailed || cause instanceof StackLocked);
}

/** What the policy pack said of a plan that came to this end. */
function policyPackOf(cause: unknown): ReleaseRecord["policyPack"]["result"] {
  if (cause instanceof PolicyBlocked) return "blocked";
  return touched(cause) ? "passed" : "not-run";
}
