import { z } from "zod";
import { atATime } from "../aws/at-a-time";
import { publicKeyOf, signMessage } from "../aws/kms";
import { ObjectStore } from "../aws/s3";
import { functionSession } from "../aws/session";
import { Queues } from "../aws/sqs";
import { ParameterStore } from "../aws/ssm";
import { logPrefix, withoutSlash } from "../contract/places";
import { isTrailFile, objectCreated, type TrailRecord } from "../contract/trail";
import { readVariables } from "../contract/variables";
import { type CallBooks, recordCalls } from "../records/calls";
import { TransparencyLog } from "../records/log/log";
import { LogKey } from "../records/log/note";
import { BucketCopy } from "../records/log/locked";
import { NeighbourWitness } from "../records/log/outside";
import { LogWitness } from "../records/log/witness";
import { People } from "../records/people";
import { readTrailFile } from "../records/trail";
import type { BatchAnswer } from "./deploy-candidate";

/** What Lambda hands on of a queue. */
const eventShape = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
type Message = z.infer<typeof eventShape>["Records"][number];

/** What the handler depends on. */
export interface Dependencies extends CallBooks {
  readonly files: Pick<ObjectStore, "get">;
  readonly log: (line: string) => void;
}

/**
 * Adds an entry to the log for each call that changed something, or tried to, from the trail's own log files: those
 * have every call of the account, whoever made it. Files come twice and in any order, and so do events in them; each is
 * told by its id, once.
 * @returns the messages that were not handled; the queue hands them out again, and gives them up to the dead letters.
 */
export async function recordChanges(event: unknown, dependencies: Dependencies): Promise<BatchAnswer> {
  const { log } = dependencies;
  const failures: { itemIdentifier: string }[] = [];
  const fail = ({ messageId }: Message, error: unknown): void => {
    failures.push({ itemIdentifier: messageId });
    log(`message ${messageId}: ${(error as Error).message}`);
  };
  const read = await atATime(eventShape.parse(event).Records, async (message) => {
    try {
      return { message, found: await recordsOf(message, dependencies) };
    } catch (error) {
      fail(message, error);
      return undefined;
    }
  });
  const whole = read.filter((one) => one !== undefined);
  try {
    const calls = await recordCalls(
      whole.flatMap(({ found }) => found),
      dependencies,
    );
    log(`${whole.length} files, ${calls} calls that change something`);
  } catch (error) {
    for (const { message } of whole) fail(message, error);
  }
  return { batchItemFailures: failures };
}

async function recordsOf({ body }: Message, { files, log }: Dependencies): Promise<TrailRecord[]> {
  const { bucket, object } = objectCreated.parse(JSON.parse(body)).detail;
  if (!isTrailFile(object.key)) {
    log(`${object.key} is no log file`);
    return [];
  }
  return readTrailFile(files, { bucket: bucket.name, key: object.key });
}

/** Made once for each environment of the function; the log remembers files that never change. */
let made: Promise<Dependencies> | undefined;

async function dependencies(): Promise<Dependencies> {
  const {
    ENVIRONMENT,
    ARTIFACTS_BUCKET: bucket,
    AUDIT_BUCKET,
    LOG_KEY,
    LOG_HEAD,
  } = readVariables("record-changes", process.env);
  const session = functionSession();
  const store = new ObjectStore(session);
  const parameters = new ParameterStore(session);
  return {
    files: store,
    records: new TransparencyLog({
      store,
      bucket,
      prefix: logPrefix,
      key: new LogKey(`${bucket}/${withoutSlash(logPrefix)}`, await publicKeyOf(session, LOG_KEY)),
      sign: (text) => signMessage(session, LOG_KEY, text),
      witness: new LogWitness(parameters, ENVIRONMENT, LOG_HEAD),
      outside: new NeighbourWitness(parameters, new Queues(session), ENVIRONMENT),
      locked: new BucketCopy(store, AUDIT_BUCKET, logPrefix),
    }),
    people: await People.open(store, bucket),
    log: (line) => void process.stdout.write(`${line}\n`),
  };
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  made ??= dependencies();
  // What failed once is tried again with the next call.
  made.catch(() => (made = undefined));
  return recordChanges(event, await made);
}
