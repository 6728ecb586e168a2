import { documentSchema } from "../../contract/documents";
import { callerIdentity } from "../../aws/sts";
import { contradictsDecision } from "../../lifecycle/decision-checks";
import type { GateDecision } from "../../lifecycle/gate";
import { recordRelease, type ReleaseContent, releaseId, type ReleaseRecord } from "../../records/release";
import { takeOverLedger } from "../audit/log";
import { alertRefusal } from "./alert";
import { ledgerOf } from "./history";
import type { ReleaseReporter } from "./rollout/rollout";
import type { Evidence } from "./rollout/context";
import type { Environment } from "../stack/environment";

/** A package that the gate refused, with who decided about it and who touched it since. */
export interface Refused {
  readonly model: ReleaseContent;
  /** Whether the registry calls it approved. */
  readonly approved: boolean;
  readonly decision: GateDecision;
  readonly evidence: Evidence;
  readonly touchedBy: ReleaseRecord["touchedBy"];
}

/**
 * Records and tells that a package was refused which the registry calls approved, and which no decision covers as it is
 * now: somebody edited it, or set the status without deciding. What else the gate refuses is the caller's to know.
 * Nothing here may hide the refusal.
 */
export async function recordRefusals(
  targets: readonly Environment[],
  refused: Refused,
  report: ReleaseReporter,
): Promise<void> {
  const { approved, decision, evidence } = refused;
  if (!approved || !contradictsDecision(decision.checks)) return;
  await Promise.all(
    targets.map(async (target) => {
      const reportFailure = (what: string) => (error: Error) => report.stage(target.name, `${what} (${error.message})`);
      await record(target, refused, report).catch(reportFailure("the refusal could not be recorded"));
      const refusal = {
        environment: target.name,
        modelPackageArn: refused.model.modelPackageArn,
        reasons: decision.reasons,
        changed: evidence.decision !== undefined,
      };
      await target
        .outputs()
        .then((outputs) => alertRefusal(target, outputs, refusal))
        .catch(reportFailure(`nobody could be told of the refusal: tell those who answer for ${target.name}`));
    }),
  );
}

async function record(
  target: Environment,
  { model, decision, evidence, touchedBy }: Refused,
  report: ReleaseReporter,
): Promise<void> {
  const outputs = await target.outputs();
  const { arn, at } = await callerIdentity(target.session);
  const entry: ReleaseRecord = {
    schema: documentSchema.release,
    environment: target.name,
    releaseId: releaseId(model),
    ...model,
    gitCommit: (await target.source()).commit,
    ...evidence,
    touchedBy,
    policyPack: { version: target.policyPackVersion(), result: "not-run" },
    kind: "promote",
    outcome: "rejected",
    reasons: [...decision.reasons],
    startedAt: at.toISOString(),
    endedAt: at.toISOString(),
  };
  await recordRelease(ledgerOf(target, outputs), entry, arn);
  await takeOverLedger(target, outputs, (sentence) => report.stage(target.name, sentence));
}
