import type { Cloud } from "../../../cloud";
import type { Stage } from "./rollouts/plan";
import { validationException } from "../../../errors";
import type { Table } from "../../../journal";
import { emitStateChange, upperSnake } from "../state-change";
import type { Tags } from "../tags";
import { describeEndpoint, type Deployed, type Endpoint, type EndpointStatus } from "./endpoint";

/** The endpoints in the journal, and the events that tell of their changes. */
export class EndpointRecords {
  readonly endpoints: Table<Endpoint>;

  constructor(
    private readonly cloud: Cloud,
    private readonly tags: Tags,
  ) {
    this.endpoints = cloud.journal.table("sagemaker/endpoints");
  }

  arn(name: string): string {
    return this.cloud.arn("sagemaker", `endpoint/${name}`);
  }

  /** @throws AwsError when there is no such endpoint. */
  get(name: string): Endpoint {
    const endpoint = this.endpoints.get(name);
    if (!endpoint) throw validationException(`Could not find endpoint "${this.arn(name)}".`);
    return endpoint;
  }

  /** What an endpoint runs under a configuration's name: its live deployment, or the one that is taking over. */
  deployed(name: string, configName: string): Deployed | undefined {
    const endpoint = this.endpoints.get(name);
    return [endpoint?.live, endpoint?.pending?.deployed].find((deployed) => deployed?.configName === configName);
  }

  add(endpoint: Endpoint): void {
    this.endpoints.put(endpoint.name, endpoint);
    this.emit(endpoint.name);
  }

  /** Puts an endpoint into a state and announces it. */
  change(name: string, status: EndpointStatus, changes: Partial<Endpoint>): void {
    const before = this.get(name);
    this.endpoints.put(name, { ...before, ...changes, status, modifiedMs: this.cloud.clock.nowMs() });
    this.emit(name);
    // Also a change of capacity is a deployment to EventBridge.
    if (before.pending ?? changes.pending ?? (status === "Updating" || before.status === "Updating"))
      this.emit(name, "Endpoint Deployment");
  }

  /** Announces a stage of the deployment under way. */
  announce(name: string, stage: Stage): void {
    const endpoint = this.get(name);
    if (!endpoint.pending) return;
    this.endpoints.put(name, {
      ...endpoint,
      pending: { ...endpoint.pending, stage, stageStartMs: this.cloud.clock.nowMs() },
    });
    this.emit(name, "Endpoint Deployment");
  }

  drop(name: string): void {
    const { arn } = this.get(name);
    this.endpoints.delete(name);
    this.tags.drop(arn);
  }

  private emit(name: string, kind = "Endpoint"): void {
    const endpoint = this.get(name);
    const detail = {
      ...describeEndpoint(endpoint),
      EndpointStatus: upperSnake(endpoint.status),
      Tags: this.tags.of(endpoint.arn) ?? {},
    };
    emitStateChange(this.cloud, kind, endpoint.arn, detail);
  }
}
