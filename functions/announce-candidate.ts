import { z } from "zod";
import { functionSession } from "../aws/session";
import { readVariables } from "../contract/variables";
import { candidateNews } from "../contract/pipeline-messages";
import { Notifications } from "../aws/sns";
import { announce } from "../lifecycle/announcement";

/** What the handler depends on. */
export interface Dependencies {
  readonly topicArn: string;
  readonly notifications: Pick<Notifications, "publish">;
}

/**
 * Tells approvers about a registered candidate.
 * @returns the step's output parameters;
 * @throws Error naming every wrong member of the event, which fails the pipeline's step.
 */
export async function announceCandidate(
  event: unknown,
  { topicArn, notifications }: Dependencies,
): Promise<{ verdict: string; messageId: string }> {
  const parsed = candidateNews.safeParse(event);
  if (!parsed.success) throw new Error(`the event is not a candidate:\n${z.prettifyError(parsed.error)}`);
  const { verdict, subject, body } = announce(parsed.data);
  const messageId = await notifications.publish(
    topicArn,
    subject,
    `${body}\nPipeline execution: ${parsed.data.pipelineExecutionArn}`,
  );
  return { verdict, messageId };
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<{ verdict: string; messageId: string }> {
  const { TOPIC_ARN } = readVariables("announce-candidate", process.env);
  return announceCandidate(event, { topicArn: TOPIC_ARN, notifications: new Notifications(functionSession()) });
}
