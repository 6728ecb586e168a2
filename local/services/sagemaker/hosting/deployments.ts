import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Members } from "../../../members";
import { VariantFailed } from "./fleets/container-plan";
import { Fleet } from "./fleets/fleet";
import { rescale } from "./rescaling";
import { rollOver } from "./rollouts/rolling";
import { rollOut, type RolloutOutcome, type RolloutPoint } from "./rollouts/rollout";
import { Router } from "./rollouts/router";
import { AwsError } from "../../../errors";
import { assumeExecutionRole, type Context } from "../context";
import { allVariants, instancesOf, mapVariants, splitOf, type Deployed, type Pending, type Variant } from "./endpoint";
import type { EndpointRecords } from "./records";
import { crashes, planVariant } from "./serving";

/** The cloud goes down: work in progress is left as the journal has it. */
const GOING_DOWN = new Error("the local cloud is going down");

/** The fleets behind the endpoints, and the work that brings an endpoint from one state to the next. */
export class Deployments {
  private readonly routers = new Map<string, Router>();
  /** Every fleet that has processes, also one that is still coming up and in no router yet. */
  private readonly fleets = new Map<string, Set<Fleet>>();
  /** What each endpoint is doing at the moment. */
  private readonly work = new Map<string, Promise<void>>();
  /** Endpoints whose processes are on their way back after a restart. */
  private readonly restoring = new Map<string, Promise<void>>();
  private down = new AbortController();

  constructor(
    private readonly context: Context,
    private readonly records: EndpointRecords,
  ) {}

  /** The router of an endpoint that serves; after a restart it waits until the processes are back. */
  async router(name: string): Promise<Router | undefined> {
    const endpoint = this.records.endpoints.get(name);
    if (!endpoint?.live || endpoint.status === "Failed" || endpoint.status === "Deleting") return undefined;
    const router = this.routers.get(name);
    if (router?.live) return router;
    // Only a restart leaves a live endpoint without processes, until they are back.
    await this.restoring.get(name);
    return this.routers.get(name);
  }

  /** Brings fleets back after a restart and goes on with what was interrupted. */
  resume(): void {
    this.down = new AbortController();
    // What a killed local cloud left behind.
    rmSync(join(this.context.folder, "endpoints"), { recursive: true, force: true });
    for (const [name, endpoint] of this.records.endpoints.entries()) {
      if (endpoint.status === "Failed") continue;
      if (endpoint.status === "Deleting") {
        this.delete(name);
        continue;
      }
      const { live } = endpoint;
      if (live)
        this.restoring.set(
          name,
          this.launchWork(name, () => this.restore(name, live)).finally(() => this.restoring.delete(name)),
        );
      if (endpoint.pending) this.deploy(name);
      else if (endpoint.status === "Updating") this.rescale(name);
    }
  }

  /** Ends all processes; the records stay. */
  async halt(): Promise<void> {
    this.down.abort(GOING_DOWN);
    this.routers.clear();
    await Promise.all([...this.fleets.values()].flatMap((fleets) => [...fleets].map((fleet) => fleet.kill())));
    this.fleets.clear();
    await Promise.allSettled(this.work.values());
  }

  /** Process ids of all serving containers, and the variants that they run, for their CPU and memory use. */
  processes(): { endpoint: string; instance: string; pid: number; variant: Variant }[] {
    return [...this.routers].flatMap(([endpoint, router]) =>
      [router.live, router.next].flatMap((fleet) =>
        [...(fleet?.variants ?? [])].flatMap(([name, { pids }]) => {
          const variant = this.variant(endpoint, fleet!.configName, name);
          return variant ? pids.map(({ instance, pid }) => ({ endpoint, instance, pid, variant })) : [];
        }),
      ),
    );
  }

  private variant(endpoint: string, configName: string, name: string): Variant | undefined {
    const deployed = this.records.deployed(endpoint, configName);
    return deployed && allVariants(deployed).find((variant) => variant.name === name);
  }

