import { z } from "zod";
import { EventBus } from "../aws/eventbridge";
import { ObjectStore } from "../aws/s3";
import { functionSession } from "../aws/session";
import { Queues } from "../aws/sqs";
import { awsSource, detailType, platformSource } from "../contract/events";
import { rungEndpoint } from "../contract/front-door";
import { type AlertDetail, fallBackKey, watchEvent } from "../contract/monitoring";
import { lockKey } from "../contract/places";
import { type ReleaseRequest, requestQueue } from "../contract/release-request";
import { readVariables } from "../contract/variables";
import { decideFallBack } from "../lifecycle/fall-back";
import { Ledger } from "../records/ledger";
import { lastLiveBefore, listReleases, liveRelease } from "../records/release";

/** CloudWatch's event of an alarm that was raised, as far as it is read ("Alarm events and EventBridge"). */
const raised = z.object({
  source: z.literal(awsSource.cloudwatch),
  "detail-type": z.literal(detailType.alarm),
  time: z.iso.datetime(),
  detail: z.object({ alarmName: z.string(), state: z.object({ value: z.literal("ALARM") }) }),
});

/** What the handler depends on. */
export interface Dependencies {
  readonly environment: string;
  readonly bucket: string;
  readonly objects: Pick<ObjectStore, "exists" | "putIf" | "delete" | "getWithTag">;
  readonly queues: Pick<Queues, "send">;
  readonly bus: Pick<EventBus, "put">;
  readonly log: (line: string) => void;
}

/**
 * Asks for the way back to the release before when a critical alarm of the endpoint is raised: once for each live
 * release. The release build does the rest, as if a person had asked.
 * @returns what was done, for the log.
 * @throws Error for an event that is no raised alarm, and when the queue takes no request: Lambda tries again then.
 */
export async function fallBack(event: unknown, dependencies: Dependencies): Promise<string> {
  const parsed = raised.safeParse(event);
  if (!parsed.success) throw new Error(`the event is no raised alarm:\n${z.prettifyError(parsed.error)}`);
  const { environment, bucket, objects, queues, bus, log } = dependencies;
  const { time, detail } = parsed.data;
  const releases = await listReleases(new Ledger(objects, bucket), environment);
  const live = liveRelease(releases);
  const before = live && lastLiveBefore(releases, live.releaseId)?.releaseId;
  const underWay = await objects.exists({ bucket, key: lockKey });
  let { verdict, reasons } = decideFallBack({ live, before, underWay });
  if (verdict === "roll-back") {
    const place = { bucket, key: fallBackKey(live!.releaseId) };
    const claim = JSON.stringify({ alarm: detail.alarmName, at: time, to: before });
    const { outcome } = await objects.putIf(place, claim, { absent: true }, "application/json");
    if (outcome === "conflict") [verdict, reasons] = ["stay", [`${live!.releaseId} is being left already`]];
    else
      try {
        const request: ReleaseRequest = { action: "rollback", to: before };
        await queues.send(requestQueue(environment), JSON.stringify(request));
      } catch (error) {
        await objects.delete(place);
        throw error;
      }
  }
  const done = verdict === "roll-back" ? `a rollback to ${before} is asked for` : "nothing is rolled back";
  const message = `The alarm ${detail.alarmName} is raised; ${done}: ${reasons.join("; ")}.`;
  log(message);
  await bus.put(platformSource("serving"), watchEvent.fellBack, {
    severity: "critical",
    message,
    area: "serving",
    cause: "fall-back",
    endpoint: rungEndpoint(environment, "champion"),
    since: time,
    runbook: "docs/runbooks/rollback.md",
    command: `npx peregrine release list --stack ${environment}`,
  } satisfies AlertDetail);
  return message;
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<string> {
  const { ENVIRONMENT, ARTIFACTS_BUCKET, EVENT_BUS } = readVariables("start-release-before", process.env);
  const session = functionSession();
  return fallBack(event, {
    environment: ENVIRONMENT,
    bucket: ARTIFACTS_BUCKET,
    objects: new ObjectStore(session),
    queues: new Queues(session),
    bus: new EventBus(session, EVENT_BUS),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
