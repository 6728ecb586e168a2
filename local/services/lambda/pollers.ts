import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../../members";
import { listenToQueue } from "../../upstream/queue-arrivals";
import { AwsError } from "../../errors";
import type { Principal } from "../../iam/principal";
import type { Environments } from "./environments";
import type { FunctionStore } from "./functions";
import { type MappingRecord, type MappingStore, queueUrl } from "./mappings";

const HOST = "lambda.amazonaws.com";
/**
 * A queue that nobody told about (a message that became visible again, or came by a topic) is looked at this often,
 * real time.
 */
const LOOK_MS = 3_000;
/** What SQS hands out and deletes at once. */
const SQS_BATCH = 10;

/**
 * Polls the queues of event source mappings as their functions' roles: messages go to the function in batches, those it
 * handled are deleted, the others become visible again and, after the queue's `maxReceiveCount`, go to its dead-letter
 * queue. One batch of a mapping at a time.
 */
export class Pollers {
  private readonly running = new Map<string, AbortController>();
  private open = false;

  constructor(
    private readonly store: MappingStore,
    private readonly functions: FunctionStore,
    private readonly environments: Environments,
  ) {}

  start(): void {
    this.open = true;
    for (const { uuid } of this.store.mappings.values()) this.follow(uuid);
  }

  stop(): void {
    this.open = false;
    for (const controller of this.running.values()) controller.abort();
    this.running.clear();
  }

  /** Polls, or stops polling, as the mapping's record says now. */
  follow(uuid: string): void {
    const wanted = this.open && this.store.mappings.get(uuid)?.enabled === true;
    const running = this.running.get(uuid);
    if (!wanted) {
      running?.abort();
      this.running.delete(uuid);
    } else if (!running) {
      const controller = new AbortController();
      this.running.set(uuid, controller);
      void this.poll(uuid, controller.signal);
    }
  }

  private async poll(uuid: string, signal: AbortSignal): Promise<void> {
    const arrivals = new Arrivals();
    const name = this.store.mappings.get(uuid)!.queueArn.split(":").at(-1)!;
    const unlisten = listenToQueue(this.store.cloud, name, () => arrivals.note());
    signal.addEventListener("abort", () => arrivals.note());
    while (!signal.aborted) {
      arrivals.forget();
      const mapping = this.store.mappings.get(uuid);
      if (!mapping) break;
      const handled = await this.look(mapping, arrivals, signal).catch((error: unknown) => this.trouble(uuid, error));
      if (handled || signal.aborted) continue;
      await arrivals.awaited((heard) => delay(LOOK_MS, undefined, { ref: false, signal: heard }));
    }
    unlisten();
  }

  /** One look at a queue. @returns whether there was something. */
  private async look(mapping: MappingRecord, arrivals: Arrivals, signal: AbortSignal): Promise<boolean> {
    const record = this.functions.get(mapping.functionName, mapping.qualifier);
    const role = this.store.cloud.internals.assume(record.roleArn, HOST, record.name);
    const messages = await this.gather(mapping, role, arrivals, signal);
    if (messages.length === 0) return false;
    const invocation = await this.environments.invoke(record, {
      Records: messages.map((message) => this.recordOf(mapping, message)),
    });
    const failed = invocation.ok
      ? failedItems(mapping, invocation.result, messages)
      : messages.map(({ MessageId }) => String(MessageId));
    const handled = messages.filter(({ MessageId }) => !failed.includes(String(MessageId)));
    await this.discard(mapping, role, handled);
    this.store.change(mapping.uuid, { lastResult: failed.length > 0 ? "PROBLEM: Function call failed" : "OK" });
    return true;
  }

