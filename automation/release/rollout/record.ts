import { documentSchema } from "../../../contract/documents";
import { callerIdentity } from "../../../aws/sts";
import { HeadNotNoted } from "../../../records/ledger";
import type { RolloutOutcome } from "../../../lifecycle/rollout/outcome";
import { recordRelease, releaseId, type ReleaseRecord } from "../../../records/release";
import { type RollbackOutcome, alertFailure, alertUnproven } from "../alert";
import { UserError } from "../../errors";
import { takeOverLedger } from "../../audit/log";
import { ledgerOf } from "../history";
import { sameRelease } from "../desired-release";
import type { ReleasedModel } from "../../../contract/desired-release";
import { type RolloutContext, reportStage } from "./context";

/** How an attempt ended. */
export interface Ending {
  readonly outcome: ReleaseRecord["outcome"];
  readonly reasons: readonly string[];
  readonly policyPack: ReleaseRecord["policyPack"]["result"];
  readonly endpointConfigName?: string;
  /** What the comparison with the release before came to; absent where nothing was compared. */
  readonly rollout?: RolloutOutcome;
  /** Of the attempt; that of the present operation when left out. */
  readonly startedAt?: string;
}

/**
 * Writes the record of an attempt into the ledger.
 * @param model the wanted one, or that of a killed command.
 * @throws UserError when it cannot.
 */
export async function record(
  context: RolloutContext,
  model: ReleasedModel,
  { outcome, reasons, policyPack, endpointConfigName, rollout, startedAt }: Ending,
): Promise<void> {
  const { target, outputs, wanted, lock, by } = context;
  const { previous } = lock.operation;
  const { at } = await callerIdentity(target.session);
  const entry: ReleaseRecord = {
    schema: documentSchema.release,
    environment: target.name,
    releaseId: releaseId(model),
    modelPackageArn: model.modelPackageArn,
    modelSha256: model.modelSha256,
    imageUri: model.imageUri,
    gitCommit: (await target.source()).commit,
    ...(sameRelease(model, wanted.model) ? wanted.evidence : {}),
    policyPack: { version: target.policyPackVersion(), result: policyPack },
    kind: wanted.kind,
    outcome,
    reasons: [...reasons],
    endpointConfigName,
    rollout,
    startedAt: startedAt ?? lock.operation.startedAt,
    endedAt: at.toISOString(),
    previousReleaseId: previous && releaseId(previous),
  };
  await recordRelease(ledgerOf(target, outputs), entry, by).catch((error: unknown) => {
    // The entry is there; the next one notes the head again.
    if (error instanceof HeadNotNoted) return reportStage(context, error.message);
    throw new UserError(
      `The ${wanted.kind} of ${entry.releaseId} in ${target.name} (${outcome}) could not be recorded: ${(error as Error).message}`,
      `The environment is as it should be; mend the ledger (docs/runbooks/release-failed.md), then run the same command again.`,
      { cause: error },
    );
  });
  await takeOverLedger(target, outputs, (sentence) => reportStage(context, sentence));
}

/** Tells people. A message that cannot be sent must not hide what it was about. */
export async function notify(context: RolloutContext, reason: string, aftermath: RollbackOutcome): Promise<void> {
  const { target, outputs, wanted } = context;
  const { kind, model } = wanted;
  await told(context, alertFailure(target, outputs, { environment: target.name, kind, model, reason }, aftermath));
}

/** Tells people that a release is live of which nothing is proven. */
export async function notifyUnproven(context: RolloutContext, { reasons }: RolloutOutcome): Promise<void> {
  const { target, outputs, wanted } = context;
  reportStage(context, `the release is live, and nothing is proven of it: ${reasons.join("; ")}`);
  await told(context, alertUnproven(target, outputs, { environment: target.name, model: wanted.model, reasons }));
}

async function told(context: RolloutContext, telling: Promise<void>): Promise<void> {
  await telling.catch((error: Error) =>
    reportStage(context, `nobody could be told (${error.message}): tell those who answer for ${context.target.name}`),
  );
}
