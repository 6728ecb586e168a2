import type { ServingAnswer } from "../../contract/serving-answer";
import { judgeAnswer } from "../golden-verdict";
import type { Decision } from "../verdict";

/** What one request to a rung came to. */
export interface Outcome {
  readonly atMs: number;
  readonly ok: boolean;
}

/** When failures are more than bad luck. */
export const evidencePolicy = {
  /** Outcomes that count: the last so many, */
  outcomes: 20,
  /** of so long. */
  windowMs: 300_000,
  /** Fewer failures say nothing, */
  failures: 3,
  /** nor does a smaller share of failures. */
  share: 0.5,
} as const;

/** The outcomes that count now, the new one among them. */
export function withOutcome(outcomes: readonly Outcome[], outcome: Outcome): Outcome[] {
  const { outcomes: most, windowMs } = evidencePolicy;
  return [...outcomes, outcome].filter(({ atMs }) => outcome.atMs - atMs < windowMs).slice(-most);
}

/** Whether a rung is taken out of service, by what its requests came to. */
export function judgeRung(outcomes: readonly Outcome[]): Decision<"open" | "keep"> {
  const failures = outcomes.filter(({ ok }) => !ok).length;
  const reasons = [`${failures} of its last ${outcomes.length} requests failed`];
  const { failures: fewest, share } = evidencePolicy;
  return { verdict: failures >= fewest && failures >= share * outcomes.length ? "open" : "keep", reasons };
}

/** An error of SageMaker Runtime, as far as it decides anything. */
export interface InvocationFailure {
  /** `error.name`. */
  readonly name: string;
  readonly message: string;
  /** What the container answered, of a `ModelError`. */
  readonly status?: number;
}

/**
 * Whose fault a failure is. A container that refuses a request with 4xx says that the request is wrong; a sick one may
 * say so of every request, which another rung's answer shows. 408 and 429 are no verdict about the request.
 */
export function judgeFailure({ name, message, status }: InvocationFailure): Decision<"request" | "rung"> {
  const refused = name === "ModelError" && status !== undefined && status >= 400 && status < 500;
  const why = status === undefined ? `${name}: ${message}` : `${name} (${status}): ${message}`;
  return { verdict: refused && status !== 408 && status !== 429 ? "request" : "rung", reasons: [why.slice(0, 300)] };
}

/** Whether an answer can be one: confidences above 1 and boxes outside of the image come from no model that works. */
export function judgeSense({ image, detections }: ServingAnswer): Decision<"sense" | "nonsense"> {
  const answer = { image: "the image", width: image.w, height: image.h, detections };
  const { verdict, reasons } = judgeAnswer({ key: answer.image }, answer);
  return verdict === "plausible"
    ? { verdict: "sense", reasons }
    : { verdict: "nonsense", reasons: reasons.slice(0, 3) };
}