  /** Messages for one batch: what is there, or what comes within the batching window (cloud time). */
  private async gather(
    mapping: MappingRecord,
    role: Principal,
    arrivals: Arrivals,
    signal: AbortSignal,
  ): Promise<Members[]> {
    const { cloud } = this.store;
    const messages: Members[] = [];
    const receive = async (): Promise<number> => {
      const wanted = Math.min(SQS_BATCH, mapping.batchSize - messages.length);
      const input = {
        QueueUrl: queueUrl(mapping.queueArn),
        MaxNumberOfMessages: wanted,
        AttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      };
      const { Messages: got = [] } = await cloud.as(role, "sqs", "ReceiveMessage", input, HOST);
      messages.push(...(got as Members[]));
      return (got as Members[]).length;
    };
    if ((await receive()) === 0) return messages;
    const until = cloud.clock.nowMs() + mapping.windowSeconds * 1000;
    while (messages.length < mapping.batchSize && cloud.clock.nowMs() < until && !signal.aborted) {
      arrivals.forget();
      if ((await receive()) === 0)
        await arrivals.awaited((heard) => cloud.clock.sleep(until - cloud.clock.nowMs(), heard));
    }
    return messages;
  }

  private async discard(mapping: MappingRecord, role: Principal, messages: readonly Members[]): Promise<void> {
    for (let at = 0; at < messages.length; at += SQS_BATCH) {
      const Entries = messages
        .slice(at, at + SQS_BATCH)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.store.cloud.as(
        role,
        "sqs",
        "DeleteMessageBatch",
        { QueueUrl: queueUrl(mapping.queueArn), Entries },
        HOST,
      );
    }
  }

  private recordOf(mapping: MappingRecord, message: Members): Members {
    const attributes = Object.entries((message["MessageAttributes"] ?? {}) as Record<string, Members>);
    return {
      messageId: message["MessageId"],
      receiptHandle: message["ReceiptHandle"],
      body: message["Body"],
      attributes: message["Attributes"] ?? {},
      messageAttributes: Object.fromEntries(
        attributes.map(([name, { StringValue, BinaryValue, DataType }]) => [
          name,
          {
            stringValue: StringValue,
            binaryValue: BinaryValue === undefined ? undefined : Buffer.from(BinaryValue).toString("base64"),
            dataType: DataType,
          },
        ]),
      ),
      md5OfBody: message["MD5OfBody"],
      eventSource: "aws:sqs",
      eventSourceARN: mapping.queueArn,
      awsRegion: this.store.cloud.region,
    };
  }

  /** AWS refused something: Lambda says so in the mapping and goes on trying. */
  private trouble(uuid: string, error: unknown): boolean {
    if (!(error instanceof AwsError)) this.store.cloud.failures.note(`event source mapping ${uuid}`, error);
    this.store.change(uuid, { lastResult: `PROBLEM: ${(error as Error).message}` });
    return false;
  }
}

/** Messages that a queue told of, so that its poller sleeps until there is something to look at. */
class Arrivals {
  private noted = false;
  private wake: () => void = () => undefined;

  note(): void {
    this.noted = true;
    this.wake();
  }

  /** What is looked at next counts no more. */
  forget(): void {
    this.noted = false;
  }

  /** Sleeps until something arrived, or to the sleep's own end; not at all if something arrived since `forget`. */
  async awaited(sleep: (heard: AbortSignal) => Promise<unknown>): Promise<void> {
    if (this.noted) return;
    const heard = new AbortController();
    this.wake = () => heard.abort();
    await sleep(heard.signal).catch(() => undefined);
    this.wake = () => undefined;
  }
}

/**
 * The messages that the function did not handle. An answer without `batchItemFailures`, or with an empty list, is a
 * success; one that names no message of the batch fails all of it (Lambda developer guide, "Implementing partial batch
 * responses").
 */
function failedItems(mapping: MappingRecord, result: string, messages: readonly Members[]): string[] {
  if (!mapping.reportsItems) return [];
  const all = messages.map(({ MessageId }) => String(MessageId));
  const answer = JSON.parse(result) as { batchItemFailures?: unknown } | null;
  const failures = answer !== null && typeof answer === "object" ? (answer.batchItemFailures ?? []) : [];
  if (!Array.isArray(failures)) return all;
  const named = failures.map((item) => String((item as { itemIdentifier?: unknown } | null)?.itemIdentifier ?? ""));
  return named.every((id) => all.includes(id)) ? named : all;
}
