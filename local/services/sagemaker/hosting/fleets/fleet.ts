import { hostingChecks } from "../../../../checks/hosting";
import { VariantFailed, type ContainerPlan } from "./container-plan";
import { Instance, Unhealthy } from "./instance";
import { ServerlessFleet, type ServerlessPlan } from "./serverless";

export interface InstancesPlan extends ContainerPlan {
  readonly kind: "instances";
  readonly instances: number;
  readonly routing: "RANDOM" | "LEAST_OUTSTANDING_REQUESTS";
  /** Told how many instances there are, from their launch to their end. */
  readonly sized: (instances: number) => void;
}

export type VariantPlan = InstancesPlan | ServerlessPlan;

/** The instances of one variant of one endpoint configuration. */
export class VariantFleet {
  private readonly instances = new Set<Instance>();
  /** Drained or killed: nothing starts here any more, though a change of capacity may still be under way. */
  private over = false;

  /** So many instances take traffic, counted from the oldest. */
  private activated = Infinity;

  constructor(readonly plan: InstancesPlan) {}

  get size(): number {
    return this.instances.size;
  }

  get pids(): { instance: string; pid: number }[] {
    return [...this.instances].flatMap(({ id, pid }) => (pid === undefined ? [] : [{ instance: id, pid }]));
  }

  /** An instance to send a request to; undefined when none is in service. */
  pick(not?: Instance): Instance | undefined {
    const ready = [...this.instances]
      .slice(0, this.activated)
      .filter((instance) => instance.inService && instance !== not);
    if (this.plan.routing === "RANDOM") return ready[Math.floor(Math.random() * ready.length)];
    return ready.sort((a, b) => a.outstanding - b.outstanding)[0];
  }

  /** @throws VariantFailed */
  launch(): Promise<void> {
    return this.scaleTo(this.plan.instances);
  }

  /** Lets so many instances take traffic: the canary of a fleet that is complete already. */
  activate(count: number): void {
    this.activated = count;
  }

  /**
   * Adds or takes away instances. New ones count once they are healthy; old ones finish their requests first. A fleet
   * that was drained or killed stays without any.
   * @throws VariantFailed
   */
  async scaleTo(count: number): Promise<void> {
    if (this.over) return;
    const more = Array.from(
      { length: Math.max(0, count - this.instances.size) },
      () => new Instance(this.plan.start, this.plan.staysUp),
    );
    for (const instance of more) this.instances.add(instance);
    this.plan.sized(this.instances.size);
    const results = await Promise.allSettled(more.map((instance) => instance.launch(this.plan.healthCheckMs)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) {
      for (const instance of more) this.instances.delete(instance);
      await Promise.all(more.map((instance) => instance.stop()));
      this.plan.sized(this.instances.size);
      if (!(failed.reason instanceof Unhealthy)) throw failed.reason;
      throw new VariantFailed(hostingChecks.pingAnswered.words(this.plan.name));
    }
    const fewer = [...this.instances].slice(count);
    for (const instance of fewer) this.instances.delete(instance);
    await Promise.all(fewer.map((instance) => instance.drain()));
    this.plan.sized(this.instances.size);
  }

  /** Kills the containers of all instances in service for which `strikes` says so; they come up again by themselves. */
  crash(strikes: () => boolean): void {
    for (const instance of this.instances) if (instance.inService && strikes()) instance.crash();
  }

  async drain(): Promise<void> {
    this.over = true;
    await Promise.all([...this.instances].map((instance) => instance.drain()));
    this.instances.clear();
    this.plan.sized(0);
  }

  async kill(): Promise<void> {
    this.over = true;
    await Promise.all([...this.instances].map((instance) => instance.kill()));
    this.instances.clear();
    this.plan.sized(0);
  }
}

/** All variants of one endpoint configuration, up and running: the blue or the green side of an update. */
export class Fleet {
  readonly variants: ReadonlyMap<string, VariantFleet | ServerlessFleet>;

  constructor(
    readonly configName: string,
    plans: readonly VariantPlan[],
  ) {
    this.variants = new Map(
      plans.map((plan) => [plan.name, plan.kind === "serverless" ? new ServerlessFleet(plan) : new VariantFleet(plan)]),
    );
  }

  /** Brings all variants up; none stays up when one fails. @throws VariantFailed */
  async launch(): Promise<void> {
    const all = [...this.variants.values()];
    const results = await Promise.allSettled(all.map((variant) => variant.launch()));
    const failed = results.find((result) => result.status === "rejected");
    if (!failed) return;
    await this.drain();
    throw failed.reason;
  }

  /** Lets a part of each variant take traffic. @param capacity instances by variant; all when left out. */
  activate(capacity?: ReadonlyMap<string, number>): void {
    for (const [name, variant] of this.variants) variant.activate(capacity?.get(name) ?? Infinity);
  }

  async drain(): Promise<void> {
    await Promise.all([...this.variants.values()].map((variant) => variant.drain()));
  }

  async kill(): Promise<void> {
    await Promise.all([...this.variants.values()].map((variant) => variant.kill()));
  }
}
