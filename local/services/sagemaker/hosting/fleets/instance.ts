import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Container } from "../../../../runner/container";
import { freePort } from "./ports";

/** Runs a serving container that listens on `port`. @param instanceId as in log stream names, `i-0…`. */
export type StartContainer = (instanceId: string, port: number) => Container;

export interface ContainerRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly path: string;
}

export interface ContainerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** The container took longer than SageMaker waits. */
export class InvocationTimeout extends Error {}
/** Nothing answers on the container's port. */
export class InstanceUnreachable extends Error {}
/** The container did not pass `/ping`. */
export class Unhealthy extends Error {}

/** A model has 60 seconds to answer (SageMaker API). Real time: a process does not run faster than it. */
export const INVOCATION_TIMEOUT_MS = 60_000;
/** An attempt at `/ping` may take 2 seconds (developer guide, "Use your own inference code"). */
const PING_TIMEOUT_MS = 2_000;
const PING_EVERY_MS = 100;
/** SIGTERM, 30 seconds later SIGKILL (same page). */
const STOP_GRACE_MS = 30_000;
/** A container that ends this often before its first good `/ping` will not recover. */
const STARTS_BEFORE_GIVING_UP = 3;
const RESTART_DELAY_MS = 1_000;

/** One instance of a variant: a serving container that is restarted when it ends by itself. */
export class Instance {
  readonly id = `i-0${randomBytes(8).toString("hex")}`;
  /** Requests that were sent and not answered yet. */
  outstanding = 0;
  private container: Container | undefined;
  private port = 0;
  private agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private state: "starting" | "healthy" | "restarting" | "stopping" = "starting";
  private idle: (() => void)[] = [];

  /**
   * @param staysUp asked whenever the container has come up; false kills it.
   * @param onEnd called in place of a restart, where a container that ends by itself is not started again.
   */
  constructor(
    private readonly startContainer: StartContainer,
    private readonly staysUp: () => boolean = () => true,
    private readonly onEnd?: () => void,
  ) {}

  private get ending(): boolean {
    return this.state === "stopping";
  }

  get inService(): boolean {
    return this.state === "healthy";
  }

  /** Process id of the container, for its CPU and memory use. */
  get pid(): number | undefined {
    return this.container?.running() ? this.container.pid : undefined;
  }

  /** Starts the container and waits for `/ping`. @throws Unhealthy after `timeoutMs` or when it keeps ending. */
  async launch(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (let start = 1; start <= STARTS_BEFORE_GIVING_UP; start++) {
      if (await this.startOnce(deadline)) return;
      if (this.state === "stopping" || Date.now() >= deadline) break;
    }
    await this.stop();
    throw new Unhealthy("did not pass the ping health check");
  }

  /** Sends a request to the container. @throws InvocationTimeout, InstanceUnreachable */
  send(message: ContainerRequest, timeoutMs = INVOCATION_TIMEOUT_MS): Promise<ContainerAnswer> {
    return this.holding(() => this.exchange("POST", message, timeoutMs));
  }

  /** Counts as a request under way for as long as `work` lasts: the instance is not taken away under it. */
  async holding<Result>(work: () => Promise<Result>): Promise<Result> {
    this.outstanding++;
    try {
      return await work();
    } finally {
      this.outstanding--;
      if (this.outstanding === 0) for (const resolve of this.idle.splice(0)) resolve();
    }
  }

  /** Lets running requests end (a minute at most), then stops the container. */
  async drain(): Promise<void> {
    if (this.outstanding > 0) {
      const timer = new AbortController();
      await Promise.race([
        new Promise<void>((resolve) => this.idle.push(resolve)),
        wait(INVOCATION_TIMEOUT_MS, timer.signal),
      ]);
      timer.abort();
    }
    await this.stop();
  }

  async stop(): Promise<void> {
    this.state = "stopping";
    await this.container?.stop(STOP_GRACE_MS);
    this.agent.destroy();
  }

  async kill(): Promise<void> {
    this.state = "stopping";
    this.container?.kill();
    this.agent.destroy();
    await this.container?.exited;
  }

  /** Kills the container as an operating system would (SIGKILL); the instance starts it again. */
  crash(): void {
    this.container?.kill();
  }

  private async startOnce(deadline: number): Promise<boolean> {
    this.port = await freePort();
    if (this.ending) return false;
    const container = this.startContainer(this.id, this.port);
    this.container = container;
    while (container.running() && !this.ending && Date.now() < deadline) {
      const healthy = await this.ping();
      // It may have been stopped meanwhile: whoever stops it waits for this container, and for none after it.
      if (healthy && !this.ending) {
        this.state = "healthy";
        void container.exited.then(() => this.ended(container));
        if (!this.staysUp()) this.crash();
        return true;
      }
      await wait(PING_EVERY_MS);
    }
    container.kill();
    await container.exited;
    return false;
  }

  /** A container that ends by itself is started again, for as long as the instance is wanted. */
  private async ended(container: Container): Promise<void> {
    if (this.state === "stopping" || container !== this.container) return;
    this.state = this.onEnd ? "stopping" : "restarting";
    this.agent.destroy();
    if (this.onEnd) return this.onEnd();
    this.agent = new Agent({ keepAlive: true, maxSockets: 64 });
    while ((this.state as string) === "restarting") {
      await wait(RESTART_DELAY_MS);
      if ((this.state as string) === "stopping" || (await this.startOnce(Date.now() + INVOCATION_TIMEOUT_MS))) return;
    }
  }

  private async ping(): Promise<boolean> {
    try {
      const answer = await this.exchange("GET", { path: "/ping", headers: {}, body: Buffer.alloc(0) }, PING_TIMEOUT_MS);
      return answer.status === 200;
    } catch {
      return false;
    }
  }

  private async exchange(method: string, message: ContainerRequest, timeoutMs: number): Promise<ContainerAnswer> {
    try {
      return await this.once(method, message, timeoutMs);
    } catch (error) {
      // The server closed a kept connection while the request was on its way: it was not read, so it may be sent again.
      if (!(error instanceof StaleConnection)) throw error;
    }
    try {
      return await this.once(method, message, timeoutMs);
    } catch (error) {
      // Twice in a row the process is gone.
      throw error instanceof StaleConnection ? new InstanceUnreachable("the connection was reset") : error;
    }
  }

  private once(method: string, message: ContainerRequest, timeoutMs: number): Promise<ContainerAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: "127.0.0.1",
          port: this.port,
          method,
          path: message.path,
          agent: this.agent,
          headers: { ...message.headers, "Content-Length": message.body.length },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", (error) => fail(error));
          incoming.on("end", () => {
            clearTimeout(timer);
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) });
          });
        },
      );
      const timer = setTimeout(
        () => outgoing.destroy(new InvocationTimeout(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const fail = (error: Error): void => {
        clearTimeout(timer);
        if (error instanceof InvocationTimeout) reject(error);
        else if (outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === "ECONNRESET")
          reject(new StaleConnection());
        else reject(new InstanceUnreachable(error.message));
      };
      outgoing.on("error", fail);
      outgoing.end(message.body);
    });
  }
}

class StaleConnection extends Error {}

/** Resolves after a time, or at once when the signal says so. */
function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}
