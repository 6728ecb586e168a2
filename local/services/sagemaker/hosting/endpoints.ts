import type { Call, Members } from "../../../cloud";
import { Fleet, VariantFailed } from "../../../engines/fleets/fleet";
import { trafficPlan, type TrafficStep } from "../../../engines/rollouts/plan";
import { rollOut, type RolloutOutcome } from "../../../engines/rollouts/rollout";
import { Router } from "../../../engines/rollouts/router";
import { AwsError, validationException } from "../../../errors";
import type { Table } from "../../../journal";
import { assumeExecutionRole, type Context } from "../context";
import { date, listed } from "../listing";
import { emitStateChange, upperSnake } from "../state-change";
import type { Tags } from "../tags";
import type { EndpointConfigs } from "./configs";
import { deploy, describeEndpoint, weightsOf, type Deployed, type Endpoint, type EndpointStatus, type Variant } from "./endpoint";
import type { Models } from "./models";
import { endpointLogGroup, planVariant } from "./serving";

/** A wanted change of one variant's weight or instance count. */
export interface Capacity {
  readonly VariantName: string;
  readonly DesiredWeight?: number;
  readonly DesiredInstanceCount?: number;
}

/** The cloud goes down: work in progress is left as the journal has it. */
const GOING_DOWN = new Error("the local cloud is going down");

/** Endpoints: their records, the fleets behind them, and every change from one state to the next. */
export class Endpoints {
  readonly endpoints: Table<Endpoint>;
  private readonly routers = new Map<string, Router>();
  /** What each endpoint is doing at the moment. */
  private readonly work = new Map<string, Promise<void>>();
  private down = new AbortController();

  constructor(
    private readonly context: Context,
    private readonly configs: EndpointConfigs,
    private readonly models: Models,
    private readonly tags: Tags,
  ) {
    this.endpoints = context.cloud.journal.table("sagemaker/endpoints");
  }

  operations() {
    return {
      CreateEndpoint: (input: Members, call: Call) => this.create(input, call),
      DescribeEndpoint: (input: Members) => describeEndpoint(this.get(input.EndpointName)),
      ListEndpoints: (input: Members) => this.list(input),
      UpdateEndpoint: (input: Members) => this.update(input),
      UpdateEndpointWeightsAndCapacities: (input: Members) => this.updateCapacities(input.EndpointName, input.DesiredWeightsAndCapacities),
      DeleteEndpoint: (input: Members) => this.delete(input.EndpointName),
    };
  }

  arn(name: string): string {
    return this.context.cloud.arn("sagemaker", `endpoint/${name}`);
  }

  /** @throws AwsError when there is no such endpoint. */
  get(name: string): Endpoint {
    const endpoint = this.endpoints.get(name);
    if (!endpoint) throw validationException(`Could not find endpoint "${this.arn(name)}".`);
    return endpoint;
  }

  /** The router of an endpoint that serves; after a restart it waits until the processes are back. */
  async router(name: string): Promise<Router | undefined> {
    const endpoint = this.endpoints.get(name);
    if (!endpoint?.live || endpoint.status === "Failed" || endpoint.status === "Deleting") return undefined;
    const router = this.routers.get(name);
    if (router?.live) return router;
    // Only a restart leaves a live endpoint without processes; the work under way brings them back.
    await this.work.get(name);
    return this.routers.get(name);
  }

  /** What an endpoint runs under a configuration's name: its live deployment, or the one that is taking over. */
  deployed(name: string, configName: string): Deployed | undefined {
    const endpoint = this.endpoints.get(name);
    return [endpoint?.live, endpoint?.pending?.deployed].find((deployed) => deployed?.configName === configName);
  }

  /** Brings fleets back after a restart and goes on with what was interrupted. */
  resume(): void {
    this.down = new AbortController();
    for (const [name, endpoint] of this.endpoints.entries()) {
      if (endpoint.status === "Failed") continue;
      this.launchWork(name, async () => {
        if (endpoint.status === "Deleting") return this.remove(name);
        if (endpoint.live) await this.restore(name, endpoint.live);
        if (endpoint.pending) await this.deployPending(name);
        else if (endpoint.status === "Updating") await this.scale(name);
      });
    }
  }

  /** Ends all processes; the records stay. */
  async halt(): Promise<void> {
    this.down.abort(GOING_DOWN);
    for (const router of this.routers.values()) {
      router.live?.kill();
      router.next?.kill();
    }
    this.routers.clear();
    await Promise.allSettled(this.work.values());
  }

