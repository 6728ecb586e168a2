import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { lockKey } from "../../contract/places";
import { rolloutOutcome } from "../../lifecycle/rollout/outcome";
import type { ObjectStore } from "../../aws/s3";
import { EnvironmentLocked } from "../errors";
import { isAlive } from "../lock-holder";
import { sameRelease } from "./desired-release";
import { desiredRelease } from "../../contract/desired-release";

/** A holder that lives writes this often. Real seconds of the holder: no clock is compared with another's. */
const renewMs = 10_000;
/** A lock that nobody wrote for so long, watched, has lost its holder. */
const watchMs = 35_000;
const pollMs = 1_000;

const operationShape = z.strictObject({
  kind: z.enum(["promote", "rollback", "teardown", "experiment"]),
  /** What shall be live; absent for a teardown, and where an experiment begins or ends. */
  release: desiredRelease.optional(),
  /** What was live when the operation began, and what a failure goes back to; absent when nothing was. */
  previous: desiredRelease.optional(),
  /** `preparing`: nothing was changed yet that has to be put back; `back`: the release has failed, and the previous one is being put back. */
  phase: z.enum(["preparing", "forward", "back"]),
  /** Why it goes back. */
  reasons: z.array(z.string()),
  /** What the policy pack said of the plan that failed; absent before it goes back. */
  policyPack: z.enum(["passed", "blocked", "not-run"]).optional(),
  /** What the comparison with the release before came to, where it speaks against the release. */
  rollout: rolloutOutcome.optional(),
  /** ISO 8601, service time. */
  startedAt: z.string(),
});

const lockShape = z.strictObject({
  schema: z.literal("peregrine.lock/1"),
  holder: z.strictObject({ id: z.string(), arn: z.string(), host: z.string(), pid: z.number().int() }),
  operation: operationShape,
  renewals: z.number().int(),
});

/** What is being done to an environment, with all that is needed to finish it or to take it back. */
export type Operation = Readonly<z.infer<typeof operationShape>>;
type LockDocument = z.infer<typeof lockShape>;

/**
 * One operation at a time changes an environment. The lock is an object that S3 writes only when it is absent or
 * unchanged, and it says what its holder is doing: when the holder is killed, the next one finishes that or takes it
 * back.
 */
export class EnvironmentLock {
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly store: LockStore,
    private readonly bucket: string,
    private document: LockDocument,
    private tag: string,
    /** What the killed holder before was doing. */
    readonly interrupted: Operation | undefined,
  ) {
    this.timer = setInterval(() => void this.write({}).catch(() => undefined), renewMs).unref();
  }

  /**
   * Takes the lock, also from a holder that is dead: a process of this machine that has ended, or one that no longer
   * writes.
   * @param by ARN of the caller.
   * @param onWait told while it is watched whether another machine's holder lives.
   * @throws EnvironmentLocked naming the holder.
   */
  static async take(
    store: LockStore,
    bucket: string,
    environment: string,
    by: string,
    operation: Operation,
    onWait: (what: string) => void = () => undefined,
  ): Promise<EnvironmentLock> {
    const document: LockDocument = {
      schema: "peregrine.lock/1",
      holder: { id: randomUUID(), arn: by, host: hostname(), pid: process.pid },
      operation,
      renewals: 0,
    };
    for (;;) {
      const found = await store.getWithTag({ bucket, key: lockKey });
      if (!found) {
        const written = await put(store, bucket, document, { absent: true });
        if (written) return new EnvironmentLock(store, bucket, document, written, undefined);
        continue;
      }
      const other = parse(found.body, bucket);
      if (!(await isAbandoned(store, bucket, other, found.tag, onWait))) throw lockedBy(environment, other);
      const resumed = { ...document, operation: resume(operation, other.operation) };
      const written = await put(store, bucket, resumed, { tag: found.tag });
      if (written) return new EnvironmentLock(store, bucket, resumed, written, other.operation);
    }
  }

  /** Who holds the lock, and for what, without taking it; undefined when the environment is free. */
  static async peek(
    store: LockStore,
    bucket: string,
  ): Promise<{ holder: LockDocument["holder"]; operation: Operation } | undefined> {
    const found = await store.getWithTag({ bucket, key: lockKey });
    return found && parse(found.body, bucket);
  }

  get operation(): Operation {
    return this.document.operation;
  }

  /**
   * Notes how far the operation is.
   * @throws EnvironmentLocked when the lock was taken over meanwhile: this process was held to be dead.
   */
  async note(change: Partial<Operation>): Promise<void> {
    await this.write(change);
  }

  /** Gives the environment free. */
  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.writing.catch(() => undefined);
    await this.store.delete({ bucket: this.bucket, key: lockKey });
  }

  /** Stops renewing without giving free: the operation is unfinished, and the next one has to know. */
  abandon(): void {
    clearInterval(this.timer);
  }

  /** One write at a time, each on top of the one before. */
  private write(change: Partial<Operation>): Promise<void> {
    const next = this.writing
      .catch(() => undefined)
      .then(async () => {
        const document = {
          ...this.document,
          operation: { ...this.document.operation, ...change },
          renewals: this.document.renewals + 1,
        };
        const written = await put(this.store, this.bucket, document, { tag: this.tag });
        if (!written)
          throw new EnvironmentLocked(
            "Another process took the environment's lock over: it saw no sign of life from this one.",
            "See what it does: npx peregrine doctor --stack ENVIRONMENT",
          );
        this.document = document;
        this.tag = written;
      });
    this.writing = next;
    return next;
  }
}

