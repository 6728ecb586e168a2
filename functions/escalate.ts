import { createHash } from "node:crypto";
import { z } from "zod";
import { Metrics } from "../aws/cloudwatch";
import { ObjectStore } from "../aws/s3";
import { functionSession } from "../aws/session";
import { Notifications } from "../aws/sns";
import { Queues } from "../aws/sqs";
import {
  acknowledgement,
  dueMessage,
  type EscalationPolicy,
  escalationPolicy,
  escalationQueue,
  heartbeatMetric,
  heartbeatSubject,
  longestDelaySeconds,
} from "../contract/escalation";
import { readVariables } from "../contract/variables";
import { acknowledge, decideStep, noteAlert, noteStep, readAlert, stepOf } from "../lifecycle/escalation";
import { EscalationBook } from "../records/escalation-book";

const eventShape = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      attributes: z.object({ SenderId: z.string(), ApproximateFirstReceiveTimestamp: z.coerce.number() }),
    }),
  ),
});
type Message = z.infer<typeof eventShape>["Records"][number];

/** What SNS sends to a queue, as far as it is read (SNS developer guide, "Fanout to SQS queues"). */
const notification = z.object({
  Type: z.literal("Notification"),
  MessageId: z.string(),
  Subject: z.string().nullish(),
  Message: z.string(),
  Timestamp: z.iso.datetime(),
});

const anything = z.union([notification, dueMessage, acknowledgement]);

/** What the handler depends on. */
export interface Dependencies {
  readonly environment: string;
  readonly policy: EscalationPolicy;
  readonly book: Pick<EscalationBook, "change" | "read">;
  readonly notifications: Pick<Notifications, "publish">;
  readonly queues: Pick<Queues, "sendLater">;
  readonly metrics: Pick<Metrics, "publish">;
  readonly log: (line: string) => void;
}

/** The messages that were not handled: the queue hands them out again. */
interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Tells the next level of an alert that nobody acknowledged, at its minute. What is due waits as a message that SQS
 * holds back: to the second, and for fifteen minutes at most, so that it is sent on until it is due.
 */
export async function escalate(event: unknown, dependencies: Dependencies): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const message of eventShape.parse(event).Records)
    try {
      dependencies.log(`${message.messageId}: ${await handle(message, dependencies)}`);
    } catch (error) {
      failures.push({ itemIdentifier: message.messageId });
      dependencies.log(`${message.messageId} failed: ${(error as Error).message}`);
    }
  return { batchItemFailures: failures };
}

async function handle(message: Message, dependencies: Dependencies): Promise<string> {
  const found = anything.parse(JSON.parse(message.body));
  const nowMs = message.attributes.ApproximateFirstReceiveTimestamp;
  if ("Type" in found) return hear(found, nowMs, dependencies);
  if (found.kind === "due") return takeStep(found, nowMs, dependencies);
  const { book } = dependencies;
  const by = message.attributes.SenderId;
  await book.change((state) => ({ state: acknowledge(state, found.id, by, nowMs), result: undefined }));
  return `${found.id} is acknowledged by ${by}`;
}

async function hear(
  { MessageId, Subject, Message: body, Timestamp }: z.infer<typeof notification>,
  nowMs: number,
  dependencies: Dependencies,
): Promise<string> {
  const { book, environment, metrics, policy } = dependencies;
  if (Subject === heartbeatSubject || body.includes(`"${heartbeatSubject}"`)) {
    const { namespace, name } = heartbeatMetric(environment);
    // The book is part of the path.
    await book.read();
    await metrics.publish(namespace, name, {}, 1);
    return "the path of alerts lives";
  }
  const id = createHash("sha256").update(MessageId).digest("hex").slice(0, 8);
  const alert = readAlert({ id, subject: Subject ?? "", body, atMs: Date.parse(Timestamp) });
  if (!alert) return "no alert that anybody acknowledges";
  const opened = await book.change((state) => {
    const noted = noteAlert(state, alert, policy);
    return { state: noted.state, result: noted.opened };
  });
  if (!opened) return `${alert.about}: ${alert.ended ? "it is over" : "it has no levels, or is known"}`;
  await wait(id, 0, nowMs, dependencies);
  return `${id} waits for somebody: ${alert.about}`;
}

async function takeStep(
  { id, step }: z.infer<typeof dueMessage>,
  nowMs: number,
  dependencies: Dependencies,
): Promise<string> {
  const { book, log, notifications, policy } = dependencies;
  const escalation = (await book.read()).open[id];
  const { verdict, reasons } = decideStep(policy, escalation, step, nowMs);
  if (verdict === "stop" || !escalation) return `${id}: stops, ${reasons.join("; ")}`;
  if (verdict === "wait") {
    await wait(id, step, nowMs, dependencies);
    return `${id}: ${reasons.join("; ")}`;
  }
  const { level } = stepOf(policy, escalation, step)!;
  const subject = `ESCALATED ${escalation.subject}`.slice(0, 100);
  const body = `${escalation.body}\nNobody has acknowledged this for ${level.minutes} minutes.\nAcknowledge: npx peregrine alert ack ${id} --stack ${dependencies.environment}`;
  let failed = false;
  try {
    await notifications.publish(level.topicArn, subject, body);
  } catch (error) {
    failed = true;
    log(`${level.topicArn} did not take ${id}: ${(error as Error).message}`);
    // Another way to people; where that fails as well, the next level is told all the same.
    await notifications.publish(policy.fallbackArn, subject, body).catch((second: Error) => log(second.message));
  }
  await book.change((state) => ({ state: noteStep(state, id, step, failed), result: undefined }));
  await wait(id, step + 1, nowMs, dependencies);
  return `${id}: told ${level.topicArn}, ${reasons.join("; ")}`;
}

/** Has a step's time come as a message. */
async function wait(id: string, step: number, nowMs: number, dependencies: Dependencies): Promise<void> {
  const { book, environment, policy, queues } = dependencies;
  const escalation = (await book.read()).open[id];
  const due = escalation && stepOf(policy, escalation, step);
  if (!due) return;
  const seconds = Math.max(0, Math.ceil((due.dueMs - nowMs) / 1000));
  const message = dueMessage.parse({ kind: "due", id, step });
  await queues.sendLater(escalationQueue(environment), JSON.stringify(message), Math.min(seconds, longestDelaySeconds));
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  const { ENVIRONMENT, ARTIFACTS_BUCKET, POLICY } = readVariables("escalate", process.env);
  const session = functionSession();
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  return escalate(event, {
    environment: ENVIRONMENT,
    policy: escalationPolicy.parse(JSON.parse(POLICY)),
    book: new EscalationBook(new ObjectStore(session), ARTIFACTS_BUCKET, log),
    notifications: new Notifications(session),
    queues: new Queues(session),
    metrics: new Metrics(session),
    log,
  });
}
