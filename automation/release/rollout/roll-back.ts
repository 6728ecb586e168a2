import { consequencesOf } from "../../../lifecycle/release-failure";
import { ReleaseRejected, RestoreFailed, UserError } from "../../errors";
import { RolloutStopped } from "../guard/stopped";
import type { DesiredReleaseStore } from "../desired-release";
import { failureKind } from "../failure-kind";
import { type RolloutContext, reportStage } from "./context";
import { converge, tidyUp } from "./converge";
import { record, notify } from "./record";

/**
 * Puts the previous release back, verifies it, records, notifies people, and throws what went wrong. Begun once, a
 * rollback is finished by whoever holds the lock next.
 * @throws the cause as a UserError; RestoreFailed when the previous release could not be put back.
 */
export async function rollBack(context: RolloutContext, desired: DesiredReleaseStore, cause: unknown): Promise<never> {
  const { lock, target, report, wanted } = context;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const consequences = consequencesOf(failureKind(cause));
  const { previous, policyPack = consequences.policyPack } = lock.operation;
  const rollout = cause instanceof RolloutStopped ? cause.rollout : lock.operation.rollout;
  try {
    await lock.note({ phase: "back", reasons: [reason], policyPack, rollout });
    reportStage(context, "putting the previous release back");
    await desired.restore(previous);
    // Where nothing was touched, what is live needs no update.
    if (consequences.redeploy) {
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
  await record(context, wanted.model, {
    outcome: consequences.outcome,
    reasons: [reason],
    policyPack,
    rollout,
  });
  await notify(context, reason, "taken back");
  await tidyUp(context);
  if (cause instanceof UserError) throw cause;
  throw new ReleaseRejected(reason, "The previous release is live again.", { cause });
}
