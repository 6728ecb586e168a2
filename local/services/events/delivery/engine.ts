import { setMaxListeners } from "node:events";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import { AwsError } from "../../../errors";
import type { Table } from "../../../journal";

/** One event on its way to one target; it stays in the journal until it has arrived or was given up. */
export interface Delivery {
  readonly id: string;
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly busName: string;
  readonly target: Target;
  /** What the target receives. */
  readonly input: string;
  readonly eventId: string;
  readonly attempts: number;
  readonly firstMs: number;
  readonly nextMs: number;
}

/** A rule's target, as PutTargets takes it. */
export interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly SageMakerPipelineParameters?: {
    readonly PipelineParameterList?: readonly { readonly Name: string; readonly Value: string }[];
  };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
}

/** EventBridge's defaults: 185 retries within 24 hours. */
const DEFAULT_ATTEMPTS = 185;
const DEFAULT_AGE_SECONDS = 86_400;
/** Retries wait twice as long each time, up to this. */
const LONGEST_WAIT_MS = 600_000;

export interface Courier {
  /** Hands a delivery to its target. @throws AwsError when the target refuses. */
  deliver(delivery: Delivery): Promise<void>;
  /** Hands a delivery that was given up to its dead-letter queue. */
  bury(delivery: Delivery, queueArn: string, attributes: Members): Promise<void>;
}

/** What became of a delivery, in the words of EventBridge's metrics. */
export type Outcome = "Invocations" | "FailedInvocations" | "InvocationsSentToDlq" | "InvocationsFailedToBeSentToDlq";

/** Whose deliveries these are: rules' of EventBridge unless told otherwise. */
export interface DeliveryOptions {
  /** Journal table of what is on its way. */
  readonly table: string;
  readonly count: (outcome: Outcome, delivery: Delivery) => void;
}

/**
 * Delivers events with the retries and dead-letter queues of EventBridge. What is wrong with a target for good (it is
 * gone, or permission is missing) is not retried; everything else is, in cloud time.
 */
export class DeliveryEngine {
  private readonly pending: Table<Delivery>;
  private readonly waiters = new Set<() => void>();
  private shutdown = new AbortController();
  private running = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly courier: Courier,
    private readonly options: DeliveryOptions = {
      table: "events/deliveries",
      count: (outcome, delivery) => countForRule(cloud, outcome, delivery),
    },
  ) {
    this.pending = cloud.journal.table<Delivery>(options.table);
  }

  /** Takes up what was on its way when the local cloud ended. */
  start(): void {
    this.shutdown = new AbortController();
    // Each delivery that waits listens to it.
    setMaxListeners(0, this.shutdown.signal);
    this.running = true;
    for (const delivery of [...this.pending.values()]) void this.carry(delivery);
  }

  stop(): void {
    this.running = false;
    this.shutdown.abort(new Error("the local cloud stops"));
  }

  /** Accepts a delivery; from now on it is not lost. */
  accept(delivery: Delivery): void {
    this.pending.put(delivery.id, delivery);
    if (this.running) void this.carry(delivery);
  }

  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void> {
    return this.pending.size === 0 ? Promise.resolve() : new Promise((resolve) => this.waiters.add(resolve));
  }

  private async carry(first: Delivery): Promise<void> {
    let delivery = first;
    const { signal } = this.shutdown;
    for (;;) {
      try {
        const wait = delivery.nextMs - this.cloud.clock.nowMs();
        // Also without a wait, the caller that caused the event gets its answer first.
        await (wait > 0 ? this.cloud.clock.sleep(wait, signal) : new Promise((resolve) => setImmediate(resolve)));
        if (signal.aborted) return;
        await this.courier.deliver(delivery);
        this.options.count("Invocations", delivery);
        return this.done(delivery);
      } catch (error) {
        if (signal.aborted) return;
        const next = await this.again(delivery, error);
        if (next === undefined) return this.done(delivery);
        delivery = next;
        this.pending.put(delivery.id, delivery);
      }
    }
  }

  /** The delivery as it is tried next, or undefined when it was given up (and buried). */
  private async again(delivery: Delivery, error: unknown): Promise<Delivery | undefined> {
    const now = this.cloud.clock.nowMs();
    const attempts = delivery.attempts + 1;
    const policy = delivery.target.RetryPolicy;
    const waitMs = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** delivery.attempts);
    const forGood = error instanceof AwsError && error.status < 500 && !/Throttl|TooManyRequests/.test(error.code);
    const exhausted = forGood
      ? "PermanentFailure"
      : attempts > (policy?.MaximumRetryAttempts ?? DEFAULT_ATTEMPTS)
        ? "MaximumRetryAttempts"
        : now + waitMs - delivery.firstMs > 1000 * (policy?.MaximumEventAgeInSeconds ?? DEFAULT_AGE_SECONDS)
          ? "MaximumEventAgeInSeconds"
          : undefined;
    if (exhausted === undefined) return { ...delivery, attempts, nextMs: now + waitMs };
    this.options.count("FailedInvocations", delivery);
    const queue = delivery.target.DeadLetterConfig?.Arn;
    if (queue !== undefined) await this.bury(delivery, queue, attempts, exhausted, error);
    return undefined;
  }

  private async bury(
    delivery: Delivery,
    queue: string,
    attempts: number,
    exhausted: string,
    error: unknown,
  ): Promise<void> {
    const text = (value: string): Members => ({ DataType: "String", StringValue: value });
    try {
      await this.courier.bury(delivery, queue, {
        RULE_ARN: text(delivery.ruleArn),
        TARGET_ARN: text(delivery.target.Arn),
        ERROR_CODE: text(errorCode(error)),
        ERROR_MESSAGE: text(error instanceof Error ? error.message : String(error)),
        EXHAUSTED_RETRY_CONDITION: text(exhausted),
        RETRY_ATTEMPTS: { DataType: "Number", StringValue: String(attempts - 1) },
      });
      this.options.count("InvocationsSentToDlq", delivery);
    } catch {
      this.options.count("InvocationsFailedToBeSentToDlq", delivery);
    }
  }

  private done(delivery: Delivery): void {
    this.pending.delete(delivery.id);
    if (this.pending.size > 0) return;
    for (const wake of this.waiters) wake();
    this.waiters.clear();
  }
}

function countForRule(cloud: Cloud, name: Outcome, { ruleName, busName }: Delivery): void {
  const dimensions: Record<string, string> =
    busName === "default" ? { RuleName: ruleName } : { RuleName: ruleName, EventBusName: busName };
  cloud.internals.measure([{ namespace: "AWS/Events", name, dimensions, value: 1, unit: "Count" }]);
}

/** EventBridge's own codes in dead letters. */
function errorCode(error: unknown): string {
  if (!(error instanceof AwsError)) return "SDK_CLIENT_ERROR";
  if (/AccessDenied|NotAuthorized/.test(error.code)) return "NO_PERMISSIONS";
  if (/NotFound|NonExistent|NoSuch/.test(error.code)) return "NO_RESOURCE";
  return error.code;
}