  /** Lets a crash that was just asked for strike what is up already; what comes up later is struck as it does. */
  crash(): void {
    for (const [endpoint, fleets] of this.fleets) {
      for (const fleet of fleets) {
        for (const [variant, instances] of fleet.variants)
          instances.crash(() => crashes(this.context.cloud, { endpoint, variant, config: fleet.configName }, "up"));
      }
    }
  }

  /** Deploys what an endpoint has pending: its first configuration or an update. */
  deploy(name: string): void {
    void this.launchWork(name, () => this.deployPending(name));
  }

  /** Brings an endpoint to the counts and weights that its variants desire. */
  rescale(name: string): void {
    void this.launchWork(name, () => this.scale(name));
  }

  /** Drains an endpoint and forgets it. */
  delete(name: string): void {
    void this.launchWork(name, () => this.remove(name));
  }

  private launchWork(name: string, run: () => Promise<void>): Promise<void> {
    const before = this.work.get(name) ?? Promise.resolve();
    const work = before.then(run).catch((error: unknown) => {
      if (this.down.signal.aborted) return;
      this.fail(
        name,
        error instanceof VariantFailed || error instanceof AwsError
          ? error.message
          : `Internal error: ${this.context.cloud.failures.note(`endpoint ${name}`, error)}`,
      );
    });
    this.work.set(name, work);
    void work.finally(() => {
      if (this.work.get(name) !== work) return;
      this.work.delete(name);
      const router = this.routers.get(name);
      this.fleets.set(name, new Set([router?.live, router?.next].filter((fleet) => fleet !== undefined)));
    });
    return work;
  }

  /** First deployment and updates alike: new fleet up, traffic over, old fleet away. */
  private async deployPending(name: string): Promise<void> {
    const { pending, live, status } = this.records.get(name);
    if (!pending || status === "Failed") return;
    // What an update whose rollback failed left in service beside the old fleet.
    const leftover = this.routers.get(name)?.next;
    const { outcome, deployed } = await this.rollOutPending(name, pending, live);
    if (this.down.signal.aborted) return;
    await leftover?.drain();
    const lastDeployment = pending.deployment ? { lastDeployment: pending.deployment } : {};
    switch (outcome.result) {
      case "completed":
        return this.records.change(name, "InService", { live: deployed, pending: undefined, ...lastDeployment });
      case "rolled back":
        // As on AWS the endpoint is simply InService again, on its old configuration: only EndpointConfigName tells.
        return this.records.change(name, "InService", { pending: undefined, ...lastDeployment });
      case "rollback failed": {
        const left = this.routers.get(name)?.live?.variants;
        return this.records.change(name, "UpdateRollbackFailed", {
          live: mapVariants(live!, (variant) => ({ ...variant, instances: left?.get(variant.name)?.size ?? 0 })),
          pending: undefined,
          ...lastDeployment,
        });
      }
    }
  }

  private async rollOutPending(
    name: string,
    pending: Pending,
    live: Deployed | undefined,
  ): Promise<{ outcome: RolloutOutcome; deployed: Deployed }> {
    let { deployed } = pending;
    let green: Fleet | undefined;
    const policy = pending.deployment?.RollingUpdatePolicy ?? pending.deployment?.BlueGreenUpdatePolicy;
    try {
      const planned = await this.plan(name, deployed);
      deployed = planned.deployed;
      green = planned.fleet;
      const rolls = live !== undefined && pending.deployment?.RollingUpdatePolicy !== undefined;
      const outcome = await (rolls ? rollOver : rollOut)({
        router: this.routerOf(name),
        green,
        split: splitOf(deployed),
        variants: instancesOf(deployed.variants),
        shadow: deployed.shadow && instancesOf([deployed.shadow])[0],
        deployment: live && pending.deployment,
        timeoutSeconds: live && policy?.MaximumExecutionTimeoutInSeconds,
        clock: this.context.cloud.clock,
        signal: this.down.signal,
        alarming: () => (live ? this.alarming(deployed, pending.deployment) : Promise.resolve([])),
        revertsAt: (point) => live !== undefined && this.revertsSilently(name, deployed.configName, point),
        onStage: (stage) => this.records.announce(name, stage),
      });
      return { outcome, deployed };
    } catch (error) {
      if (!this.down.signal.aborted && (!live || !(error instanceof VariantFailed || error instanceof AwsError)))
        throw error;
      if (this.down.signal.aborted) await green?.kill();
      else {
        this.routerOf(name).revert();
        await green?.drain();
      }
      return { outcome: { result: "rolled back", reason: (error as Error).message }, deployed };
    }
  }