  /** Waits until no endpoint changes any more (tests, teardown). */
  async settled(): Promise<void> {
    while (this.work.size > 0) await Promise.allSettled(this.work.values());
  }

  /** Process ids of all serving containers, for their CPU and memory use. */
  processes(): { endpoint: string; variant: string; instance: string; pid: number }[] {
    return [...this.routers].flatMap(([endpoint, router]) =>
      [router.live, router.next].flatMap((fleet) =>
        [...(fleet?.variants ?? [])].flatMap(([variant, { pids }]) => pids.map(({ instance, pid }) => ({ endpoint, variant, instance, pid }))),
      ),
    );
  }

  private create(input: Members, call: Call): Members {
    const name = input.EndpointName as string;
    const arn = this.arn(name);
    if (this.endpoints.has(name)) throw validationException(`Cannot create already existing endpoint "${arn}".`);
    const deployed = deploy(this.configs.get(input.EndpointConfigName), this.models);
    const now = call.now.getTime();
    this.tags.put(arn, input.Tags);
    this.endpoints.put(name, {
      name,
      arn,
      status: "Creating",
      createdMs: now,
      modifiedMs: now,
      pending: { deployed, startMs: now, step: { status: "Creating", startMs: now } },
      ...(input.DeploymentConfig ? { lastDeployment: input.DeploymentConfig } : {}),
    });
    this.emit(name);
    this.launchWork(name, () => this.deployPending(name));
    return { EndpointArn: arn };
  }

  private update(input: Members): Members {
    const endpoint = this.steady(input.EndpointName);
    const config = this.configs.get(input.EndpointConfigName);
    const excluded = ((input.ExcludeRetainedVariantProperties ?? []) as Members[]).map((property) => String(property.VariantPropertyType));
    const deployed = deploy(config, this.models, input.RetainAllVariantProperties ? endpoint.live : undefined, excluded);
    const deployment = (input.DeploymentConfig ?? (input.RetainDeploymentConfig ? endpoint.lastDeployment : undefined)) as Members | undefined;
    checkDeployment(deployment, endpoint.live!, deployed);
    const now = this.context.cloud.clock.nowMs();
    this.change(endpoint.name, "Updating", {
      pending: { deployed, startMs: now, ...(deployment ? { deployment } : {}), step: { status: "Creating", startMs: now } },
      failureReason: undefined,
    });
    this.launchWork(endpoint.name, () => this.deployPending(endpoint.name));
    return { EndpointArn: endpoint.arn };
  }

  /** UpdateEndpointWeightsAndCapacities, also what Application Auto Scaling does. */
  updateCapacities(name: string, wanted: readonly Capacity[]): Members {
    const endpoint = this.steady(name);
    const live = endpoint.live!;
    const unknown = wanted.filter((change) => !live.variants.some((variant) => variant.name === change.VariantName));
    if (unknown.length > 0) {
      throw validationException(
        `The variant name(s) "${unknown.map((change) => change.VariantName).join(", ")}" is/are not present within endpoint configuration "${this.configs.arn(live.configName)}".`,
      );
    }
    const variants = live.variants.map((variant) => {
      const change = wanted.find((candidate) => candidate.VariantName === variant.name);
      return {
        ...variant,
        desiredWeight: change?.DesiredWeight ?? variant.desiredWeight,
        desiredInstances: change?.DesiredInstanceCount ?? variant.desiredInstances,
      };
    });
    const none = variants.find((variant) => variant.desiredInstances < 1);
    if (none) throw validationException(`DesiredInstanceCount must be at least 1 for production variant "${none.name}".`);
    this.change(name, "Updating", { live: { ...live, variants } });
    this.launchWork(name, () => this.scale(name));
    return { EndpointArn: endpoint.arn };
  }

  private delete(name: string): Members {
    const endpoint = this.get(name);
    if (endpoint.status !== "InService" && endpoint.status !== "Failed") throw inProgress(endpoint);
    this.change(name, "Deleting", {});
    this.launchWork(name, () => this.remove(name));
    return {};
  }

  private list(input: Members): Members {
    const { items, next } = listed(this.endpoints.values(), input);
    return {
      Endpoints: items.map((row) => ({
        EndpointName: row.name,
        EndpointArn: row.arn,
        CreationTime: date(row.createdMs),
        LastModifiedTime: date(row.modifiedMs),
        EndpointStatus: row.status,
      })),
      NextToken: next,
    };
  }

