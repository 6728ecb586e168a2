import { setTimeout as delay } from "node:timers/promises";
import { hostingChecks } from "../../../../checks/hosting";
import type { Clock } from "../../../../clock";
import { VariantFailed, type ContainerPlan } from "./container-plan";
import { Instance, INVOCATION_TIMEOUT_MS, Unhealthy } from "./instance";

/** `ServerlessConfig` of a variant. */
export interface ServerlessConfig {
  readonly MemorySizeInMB: number;
  readonly MaxConcurrency: number;
  readonly ProvisionedConcurrency?: number;
}

export interface ServerlessPlan extends ContainerPlan {
  readonly kind: "serverless";
  readonly config: ServerlessConfig;
  readonly clock: Clock;
}

/** As many requests are under way as the variant may have at a time. */
export class ConcurrencyExceeded extends Error {}
/** The container is still coming up. */
export class NotReady extends Error {}

/** A container for one request. */
export interface Lent {
  readonly instance: Instance;
  /** Requests under way, this one included. */
  readonly executing: number;
  /** What bringing it up took, when it was brought up for this request; real time. */
  readonly setupMs?: number;
}

/** A container that nobody uses goes after this time; AWS gives no number, so it is believed. Cloud time. */
const IDLE_MS = 300_000;

/**
 * The containers of a serverless variant. Each handles one request at a time, as Lambda's environments do; one more
 * comes up when all are busy, up to `MaxConcurrency`, and goes when it has been idle. As many as
 * `ProvisionedConcurrency` stay. One whose process ends is gone: the next request brings up another.
 */
export class ServerlessFleet {
  private config: ServerlessConfig;
  private readonly containers = new Map<Instance, NodeJS.Timeout | undefined>();
  private readonly busy = new Set<Instance>();
  private executing = 0;
  /** Drained or killed: nothing starts here any more. */
  private over = false;

  constructor(readonly plan: ServerlessPlan) {
    this.config = plan.config;
  }

  get size(): number {
    return this.containers.size;
  }

  get limits(): ServerlessConfig {
    return this.config;
  }

  get pids(): { instance: string; pid: number }[] {
    return [...this.containers.keys()].flatMap(({ id, pid }) => (pid === undefined ? [] : [{ instance: id, pid }]));
  }

  /** Proves that a container comes up, and has the provisioned ones ready. @throws VariantFailed */
  async launch(): Promise<void> {
    await this.keep(Math.max(1, this.config.ProvisionedConcurrency ?? 0));
  }

  /** Gives the variant other limits. @throws VariantFailed */
  async limit(config: ServerlessConfig): Promise<void> {
    this.config = config;
    await this.keep(config.ProvisionedConcurrency ?? 0);
    for (const container of this.containers.keys()) if (!this.busy.has(container)) this.rest(container);
  }

  /**
   * Lends a container for one request, a new one where all are busy.
   * @throws ConcurrencyExceeded, and NotReady where the new one is not up within a minute; it goes on coming up. Unhealthy
   * where it does not come up at all.
   */
  async lend<Result>(work: (lent: Lent) => Promise<Result>): Promise<Result> {
    if (this.executing >= this.config.MaxConcurrency) throw new ConcurrencyExceeded();
    const executing = ++this.executing;
    let instance: Instance | undefined;
    try {
      const began = performance.now();
      const warm = this.warm();
      instance = warm ?? (await this.coldStart());
      return await work({
        instance,
        executing,
        ...(warm ? {} : { setupMs: performance.now() - began }),
      });
    } finally {
      this.executing--;
      if (instance) this.free(instance);
    }
  }

  /** A fleet that comes and goes by itself has no part that could take traffic first. */
  activate(): void {}

  /** Kills the containers that are up and for which `strikes` says so. */
  crash(strikes: () => boolean): void {
    for (const container of this.containers.keys()) if (container.inService && strikes()) container.crash();
  }

  async drain(): Promise<void> {
    this.over = true;
    await Promise.all([...this.containers.keys()].map((container) => this.end(container, () => container.drain())));
  }

  async kill(): Promise<void> {
    this.over = true;
    await Promise.all([...this.containers.keys()].map((container) => this.end(container, () => container.kill())));
  }

  private async keep(count: number): Promise<void> {
    if (this.over) return;
    const missing = Math.max(0, count - this.containers.size);
    const results = await Promise.allSettled(
      Array.from({ length: missing }, async () => {
        const container = this.create();
        await this.bringUp(container);
        this.rest(container);
      }),
    );
    const failed = results.find((result) => result.status === "rejected");
    if (failed && !(failed.reason instanceof Unhealthy)) throw failed.reason;
    if (failed) throw new VariantFailed(hostingChecks.pingAnswered.words(this.plan.name));
  }

  private warm(): Instance | undefined {
    const found = [...this.containers.keys()].find((one) => one.inService && !this.busy.has(one));
    if (!found) return undefined;
    clearTimeout(this.containers.get(found));
    this.busy.add(found);
    return found;
  }

  /** @throws NotReady, Unhealthy */
  private async coldStart(): Promise<Instance> {
    if (this.over) throw new NotReady();
    const container = this.create();
    this.busy.add(container);
    const coming = this.bringUp(container);
    const timer = new AbortController();
    const late = delay(INVOCATION_TIMEOUT_MS, true, { signal: timer.signal, ref: false }).catch(() => false);
    try {
      if (!(await Promise.race([coming.then(() => false), late]))) return container;
    } finally {
      timer.abort();
    }
    // Up too late for this request, it is ready for the next one.
    coming.then(
      () => this.free(container),
      () => undefined,
    );
    throw new NotReady();
  }

  private create(): Instance {
    const container: Instance = new Instance(this.plan.start, this.plan.staysUp, () => this.forget(container));
    this.containers.set(container, undefined);
    return container;
  }

  /** @throws Unhealthy */
  private async bringUp(container: Instance): Promise<void> {
    try {
      await container.launch(this.plan.healthCheckMs);
    } catch (error) {
      this.forget(container);
      throw error;
    }
  }

  private free(container: Instance): void {
    this.busy.delete(container);
    this.rest(container);
  }

  /** Ends a container that stays idle, unless it is one of the provisioned. */
  private rest(container: Instance): void {
    if (!this.containers.has(container)) return;
    clearTimeout(this.containers.get(container));
    const timer = setTimeout(() => {
      if (this.containers.size > (this.config.ProvisionedConcurrency ?? 0))
        void this.end(container, () => container.stop());
    }, IDLE_MS / this.plan.clock.speed);
    this.containers.set(container, timer.unref());
  }

  private forget(container: Instance): void {
    clearTimeout(this.containers.get(container));
    this.containers.delete(container);
    this.busy.delete(container);
  }

  private async end(container: Instance, work: () => Promise<void>): Promise<void> {
    this.forget(container);
    await work();
  }
}