  /** Whether a fault on request takes an update back at this point. */
  private revertsSilently(endpoint: string, configName: string, point: RolloutPoint): boolean {
    return (
      this.context.cloud.faults.strike(
        "silent-revert",
        (fault) => fault.endpoint === endpoint && fault.after === point && (fault.config ?? configName) === configName,
      ) !== undefined
    );
  }

  private async plan(name: string, deployed: Deployed): Promise<{ deployed: Deployed; fleet: Fleet }> {
    const planned = await Promise.all(
      allVariants(deployed).map((variant) => planVariant(this.context, name, deployed.configName, variant)),
    );
    const digests = new Map(planned.map(({ plan, modelDigest }) => [plan.name, modelDigest]));
    const fleet = new Fleet(
      deployed.configName,
      planned.map(({ plan }) => plan),
    );
    this.fleets.set(name, new Set([...(this.fleets.get(name) ?? []), fleet]));
    if (this.down.signal.aborted) throw GOING_DOWN;
    return {
      deployed: mapVariants(deployed, (variant) => ({ ...variant, modelDigest: digests.get(variant.name) })),
      fleet,
    };
  }

  private async restore(name: string, live: Deployed): Promise<void> {
    const { fleet } = await this.plan(name, live);
    await fleet.launch();
    if (this.down.signal.aborted) return fleet.kill();
    this.routerOf(name).serve(fleet, splitOf(live));
  }

  /** Brings instance counts and weights to what is desired. */
  private async scale(name: string): Promise<void> {
    const { live, status } = this.records.get(name);
    if (status === "Failed") return;
    const reached = await rescale(this.routerOf(name), live!);
    if (!this.down.signal.aborted) this.records.change(name, "InService", { live: reached });
  }

  private async remove(name: string): Promise<void> {
    const router = this.routers.get(name);
    this.routers.delete(name);
    await Promise.all([router?.live?.drain(), router?.next?.drain()]);
    this.records.drop(name);
  }

  /**
   * Names of a deployment's alarms that are in ALARM, asked as the endpoint's execution role
   * (`cloudwatch:DescribeAlarms`).
   */
  private async alarming(deployed: Deployed, deployment: Members | undefined): Promise<string[]> {
    const names = ((deployment?.AutoRollbackConfiguration?.Alarms ?? []) as Members[]).map((alarm) =>
      String(alarm.AlarmName),
    );
    const roleArn = deployed.variants[0]?.container.roleArn;
    if (names.length === 0 || !roleArn) return [];
    const { cloud } = this.context;
    const principal = assumeExecutionRole(cloud, roleArn);
    const answer = await cloud.as(
      principal,
      "cloudwatch",
      "DescribeAlarms",
      { AlarmNames: names, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
      "sagemaker.amazonaws.com",
    );
    const alarms = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])] as Members[];
    return alarms.filter((alarm) => alarm.StateValue === "ALARM").map((alarm) => String(alarm.AlarmName));
  }

  private fail(name: string, reason: string): void {
    const endpoint = this.records.endpoints.get(name);
    if (!endpoint) return;
    const router = this.routers.get(name);
    void router?.live?.kill();
    void router?.next?.kill();
    this.routers.delete(name);
    // The configuration it was to run stays visible in DescribeEndpoint.
    this.records.change(name, "Failed", { failureReason: reason });
  }

  private routerOf(name: string): Router {
    let router = this.routers.get(name);
    if (!router) this.routers.set(name, (router = new Router()));
    return router;
  }
}
