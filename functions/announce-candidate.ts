import { z } from "zod";
import type { AwsSession } from "../aws/session";
import { Notifications } from "../aws/sns";
import { announce } from "../lifecycle/announcement";

/** Event of the pipeline's Lambda step; numbers come as text, as the definition language joins them. */
const eventShape = z.object({
  environment: z.string().min(1),
  modelPackageArn: z.string().startsWith("arn:"),
  pipelineExecutionArn: z.string().startsWith("arn:"),
  map50: z.coerce.number().min(0).max(1),
  map50Gain: z.coerce.number().min(-1).max(1),
  reportUri: z.string().startsWith("s3://"),
  staging: z.string().min(1).optional(),
});

/** What the handler depends on. */
export interface Dependencies {
  readonly topicArn: string;
  readonly notifications: Pick<Notifications, "publish">;
}

/**
 * Tells approvers about a registered candidate.
 * @returns the step's output parameters; @throws Error naming every wrong member of the event, which fails the pipeline's step.
 */
export async function announceCandidate(
  event: unknown,
  { topicArn, notifications }: Dependencies,
): Promise<{ verdict: string; messageId: string }> {
  const parsed = eventShape.safeParse(event);
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
  // Both are always set: the region by Lambda, the topic by the Pulumi program.
  const session: AwsSession = { region: process.env["AWS_REGION"]! };
  return announceCandidate(event, { topicArn: process.env["TOPIC_ARN"]!, notifications: new Notifications(session) });
}
