import type { Call } from "../../../call";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import { launching } from "./rollouts/plan";
import { validationException } from "../../../errors";
import { date, listed } from "../listing";
import type { Tags } from "../tags";
import { checkTraffic, withDesired, type Capacity } from "./capacity";
import type { EndpointConfigs } from "./configs";
import type { Deployments } from "./deployments";
import {
  allVariants,
  deploy,
  describeEndpoint,
  instancesOf,
  type Deployed,
  type Endpoint,
  type EndpointStatus,
} from "./endpoint";
import { checkDeployment } from "./guardrails";
import { checkInstances, fleetOf, moreThan } from "./instance-limits";
import type { Models } from "./models";
import type { EndpointRecords } from "./records";
import { checkScaled, deregisterScaled } from "./scaled";
import { checkUnwatched } from "./watched";
import { hostingChecks } from "../../../checks/hosting";

/** The API of endpoints: what is asked, checked and recorded; the work itself is done by `Deployments`. */
export class Endpoints {
  constructor(
    private readonly cloud: Cloud,
    private readonly records: EndpointRecords,
    private readonly deployments: Deployments,
    private readonly configs: EndpointConfigs,
    private readonly models: Models,
    private readonly tags: Tags,
  ) {}

  operations() {
    return {
      CreateEndpoint: (input: Members, call: Call) => this.create(input, call),
      DescribeEndpoint: (input: Members) => describeEndpoint(this.records.get(input.EndpointName)),
      ListEndpoints: (input: Members) => this.list(input),
      UpdateEndpoint: (input: Members) => this.update(input),
      UpdateEndpointWeightsAndCapacities: (input: Members) =>
        this.updateCapacities(input.EndpointName, input.DesiredWeightsAndCapacities),
      DeleteEndpoint: (input: Members, call: Call) => this.delete(input.EndpointName, call),
    };
  }

  private create(input: Members, call: Call): Members {
    const name = input.EndpointName as string;
    const arn = this.records.arn(name);
    if (this.records.endpoints.has(name))
      throw validationException(`Cannot create already existing endpoint "${arn}".`);
    const deployed = deploy(this.configs.get(input.EndpointConfigName), this.models);
    checkDeployment(input.DeploymentConfig, deployed);
    checkInstances(this.cloud, this.records, fleetOf(deployed, undefined));
    const now = call.now.getTime();
    this.tags.put(arn, input.Tags);
    this.records.add({
      name,
      arn,
      status: "Creating",
      createdMs: now,
      modifiedMs: now,
      pending: { deployed, startMs: now, stage: launching(instancesOf(allVariants(deployed))), stageStartMs: now },
      ...(input.DeploymentConfig ? { lastDeployment: input.DeploymentConfig } : {}),
    });
    this.deployments.deploy(name);
    return { EndpointArn: arn };
  }

  private update(input: Members): Members {
    const endpoint = this.steady(input.EndpointName, "InService", "UpdateRollbackFailed");
    const config = this.configs.get(input.EndpointConfigName);
    const excluded = ((input.ExcludeRetainedVariantProperties ?? []) as Members[]).map((property) =>
      String(property.VariantPropertyType),
    );
    const deployed = deploy(
      config,
      this.models,
      input.RetainAllVariantProperties ? endpoint.live : undefined,
      excluded,
    );
    const deployment = (input.DeploymentConfig ??
      (input.RetainDeploymentConfig ? endpoint.lastDeployment : undefined)) as Members | undefined;
    checkDeployment(deployment, deployed, endpoint.live);
    checkTraffic(deployed);
    const serverless = ({ variants }: Deployed): boolean => variants.some((variant) => variant.serverless);
    if (serverless(deployed) && endpoint.live && !serverless(endpoint.live))
      throw hostingChecks.toServerless(endpoint.arn);
    checkScaled(this.cloud, endpoint, deployed);
    checkInstances(this.cloud, this.records, fleetOf(deployed, deployment));
    const now = this.cloud.clock.nowMs();
    this.records.change(endpoint.name, "Updating", {
      pending: {
        deployed,
        startMs: now,
        ...(deployment ? { deployment } : {}),
        stage: launching(instancesOf(allVariants(deployed))),
        stageStartMs: now,
      },
      failureReason: undefined,
    });
    this.deployments.deploy(endpoint.name);
    return { EndpointArn: endpoint.arn };
  }

  /** UpdateEndpointWeightsAndCapacities, also what Application Auto Scaling does. */
  updateCapacities(name: string, wanted: readonly Capacity[]): Members {
    const endpoint = this.steady(name, "InService");
    const live = withDesired(endpoint.live!, wanted, this.configs.arn(endpoint.live!.configName));
    checkInstances(this.cloud, this.records, moreThan(endpoint.live!, live));
    this.records.change(name, "Updating", { live });
    this.deployments.rescale(name);
    return { EndpointArn: endpoint.arn };
  }

  private async delete(name: string, call: Call): Promise<Members> {
    const endpoint = this.records.get(name);
    if (!["InService", "Failed", "UpdateRollbackFailed"].includes(endpoint.status))
      throw hostingChecks.steady(endpoint.arn);
    checkUnwatched(this.cloud, name);
    await deregisterScaled(this.cloud, name, call);
    this.records.change(name, "Deleting", {});
    this.deployments.delete(name);
    return {};
  }

  private list(input: Members): Members {
    const { items, next } = listed(this.records.endpoints.values(), input);
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

  /** An endpoint that may be changed now, which it may in these states. */
  private steady(name: string, ...states: EndpointStatus[]): Endpoint {
    const endpoint = this.records.get(name);
    if (endpoint.status === "Failed") {
      // DescribeEndpoint: "DeleteEndpoint is the only operation that can be performed on a failed endpoint."
      throw hostingChecks.notFailed(endpoint.arn);
    }
    if (endpoint.status === "UpdateRollbackFailed" && !states.includes(endpoint.status)) {
      throw hostingChecks.rolledBack(endpoint.arn);
    }
    if (!states.includes(endpoint.status)) throw hostingChecks.steady(endpoint.arn);
    return endpoint;
  }
}