  /** An endpoint that may be changed now. */
  private steady(name: string): Endpoint {
    const endpoint = this.get(name);
    if (endpoint.status === "Failed") {
      // DescribeEndpoint: "DeleteEndpoint is the only operation that can be performed on a failed endpoint."
      throw validationException(`Cannot update endpoint "${endpoint.arn}" with status Failed. DeleteEndpoint is the only operation that can be performed on a failed endpoint.`);
    }
    if (endpoint.status !== "InService") throw inProgress(endpoint);
    return endpoint;
  }

  private launchWork(name: string, run: () => Promise<void>): void {
    const before = this.work.get(name) ?? Promise.resolve();
    const work = before.then(run).catch((error: unknown) => {
      if (this.down.signal.aborted) return;
      this.fail(name, error instanceof VariantFailed || error instanceof AwsError ? error.message : `Internal error: ${(error as Error).stack}`);
    });
    this.work.set(name, work);
    void work.finally(() => {
      if (this.work.get(name) === work) this.work.delete(name);
    });
  }

  /** First deployment and updates alike: new fleet up, traffic over, old fleet away. */
  private async deployPending(name: string): Promise<void> {
    const { cloud } = this.context;
    const { pending, live } = this.get(name);
    if (!pending) return;
    let outcome: RolloutOutcome;
    let deployed = pending.deployed;
    let green: Fleet | undefined;
    try {
      const planned = await this.plan(name, deployed);
      deployed = planned.deployed;
      green = planned.fleet;
      const instances = deployed.variants.reduce((sum, variant) => sum + variant.desiredInstances, 0);
      outcome = await rollOut({
        router: this.routerOf(name),
        green,
        weights: weightsOf(deployed),
        steps: live ? trafficPlan(pending.deployment, instances) : trafficPlan(undefined, instances),
        clock: cloud.clock,
        signal: this.down.signal,
        alarming: () => (live ? this.alarming(deployed, pending.deployment) : Promise.resolve([])),
        onStep: (step) => this.announce(name, step),
      });
    } catch (error) {
      if (this.down.signal.aborted) return green?.kill();
      if (!live || !(error instanceof VariantFailed || error instanceof AwsError)) throw error;
      this.routerOf(name).revert();
      await green?.drain();
      outcome = { result: "rolled back", reason: error.message };
    }
    if (outcome.result === "completed") {
      this.change(name, "InService", { live: deployed, pending: undefined, ...(pending.deployment ? { lastDeployment: pending.deployment } : {}) });
      return;
    }
    // As on AWS the endpoint is simply InService again, on its old configuration: only EndpointConfigName tells.
    cloud.internals.log(endpointLogGroup(name), "deployment", [`Update to ${deployed.configName} was rolled back: ${outcome.reason}`]);
    this.change(name, "InService", { pending: undefined, ...(pending.deployment ? { lastDeployment: pending.deployment } : {}) });
  }

  private async plan(name: string, deployed: Deployed): Promise<{ deployed: Deployed; fleet: Fleet }> {
    const planned = await Promise.all(deployed.variants.map((variant) => planVariant(this.context, name, variant)));
    const variants = deployed.variants.map((variant, index): Variant => ({ ...variant, modelDigest: planned[index]!.modelDigest }));
    return { deployed: { ...deployed, variants }, fleet: new Fleet(deployed.configName, planned.map(({ plan }) => plan)) };
  }

  private async restore(name: string, live: Deployed): Promise<void> {
    const { fleet } = await this.plan(name, live);
    await fleet.launch();
    if (this.down.signal.aborted) return fleet.kill();
    this.routerOf(name).serve(fleet, weightsOf(live));
  }

