import { z } from "zod";
import { functionSession } from "../aws/session";
import { ParameterStore } from "../aws/ssm";
import { readVariables } from "../contract/variables";
import { witnessQueue } from "../contract/witness";
import type { JsonParameter } from "../records/json-parameter";
import { judgeOffer, type Offer, offerSchema, type Seen, seenParameter } from "../records/log/outside";
import type { BatchAnswer } from "./deploy-candidate";

/** What Lambda hands on of a queue. */
const eventShape = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      eventSourceARN: z.string(),
      attributes: z.object({ SentTimestamp: z.coerce.number().int().positive() }),
    }),
  ),
});

/** What the handler depends on. */
export interface Dependencies {
  /** The environments whose logs are witnessed here. */
  readonly environments: readonly string[];
  readonly seenOf: (environment: string) => Pick<JsonParameter<Seen>, "read" | "write">;
  readonly log: (line: string) => void;
}

/**
 * Remembers what it is shown of other environments' logs, as far as each goes on from what was shown before. Which
 * environment is meant the queue says, not the message.
 * @returns the messages that contradict what was seen, or say nothing that can be believed: the queue gives them up to
 * the dead letters, which people are told of.
 */
export async function witnessLogs(event: unknown, { environments, seenOf, log }: Dependencies): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const { messageId, body, eventSourceARN, attributes } of eventShape.parse(event).Records) {
    const fail = (why: string): void => {
      failures.push({ itemIdentifier: messageId });
      log(`message ${messageId}: ${why}`);
    };
    const environment = environments.find((name) => eventSourceARN.endsWith(`:${witnessQueue(name)}`));
    if (environment === undefined) {
      fail(`${eventSourceARN} is no queue of a log that is witnessed here`);
      continue;
    }
    const offer = offerIn(body);
    if (typeof offer === "string") {
      fail(`what ${environment} shows is no checkpoint: ${offer}`);
      continue;
    }
    const remembered = seenOf(environment);
    const judged = judgeOffer(await remembered.read(), offer, new Date(attributes.SentTimestamp).toISOString());
    if ("seen" in judged) await remembered.write(judged.seen);
    switch (judged.verdict) {
      case "seen":
        log(`the log of ${environment} went on`);
        break;
      case "passed-over":
        log(`the log of ${environment}: ${judged.why}`);
        break;
      case "fork":
        fail(`the log of ${environment} has two histories: ${judged.why}`);
        break;
      case "refused":
        fail(`what ${environment} shows is not its log, or does not go on from what was seen: ${judged.why}`);
    }
  }
  return { batchItemFailures: failures };
}

function offerIn(body: string): Offer | string {
  try {
    return offerSchema.parse(JSON.parse(body));
  } catch (error) {
    return (error as Error).message;
  }
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  const { WITNESSED } = readVariables("witness-log", process.env);
  const parameters = new ParameterStore(functionSession());
  return witnessLogs(event, {
    environments: WITNESSED.split(","),
    seenOf: (environment) => seenParameter(parameters, environment),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
