import { z } from "zod";
import { ObjectStore } from "../aws/s3";
import { functionSession } from "../aws/session";
import { Notifications } from "../aws/sns";
import { alertTargets, type AlertTargets } from "../contract/alert-targets";
import { alarmAction, scheduledTick, toldEvent } from "../contract/events";
import { readVariables } from "../contract/variables";
import { alertMessage, digestMessage } from "../lifecycle/alert-message";
import { alertOfAlarm, alertOfEvent, type Telling } from "../lifecycle/alert-sources";
import { type Alert, claimDigests, confirmDigest, confirmTold, decideAlert, holdBack } from "../lifecycle/alerting";
import { AlertBook } from "../records/alert-book";

/** What the handler depends on. */
export interface Dependencies extends Telling {
  readonly book: Pick<AlertBook, "change">;
  readonly notifications: Pick<Notifications, "publish">;
  readonly log: (line: string) => void;
}

const anything = z.union([alarmAction, scheduledTick, toldEvent]);

/**
 * Tells people what alarms and events have to say: once for each model and cause, at most five messages a team in ten
 * minutes, and the rest in digests. An alert that cannot be sent waits for the next digest.
 * @returns what was done, for the log.
 * @throws Error naming every wrong member of an event that is none of these, or when SNS refuses a digest: then the
 * function's own alarm tells people, past this function.
 */
export async function tell(event: unknown, dependencies: Dependencies): Promise<string> {
  const parsed = anything.safeParse(event);
  if (!parsed.success) throw new Error(`the event is neither an alarm's nor ours:\n${z.prettifyError(parsed.error)}`);
  const found = parsed.data;
  const nowMs = timeOf(found.time);
  const done = await tellAlert(alertIn(found, dependencies), dependencies, nowMs);
  const digests = await tellDigests(dependencies, nowMs);
  const line = [done, ...digests].join("; ");
  dependencies.log(line);
  return line;
}

type Found = z.infer<typeof anything>;

function alertIn(found: Found, telling: Telling): Alert | undefined {
  if ("alarmData" in found) return alertOfAlarm(found, telling);
  return found.source === "aws.events" ? undefined : alertOfEvent(toldEvent.parse(found), telling);
}

async function tellAlert(alert: Alert | undefined, dependencies: Dependencies, nowMs: number): Promise<string> {
  if (!alert) return "no alert";
  const { book, environment, notifications, log } = dependencies;
  // Written before anybody is told: of two functions that have the same alert, one tells it.
  const decision = await book.change((state) => {
    const decided = decideAlert(alert, state, nowMs);
    return { state: decided.state, result: decided };
  });
  const done = `${alert.kind} ${alert.severity} ${alert.subject} ${alert.cause}: ${decision.verdict}, since ${decision.reasons.join("; ")}`;
  if (decision.verdict !== "send") return done;
  const { subject, body } = alertMessage(environment, alert, decision);
  try {
    await notifications.publish(alert.topicArn, subject, body);
  } catch (error) {
    log(`${alert.topicArn} did not take "${subject}": ${(error as Error).message}`);
    await book.change((state) => ({ state: holdBack(alert, state), result: undefined }));
    return `${done}; it could not be sent and waits for the digest`;
  }
  await book.change((state) => ({ state: confirmTold(alert, state), result: undefined }));
  return done;
}

/** Sends every digest that has room. A digest is forgotten only once it is out. */
async function tellDigests({ book, environment, notifications }: Dependencies, nowMs: number): Promise<string[]> {
  const due = await book.change((state) => {
    const { state: claimed, digests } = claimDigests(state, nowMs);
    return { state: claimed, result: digests };
  });
  const done: string[] = [];
  for (const digest of due) {
    const { subject, body } = digestMessage(environment, digest);
    await notifications.publish(digest.topicArn, subject, body);
    await book.change((state) => ({ state: confirmDigest(digest, state, nowMs), result: undefined }));
    done.push(`digest of ${digest.held.length} for ${digest.team}`);
  }
  return done;
}

/** CloudWatch writes zones as `+0000`. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}

/** The routing table. @throws Error naming all that is wrong with it. */
export function readTargets(text: string): AlertTargets {
  const parsed = alertTargets.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`TARGETS is no routing table:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const { ENVIRONMENT, STATE_BUCKET, TARGETS } = readVariables("tell", process.env);
  const session = functionSession();
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  return tell(event, {
    environment: ENVIRONMENT,
    targets: readTargets(TARGETS),
    book: new AlertBook(new ObjectStore(session), STATE_BUCKET, log),
    notifications: new Notifications(session),
    log,
  });
}
