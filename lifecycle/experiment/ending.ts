import type { EndingDocument } from "../../contract/experiment";
import type { AlertDetail } from "../../contract/monitoring";
import type { ReleaseRequest } from "../../contract/release-request";

/** Who is told of an ending, and what about. */
export interface Ended {
  readonly environment: string;
  readonly endpoint: string;
  /** Whether release builds take requests for the environment. */
  readonly takesRequests: boolean;
  /** S3 URI of the looks. */
  readonly evidence: string;
  readonly challenger: { readonly modelPackageArn: string; readonly modelSha256: string };
}

/**
 * What follows from an ending: a challenger that won is released as any other model, through the gate; any other is
 * taken away.
 */
export function requestAfter(
  { id, outcome }: Pick<EndingDocument, "id" | "outcome">,
  { challenger }: Pick<Ended, "challenger"> | { challenger: Pick<Ended["challenger"], "modelPackageArn"> },
): ReleaseRequest {
  return outcome === "won"
    ? { action: "release", modelPackageArn: challenger.modelPackageArn }
    : { action: "end-experiment", experiment: id };
}

const said: Readonly<Record<EndingDocument["outcome"], string>> = {
  won: "The challenger won",
  lost: "The challenger lost and gets no traffic any more",
  guardrail: "The challenger does harm and gets no traffic any more",
  void: "The experiment is void, and proves nothing",
  inconclusive: "The experiment ended without a verdict",
  stopped: "The experiment was stopped",
  superseded: "The experiment ended with a rollback",
  failed: "The challenger did not pass its tests",
};

/** What people are told. */
export function endingNotice(
  { id, outcome, reasons, at }: EndingDocument,
  { environment, endpoint, takesRequests, evidence, challenger }: Ended,
): AlertDetail {
  const next = requestAfter({ id, outcome }, { challenger });
  const command =
    next.action === "release"
      ? `npx peregrine promote ${challenger.modelPackageArn} --to ${environment}`
      : `npx peregrine experiment stop --stack ${environment}`;
  const follows = takesRequests
    ? next.action === "release"
      ? "Its release was asked for, and goes through the gate."
      : "A release build takes it away."
    : `Nobody takes requests for ${environment}: ${command}`;
  return {
    severity: outcome === "won" || outcome === "inconclusive" ? "info" : "warning",
    area: "model",
    cause: "experiment",
    endpoint,
    modelSha256: challenger.modelSha256,
    message: `${said[outcome]} (${id}). ${reasons.map((text) => `${text[0]!.toUpperCase()}${text.slice(1)}.`).join(" ")} ${follows}`,
    since: at,
    evidence,
    ...(outcome === "void" ? { runbook: "docs/runbooks/experiment-void.md" } : {}),
    command: takesRequests ? `npx peregrine experiment status --stack ${environment}` : command,
  };
}