  /** Brings instance counts and weights to what is desired. */
  private async scale(name: string): Promise<void> {
    const { live } = this.get(name);
    const router = this.routerOf(name);
    const variants = live!.variants.map((variant) => ({ ...variant, weight: variant.desiredWeight, instances: variant.desiredInstances }));
    const grow = variants.filter((variant) => (router.live?.variants.get(variant.name)?.size ?? 0) < variant.instances);
    try {
      await Promise.all(grow.map((variant) => router.live?.variants.get(variant.name)?.scaleTo(variant.instances)));
    } catch (error) {
      if (!(error instanceof VariantFailed) || this.down.signal.aborted) throw error;
      // RollingBack: an endpoint that cannot reach its new capacity returns to the old one.
      const back = live!.variants.map((variant) => ({ ...variant, desiredWeight: variant.weight, desiredInstances: variant.instances }));
      return this.change(name, "InService", { live: { ...live!, variants: back } });
    }
    router.weigh(new Map(variants.map((variant) => [variant.name, variant.weight])));
    await Promise.all(variants.map((variant) => router.live?.variants.get(variant.name)?.scaleTo(variant.instances)));
    if (!this.down.signal.aborted) this.change(name, "InService", { live: { ...live!, variants } });
  }

  private async remove(name: string): Promise<void> {
    const router = this.routers.get(name);
    this.routers.delete(name);
    await router?.live?.drain();
    const { arn } = this.get(name);
    this.endpoints.delete(name);
    this.tags.drop(arn);
  }

  /** Names of a deployment's alarms that are in ALARM, asked as the endpoint's execution role (`cloudwatch:DescribeAlarms`). */
  private async alarming(deployed: Deployed, deployment: Members | undefined): Promise<string[]> {
    const names = ((deployment?.AutoRollbackConfiguration?.Alarms ?? []) as Members[]).map((alarm) => String(alarm.AlarmName));
    const roleArn = deployed.variants[0]?.container.roleArn;
    if (names.length === 0 || !roleArn) return [];
    const { cloud } = this.context;
    const principal = assumeExecutionRole(cloud, roleArn);
    const answer = await cloud.as(principal, "cloudwatch", "DescribeAlarms", { AlarmNames: names, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }, "sagemaker.amazonaws.com");
    const alarms = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])] as Members[];
    return alarms.filter((alarm) => alarm.StateValue === "ALARM").map((alarm) => String(alarm.AlarmName));
  }

  private announce(name: string, step: TrafficStep): void {
    const endpoint = this.get(name);
    if (!endpoint.pending) return;
    const now = this.context.cloud.clock.nowMs();
    this.endpoints.put(name, { ...endpoint, pending: { ...endpoint.pending, step: { status: step.status, message: step.message, startMs: now } } });
    this.emit(name, "Endpoint Deployment");
  }

  private fail(name: string, reason: string): void {
    const endpoint = this.endpoints.get(name);
    if (!endpoint) return;
    this.routers.get(name)?.live?.kill();
    this.routers.delete(name);
    // The configuration it was to run stays visible in DescribeEndpoint.
    this.change(name, "Failed", { failureReason: reason });
  }

  private routerOf(name: string): Router {
    let router = this.routers.get(name);
    if (!router) this.routers.set(name, (router = new Router()));
    return router;
  }

  private change(name: string, status: EndpointStatus, changes: Partial<Endpoint>): void {
    const before = this.get(name);
    this.endpoints.put(name, { ...before, ...changes, status, modifiedMs: this.context.cloud.clock.nowMs() });
    this.emit(name);
    if (before.pending) this.emit(name, "Endpoint Deployment");
  }

  private emit(name: string, kind = "Endpoint"): void {
    const endpoint = this.get(name);
    const detail = { ...describeEndpoint(endpoint), EndpointStatus: upperSnake(endpoint.status), Tags: this.tags.of(endpoint.arn) ?? {} };
    emitStateChange(this.context.cloud, kind, endpoint.arn, detail);
  }
}

/** The same words for update and delete (notes: confirmed on AWS). */
function inProgress(endpoint: Endpoint): AwsError {
  return validationException(`Cannot update in-progress endpoint "${endpoint.arn}".`);
}

/** @throws AwsError for a deployment that AWS's guardrails exclude. */
function checkDeployment(deployment: Members | undefined, live: Deployed, next: Deployed): void {
  if (!deployment) return;
  if (deployment.RollingUpdatePolicy) throw validationException("The local cloud does not run rolling updates yet: use BlueGreenUpdatePolicy in DeploymentConfig.");
  const type = deployment.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration?.Type ?? "ALL_AT_ONCE";
  const names = (deployed: Deployed): string => deployed.variants.map((variant) => variant.name).sort().join(", ");
  if (type !== "ALL_AT_ONCE" && names(live) !== names(next)) {
    throw validationException(`Traffic shifting of type ${type} needs the same production variants before and after: the endpoint has ${names(live)}, the new configuration ${names(next)}.`);
  }
}
