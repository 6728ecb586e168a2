import type { AlertDetail } from "../../contract/monitoring";
import type { RetrainingProposal } from "../../contract/monitoring";
import type { RetrainingDecision } from "./decision";

/** What was decided before, as far as people know it by now. */
export interface ToldBefore {
  readonly verdict: RetrainingDecision["verdict"];
  readonly ask?: string;
}

/**
 * What people are told of a decision: each training, the first of several that wait, and each new question. Drift is
 * seen anew every hour, and nobody wants to read every hour that it waits.
 * @param before the decision before this one since the last training; undefined where there is none.
 * @returns undefined where nobody needs to know.
 */
export function decisionNotice(
  decision: RetrainingDecision,
  proposal: RetrainingProposal,
  before: ToldBefore | undefined,
  evidence: string,
): AlertDetail | undefined {
  const { verdict, ask, reasons } = decision;
  const asked = ask !== undefined && before?.ask === undefined;
  if (verdict === "no" || (verdict === "wait" && !asked && before?.verdict === "wait")) return undefined;
  const what = {
    retrain: "A training was started",
    wait: "A training is needed and waits",
  }[verdict];
  return {
    severity: asked ? "warning" : "info",
    area: "model",
    cause: "retraining",
    message: `${what} (proposed by ${proposal.trigger}: ${proposal.reason}). ${sentences(reasons)}${ask === undefined ? "" : ` ${sentences([ask])} Runbook: docs/runbooks/retraining-failed.md.`} All decisions: npx peregrine retrain decisions`,
    evidence,
    ...(proposal.endpoint === undefined ? {} : { endpoint: proposal.endpoint }),
    ...(proposal.modelSha256 === undefined ? {} : { modelSha256: proposal.modelSha256 }),
    ...(ask === undefined ? {} : { runbook: "docs/runbooks/retraining-failed.md" }),
    command: "npx peregrine retrain decisions",
  };
}

function sentences(texts: readonly string[]): string {
  return texts.map((text) => `${text[0]!.toUpperCase()}${text.slice(1)}.`).join(" ");
}
