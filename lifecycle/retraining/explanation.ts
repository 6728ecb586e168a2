import type { AlertDetail } from "../../contract/monitoring";

/** A step of an execution that ended, as far as a failure needs it. */
export interface EndedStep {
  readonly name: string;
  readonly status: string;
  readonly reason?: string;
  /** Job that the step ran, with the group of its log. */
  readonly job?: { readonly name: string; readonly logGroup: string };
}

export interface Failure {
  readonly execution: string;
  readonly status: "Failed" | "Stopped";
  /** ISO 8601. */
  readonly at: string;
  /** What the execution says of itself. */
  readonly reason?: string;
  readonly failed?: EndedStep;
  /** Last lines of the failed job's log. */
  readonly tail: readonly string[];
  /** What could not be found out. */
  readonly missing: readonly string[];
}

/** The step that failed: the first, since others fail after it. */
export function failedStep(steps: readonly EndedStep[]): EndedStep | undefined {
  return steps.find(({ status }) => status === "Failed");
}

/** Longest line, and longest message; an alert is read on a telephone, and SNS takes 256 KB. */
const longest = { line: 300, message: 6000 };
const runbook = "docs/runbooks/retraining-failed.md";
const trialRunbook = "docs/runbooks/trial-failed.md";

/** What people read when a training ended without a model. */
export function explainFailure(failure: Failure): AlertDetail {
  const { execution, status, at, reason, failed, tail, missing } = failure;
  const page = failed?.name === "DeployStaging" ? trialRunbook : runbook;
  const command = `aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn ${execution}`;
  const parts = [
    `Training ended as ${status} at ${at}. The serving model is unchanged.`,
    failed
      ? `Step ${failed.name} failed: ${failed.reason ?? "it gives no reason"}.`
      : `No step failed; the execution says: ${reason ?? "nothing"}.`,
    failed?.job ? `Job ${failed.job.name}, log group ${failed.job.logGroup}.` : "",
    // One paragraph: EventBridge writes a line break in a notice as two characters.
    tail.length > 0 ? `The log ends with: ${tail.map((line) => cut(line.trim(), longest.line)).join(" | ")}.` : "",
    missing.length > 0 ? `Not found out: ${missing.join(", ")}.` : "",
    `Execution: ${execution}. See its steps: ${command}. Runbook: ${page}`,
  ];
  return {
    severity: "warning",
    area: "model",
    cause: "training-failed",
    message: cut(parts.filter(Boolean).join(" "), longest.message),
    evidence: execution,
    runbook: page,
    command,
  };
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 3)}...`);
