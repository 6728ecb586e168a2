import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Principal } from "../../iam/principal";
import type { Table } from "../../journal";
import type { Environments, Invocation } from "./environments";
import type { FunctionRecord, FunctionStore } from "./functions";

/** An event that waits for an asynchronous invocation; in the journal until it was handled or given up. */
interface QueuedEvent {
  readonly id: string;
  readonly functionName: string;
  readonly qualifier?: string;
  readonly payload: unknown;
  readonly attempts: number;
  readonly firstMs: number;
  readonly nextMs: number;
}

/** Lambda's defaults: two retries, one and two minutes later, within six hours. */
const DEFAULT_RETRIES = 2;
const RETRY_WAITS_MS = [60_000, 120_000];
const DEFAULT_AGE_SECONDS = 21_600;

/**
 * Asynchronous invocations (`InvocationType: Event`): queued, retried in cloud time, then sent to the dead-letter queue
 * or destination.
 */
export class AsynchronousQueue {
  private readonly queue: Table<QueuedEvent>;
  private readonly waiters = new Set<() => void>();
  private shutdown = new AbortController();
  private running = true;

  constructor(
    private readonly cloud: Cloud,
    private readonly store: FunctionStore,
    private readonly environments: Environments,
  ) {
    this.queue = cloud.journal.table<QueuedEvent>("lambda/queue");
  }

  /** Takes up what was queued when the local cloud ended. */
  start(): void {
    this.shutdown = new AbortController();
    this.running = true;
    for (const event of [...this.queue.values()]) void this.handle(event);
  }

  stop(): void {
    this.running = false;
    this.shutdown.abort(new Error("the local cloud stops"));
  }

  accept(id: string, functionName: string, qualifier: string | undefined, payload: unknown): void {
    const now = this.cloud.clock.nowMs();
    const event: QueuedEvent = { id, functionName, qualifier, payload, attempts: 0, firstMs: now, nextMs: now };
    this.queue.put(id, event);
    if (this.running) setImmediate(() => void this.handle(event));
  }

  /** Resolves when nothing is queued any more. */
  settled(): Promise<void> {
    return this.queue.size === 0 ? Promise.resolve() : new Promise((resolve) => this.waiters.add(resolve));
  }

  private async handle(first: QueuedEvent): Promise<void> {
    const { signal } = this.shutdown;
    let event = first;
    for (;;) {
      try {
        const wait = event.nextMs - this.cloud.clock.nowMs();
        if (wait > 0) await this.cloud.clock.sleep(wait, signal);
      } catch {
        return;
      }
      const record = this.find(event);
      if (!record) return this.done(event);
      const invocation = await this.environments
        .invoke(record, event.payload, event.id)
        .catch((error: unknown) => failed(event, error));
      if (signal.aborted) return;
      const config = this.store.invokeConfigs.get(event.functionName);
      if (invocation.ok) {
        if (config?.onSuccess) await this.notify(record, config.onSuccess, event, invocation, "Success");
        return this.done(event);
      }
      const attempts = event.attempts + 1;
      const now = this.cloud.clock.nowMs();
      const waitMs = RETRY_WAITS_MS[Math.min(attempts, RETRY_WAITS_MS.length) - 1]!;
      const late = now + waitMs - event.firstMs > 1000 * (config?.maximumEventAgeInSeconds ?? DEFAULT_AGE_SECONDS);
      if (attempts > (config?.maximumRetryAttempts ?? DEFAULT_RETRIES) || late) {
        const target = config?.onFailure ?? record.deadLetterArn;
        if (target)
          await this.notify(record, target, event, invocation, late ? "EventAgeExceeded" : "RetriesExhausted");
        return this.done(event);
      }
      event = { ...event, attempts, nextMs: now + waitMs };
      this.queue.put(event.id, event);
    }
  }

  private find(event: QueuedEvent): FunctionRecord | undefined {
    try {
      return this.store.get(event.functionName, event.qualifier);
    } catch {
      return undefined;
    }
  }

  private done(event: QueuedEvent): void {
    this.queue.delete(event.id);
    if (this.queue.size > 0) return;
    for (const wake of this.waiters) wake();
    this.waiters.clear();
  }

  /**
   * Sends an invocation record to a destination, or the bare event to the dead-letter queue, with the function's own
   * role.
   */
  private async notify(
    record: FunctionRecord,
    arn: string,
    event: QueuedEvent,
    invocation: Invocation,
    condition: string,
  ): Promise<void> {
    const destination = arn !== record.deadLetterArn;
    const body = JSON.stringify(
      destination ? invocationRecord(this.cloud, record, event, invocation, condition) : event.payload,
    );
    const [, , service, region, account, name] = arn.split(":");
    try {
      const role: Principal = this.cloud.internals.assume(record.roleArn, "lambda.amazonaws.com", record.name);
      const send = (operation: string, input: Members): Promise<Members> =>
        this.cloud.as(role, service!, operation, input, "lambda.amazonaws.com");
      if (service === "sqs")
        await send("SendMessage", {
          QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
          MessageBody: body,
        });
      else if (service === "sns") await send("Publish", { TopicArn: arn, Message: body });
      else if (service === "lambda")
        await send("Invoke", { FunctionName: arn, InvocationType: "Event", Payload: Buffer.from(body) });
      else if (service === "events")
        await send("PutEvents", {
          Entries: [
            {
              Source: "lambda",
              DetailType: `Lambda Function Invocation Result - ${condition === "Success" ? "Success" : "Failure"}`,
              Detail: body,
              EventBusName: arn,
            },
          ],
        });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.cloud.internals.measure([
        {
          namespace: "AWS/Lambda",
          name: destination ? "DestinationDeliveryFailures" : "DeadLetterErrors",
          dimensions: { FunctionName: record.name },
          value: 1,
          unit: "Count",
        },
      ]);
    }
  }
}

function failed(event: QueuedEvent, error: unknown): Invocation {
  const message = error instanceof Error ? error.message : String(error);
  return {
    ok: false,
    result: JSON.stringify({ errorType: "Runtime.InvocationError", errorMessage: message }),
    durationMs: 0,
    maxMemoryMb: 0,
    requestId: event.id,
    logs: [],
  };
}

function invocationRecord(
  cloud: Cloud,
  record: FunctionRecord,
  event: QueuedEvent,
  invocation: Invocation,
  condition: string,
): Members {
  return {
    version: "1.0",
    timestamp: cloud.clock.now().toISOString(),
    requestContext: {
      requestId: event.id,
      functionArn: `${record.arn}:${record.version}`,
      condition,
      approximateInvokeCount: event.attempts + 1,
    },
    requestPayload: event.payload,
    responseContext: {
      statusCode: 200,
      executedVersion: record.version,
      ...(invocation.ok ? {} : { functionError: "Unhandled" }),
    },
    responsePayload: JSON.parse(invocation.result) as unknown,
  };
}