/** @throws EnvironmentLocked when it is no lock: nobody knows then whether somebody is at work. */
function parse(body: Buffer, bucket: string): LockDocument {
  try {
    return lockShape.parse(JSON.parse(body.toString("utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new EnvironmentLocked(
      `The lock s3://${bucket}/${lockKey} cannot be read: ${why}`,
      "When nobody is at work in the environment, remove it (docs/runbooks/stuck-release.md).",
      { cause: error },
    );
  }
}

export type LockStore = Pick<ObjectStore, "getWithTag" | "putIf" | "delete">;

async function put(
  store: LockStore,
  bucket: string,
  document: LockDocument,
  condition: Parameters<ObjectStore["putIf"]>[2],
): Promise<string | undefined> {
  const written = await store.putIf(
    { bucket, key: lockKey },
    `${JSON.stringify(document, undefined, 1)}\n`,
    condition,
    "application/json",
  );
  return written.outcome === "written" ? written.tag : undefined;
}

/**
 * What is to be done now, with what the killed holder knew: what was live before it began, and whether it was going
 * back already.
 */
function resume(operation: Operation, interrupted: Operation): Operation {
  if (interrupted.phase === "preparing") return operation;
  const { previous } = interrupted;
  const same = operation.release && interrupted.release && sameRelease(operation.release, interrupted.release);
  return same
    ? {
        ...operation,
        previous,
        phase: interrupted.phase,
        reasons: interrupted.reasons,
        policyPack: interrupted.policyPack,
        startedAt: interrupted.startedAt,
      }
    : { ...operation, previous, phase: "forward" };
}

async function isAbandoned(
  store: LockStore,
  bucket: string,
  { holder }: LockDocument,
  tag: string,
  onWait: (what: string) => void,
): Promise<boolean> {
  if (holder.host === hostname()) return !isAlive(holder.pid);
  onWait(`waiting for a sign of life from process ${holder.pid} on ${holder.host}, which holds the environment's lock`);
  for (const deadline = performance.now() + watchMs; performance.now() < deadline;) {
    await delay(pollMs);
    if ((await store.getWithTag({ bucket, key: lockKey }))?.tag !== tag) return false;
  }
  return true;
}

function lockedBy(environment: string, { holder, operation }: LockDocument): EnvironmentLocked {
  const what = operation.release
    ? `${operation.kind} of ${operation.release.modelPackageArn.split("/").slice(1).join("/")}`
    : operation.kind;
  return new EnvironmentLocked(
    `Environment ${environment} is being changed by ${holder.arn} (process ${holder.pid} on ${holder.host}): ${what}, since ${operation.startedAt}.`,
    "Wait for it to end. When that process is dead, run this command again: the lock is taken over then (docs/runbooks/stuck-release.md).",
  );
}
