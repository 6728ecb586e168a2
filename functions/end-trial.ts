import { z } from "zod";
import { functionSession } from "../aws/session";
import { buildVariable } from "../contract/variables";
import { buildEvent } from "../contract/events";
import { SageMaker } from "../aws/sagemaker";

/**
 * A build that ended badly, or was stopped, before it could say how the candidate did: fails the pipeline's step in its
 * place. A build that did say so left nothing to end, and one without a token was no trial.
 * @returns what was done, for the log.
 * @throws Error naming every wrong member of an event that is none of CodeBuild's.
 */
export async function endTrial(
  event: unknown,
  steps: Pick<SageMaker, "failStep">,
): Promise<"no trial" | "failed the step" | "was ended before"> {
  const parsed = buildEvent.safeParse(event);
  if (!parsed.success) throw new Error(`the event is not a build's:\n${z.prettifyError(parsed.error)}`);
  const {
    "build-status": status,
    "build-id": id,
    "additional-information": { environment },
  } = parsed.data.detail;
  const token = environment["environment-variables"].find(({ name }) => name === buildVariable.callbackToken)?.value;
  if (!token) return "no trial";
  const ended = await steps.failStep(
    token,
    `The release build ${id.split("/").at(-1)} ended as ${status} and said nothing of the candidate: see its log.`,
  );
  return ended ? "failed the step" : "was ended before";
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  return endTrial(event, new SageMaker(functionSession()));
}
